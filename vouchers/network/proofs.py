"""What must always be true of networks, as queries that return whatever is not. They join the proof of the books."""

from money.ledger import papers, proof

CHARTER = """
SELECT p.id AS programme_id, c.version FROM programme p
  JOIN LATERAL (SELECT * FROM charter WHERE programme_id = p.id ORDER BY version DESC LIMIT 1) c ON true
 WHERE (p.area, p.max_outlets, p.max_cents, p.month_cents, p.payer_cents,
        (SELECT coalesce(array_agg(t.ags::text ORDER BY t.ags), '{}') FROM programme_town t
          WHERE t.programme_id = p.id))
    IS DISTINCT FROM (c.area, c.max_outlets, c.max_cents, c.month_cents, c.payer_cents, c.towns)
"""
SHOPS = """
SELECT p.id AS programme_id, p.max_outlets, count(DISTINCT a.outlet_id) AS shops FROM programme p
  JOIN acceptance a ON a.programme_id = p.id AND (a.valid_until IS NULL OR a.valid_until > :present)
 GROUP BY p.id, p.max_outlets HAVING count(DISTINCT a.outlet_id) > p.max_outlets
"""
ON_SALE = """
SELECT p.id AS programme_id FROM programme p WHERE p.on_sale AND NOT programme_gate(p.id, p.issuer_id, p.supervision)
"""
LAUNCHED = """
SELECT DISTINCT v.programme_id FROM voucher v JOIN lot l ON l.voucher_id = v.id AND l.kind = 'paid'
  JOIN programme p ON p.id = v.programme_id WHERE p.launched_at IS NULL
"""
MONTHS = """
SELECT s.programme_id, s.month, sum(s.cents) AS cents FROM sale_claim s JOIN programme p ON p.id = s.programme_id
 WHERE s.released_at IS NULL AND (s.lapses_at IS NULL OR s.lapses_at > :present) GROUP BY s.programme_id, s.month
HAVING sum(s.cents) > greatest(max(p.month_cents),
                               (SELECT max(c.month_cents) FROM charter c WHERE c.programme_id = s.programme_id))
"""
OVERLAPS = """
SELECT a.programme_id, a.outlet_id FROM acceptance a JOIN acceptance b
    ON b.programme_id = a.programme_id AND b.outlet_id = a.outlet_id AND b.id <> a.id
   AND b.valid_from >= a.valid_from AND b.valid_from < coalesce(a.valid_until, 'infinity')
   AND coalesce(b.valid_until, 'infinity') > b.valid_from
"""

QUERIES = (
    ("N-01", "Jedes Programm steht da, wie seine Netzvereinbarung es sagt.", CHARTER),
    ("N-02", "Kein Programm hat mehr Geschäfte, als seine Netzvereinbarung zulässt.", SHOPS),
    ("N-03", "Verkauft wird nur, wofür alles Nötige hinterlegt ist.", ON_SALE),
    ("N-04", "Bezahltes Guthaben gibt es nur von Programmen, die dafür freigegeben wurden.", LAUNCHED),
    ("N-05", "In keinem Monat wurde mehr verkauft, als die Netzvereinbarung zulässt.", MONTHS),
    ("N-06", "Ein Geschäft hat mit einem Programm zu jeder Zeit höchstens eine Vereinbarung.", OVERLAPS),
)


def plug() -> None:
    """Add these queries to the proof of the books."""
    for code, sentence, sql in QUERIES:
        proof.add(code, sentence, sql)
    sentence = "Jeder Ausgleich zwischen Herausgebern steht genau einmal in den Büchern beider."
    papers.prove("N-07", sentence, "issuer_settlement_posting")
