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
# Every settlement has its transfer, from the debtor's account to the creditor's; what arrived is no more than that, and
# the books of both hold what is still to be sent and to come.
TRANSFERS = """
WITH sent AS (
  SELECT b.settlement_id, b.id, b.cents, b.done_at, f.organisation_id AS debtor, t.organisation_id AS creditor
    FROM bank_return b JOIN bank_account f ON f.id = b.account_id JOIN bank_account t ON t.id = b.payee_id
   WHERE b.settlement_id IS NOT NULL),
  come AS (
  SELECT p.paper_id, sum(CASE WHEN p.undoes IS NULL THEN p.cents ELSE -p.cents END) AS cents,
         min(a.organisation_id::text) AS creditor, max(a.organisation_id::text) AS last
    FROM bank_placement p JOIN bank_receipt r ON r.id = p.receipt_id JOIN bank_account a ON a.id = r.account_id
   WHERE p.place = 'settlement' GROUP BY 1),
  held AS (
  SELECT ledger_id, party, sum(cents) AS cents FROM (
    SELECT ledger_id, credit_party AS party, cents FROM entry WHERE credit_account = 'CL'
    UNION ALL
    SELECT ledger_id, debit_party, -cents FROM entry WHERE debit_account = 'CL') m
   WHERE party IN (SELECT id FROM issuer_settlement) GROUP BY 1, 2)
SELECT s.id, s.cents, sent.cents AS planned, come.cents AS arrived, d.cents AS to_send, c.cents AS to_come
  FROM issuer_settlement s
  FULL JOIN sent ON sent.settlement_id = s.id
  FULL JOIN come ON come.paper_id = coalesce(s.id, sent.settlement_id)
  LEFT JOIN held d ON d.party = s.id AND d.ledger_id = s.debtor_id
  LEFT JOIN held c ON c.party = s.id AND c.ledger_id = s.creditor_id
 WHERE s.id IS NULL OR (sent.cents, sent.debtor, sent.creditor) IS DISTINCT FROM (s.cents, s.debtor_id, s.creditor_id)
    OR come.creditor <> s.creditor_id::text OR come.last <> s.creditor_id::text
    OR coalesce(come.cents, 0) NOT BETWEEN 0 AND s.cents
    OR coalesce(d.cents, 0) <> CASE WHEN sent.done_at IS NULL THEN s.cents ELSE 0 END
    OR coalesce(c.cents, 0) <> coalesce(come.cents, 0) - s.cents
"""
LATE = """
SELECT s.id, s.cents, s.settled_at, b.done_on, coalesce(p.cents, 0) AS arrived FROM issuer_settlement s
  LEFT JOIN bank_return b ON b.settlement_id = s.id
  LEFT JOIN (SELECT paper_id, sum(CASE WHEN undoes IS NULL THEN cents ELSE -cents END) AS cents FROM bank_placement
              WHERE place = 'settlement' GROUP BY 1) p ON p.paper_id = s.id
 WHERE s.settled_at < :present - make_interval(days => (SELECT clears_days FROM account WHERE key = 'KZ'))
   AND (b.done_at IS NULL OR coalesce(p.cents, 0) <> s.cents)
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
    sentence = "Jeder Ausgleich hat eine Überweisung, und was davon unterwegs ist, steht in den Büchern beider."
    proof.add("N-08", sentence, TRANSFERS)
    sentence = "Was zwischen Herausgebern beschlossen ist, ist nach zwei Wochen überwiesen und angekommen."
    proof.add("N-09", sentence, LATE)
