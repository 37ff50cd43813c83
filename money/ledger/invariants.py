"""What must always be true of the ledger itself, as queries of the proof (`ledger.md`: I-0, I-1, I-3, I-6, I-8)."""

from money.ledger import changes, cover, papers, proof

NOBODY = "'00000000-0000-0000-0000-000000000000'::uuid"

SHAPE = """
SELECT journal_id, line_no, cents, currency FROM entry
 WHERE cents <= 0 OR currency <> 'EUR'
    OR (debit_account = credit_account AND debit_party IS NOT DISTINCT FROM credit_party)
"""

ACCOUNTS = """
SELECT e.journal_id, e.line_no, e.debit_account, e.credit_account
  FROM entry e LEFT JOIN account d ON d.key = e.debit_account LEFT JOIN account c ON c.key = e.credit_account
 WHERE d.key IS NULL OR c.key IS NULL OR (d.party IS NOT NULL AND e.debit_party IS NULL)
    OR (c.party IS NOT NULL AND e.credit_party IS NULL)
"""

LINES = """
SELECT aggregate_id, journal_id, count(*) AS lines, max(line_no) AS last_line FROM entry
 GROUP BY aggregate_id, journal_id HAVING min(line_no) <> 1 OR max(line_no) <> count(*)
"""

GAPLESS = """
SELECT h.stream, h.last_seal, count(s.seal_no) AS seals, max(s.seal_no) AS highest
  FROM stream_head h LEFT JOIN seal s ON s.stream = h.stream
 GROUP BY h.stream, h.last_seal
HAVING count(s.seal_no) <> h.last_seal OR coalesce(max(s.seal_no), 0) <> h.last_seal
"""

ONCE = """
SELECT aggregate_id, journal_id, sum(lines) AS lines, sum(seals) AS seals, sum(waiting) AS waiting
  FROM (SELECT aggregate_id, journal_id, 1 AS lines, 0 AS seals, 0 AS waiting FROM entry
        UNION ALL SELECT aggregate_id, journal_id, 0, 1, 0 FROM seal
        UNION ALL SELECT aggregate_id, journal_id, 0, 0, 1 FROM outbox) every
 GROUP BY aggregate_id, journal_id
HAVING sum(seals) + sum(waiting) <> 1
    OR (sum(lines) = 0 AND NOT EXISTS (SELECT FROM document_row r
                                        WHERE r.aggregate_id = every.aggregate_id AND r.journal_id = every.journal_id))
"""

# `coalesce` says "sealed" in a way that lets the planner expect as many rows as there are entries.
BALANCES = """
SELECT ledger_id, account, party, programme_id, g.debit, r.debit_cents, g.credit, r.credit_cents
  FROM (SELECT s.stream, m.ledger_id, m.account, m.party, m.programme_id, sum(m.debit) AS debit,
               sum(m.credit) AS credit
          FROM entry e LEFT JOIN seal s ON s.aggregate_id = e.aggregate_id AND s.journal_id = e.journal_id
         CROSS JOIN LATERAL (VALUES
            (e.ledger_id, e.debit_account, coalesce(e.debit_party, {nobody}), coalesce(e.programme_id, {nobody}),
             e.cents, 0::bigint),
            (e.ledger_id, e.credit_account, coalesce(e.credit_party, {nobody}), coalesce(e.programme_id, {nobody}),
             0::bigint, e.cents)) AS m (ledger_id, account, party, programme_id, debit, credit)
         WHERE coalesce(s.stream, -1) >= 0
         GROUP BY 1, 2, 3, 4, 5) g
  FULL JOIN balance_rollup r USING (stream, ledger_id, account, party, programme_id)
 WHERE g.debit IS DISTINCT FROM r.debit_cents OR g.credit IS DISTINCT FROM r.credit_cents
""".replace("{nobody}", NOBODY)

DAYS = """
SELECT booked_on, ledger_id, kind, debit_account, credit_account, g.cents AS cents_of_entries, r.cents
  FROM (SELECT s.stream, e.booked_on, e.ledger_id, coalesce(e.programme_id, {nobody}) AS programme_id,
               coalesce(CASE WHEN e.credit_account = 'KR' THEN e.credit_party END,
                        CASE WHEN e.debit_account = 'KR' THEN e.debit_party END, {nobody}) AS outlet_id,
               e.kind, e.debit_account, e.credit_account, sum(e.cents) AS cents, count(*) AS entries
          FROM entry e LEFT JOIN seal s ON s.aggregate_id = e.aggregate_id AND s.journal_id = e.journal_id
         WHERE coalesce(s.stream, -1) >= 0
         GROUP BY 1, 2, 3, 4, 5, 6, 7, 8) g
  FULL JOIN daily_rollup r
    USING (stream, booked_on, ledger_id, programme_id, outlet_id, kind, debit_account, credit_account)
 WHERE g.cents IS DISTINCT FROM r.cents OR g.entries IS DISTINCT FROM r.entries
""".replace("{nobody}", NOBODY)

# Sums of days and balances say the same, account by account; shops (KR) have theirs in both.
ROLLUPS = """
SELECT ledger_id, account, party, programme_id, d.debit, r.debit_cents, d.credit, r.credit_cents
  FROM (SELECT stream, ledger_id, account, party, programme_id, sum(debit) AS debit, sum(credit) AS credit FROM (
          SELECT stream, ledger_id, debit_account AS account,
                 CASE debit_account WHEN 'KR' THEN outlet_id ELSE {nobody} END AS party,
                 programme_id, cents AS debit, 0 AS credit FROM daily_rollup
          UNION ALL
          SELECT stream, ledger_id, credit_account, CASE credit_account WHEN 'KR' THEN outlet_id ELSE {nobody} END,
                 programme_id, 0, cents FROM daily_rollup) moved GROUP BY 1, 2, 3, 4, 5) d
  FULL JOIN (SELECT stream, ledger_id, account, CASE account WHEN 'KR' THEN party ELSE {nobody} END AS party,
                    programme_id, sum(debit_cents) AS debit_cents, sum(credit_cents) AS credit_cents
               FROM balance_rollup GROUP BY 1, 2, 3, 4, 5) r USING (stream, ledger_id, account, party, programme_id)
 WHERE d.debit IS DISTINCT FROM r.debit_cents OR d.credit IS DISTINCT FROM r.credit_cents
""".replace("{nobody}", NOBODY)

# What changed: the sums of the days that were written to; the balances of parties that were, and all against the days.
FRESH_DAYS = f"""
WITH entry AS (SELECT * FROM public.entry WHERE booked_on = ANY (CAST(:days AS date[]))),
  daily_rollup AS (SELECT * FROM public.daily_rollup WHERE booked_on = ANY (CAST(:days AS date[])))
{DAYS}
"""  # noqa: S608 constants
OF_PARTIES = BALANCES.replace(
    "WHERE coalesce", "WHERE m.party = ANY (CAST(:parties AS uuid[])) AND m.account <> 'KR' AND coalesce"
)
FRESH_BALANCES = f"""
WITH entry AS (
    SELECT * FROM public.entry
     WHERE aggregate_id = ANY (CAST(:parties AS uuid[]))
        OR (debit_party = ANY (CAST(:parties AS uuid[])) AND debit_party <> aggregate_id)
        OR (credit_party = ANY (CAST(:parties AS uuid[])) AND credit_party <> aggregate_id)),
  balance_rollup AS (
    SELECT * FROM public.balance_rollup WHERE party = ANY (CAST(:parties AS uuid[])) AND account <> 'KR')
{OF_PARTIES}
UNION ALL SELECT * FROM ({ROLLUPS.replace("FROM balance_rollup", "FROM public.balance_rollup")}) r
"""  # noqa: S608 constants

# A reversal that was itself reversed (a refund that came back) counts only as far as it still stands.
REVERSALS = """
WITH r AS (SELECT ledger_id, journal_id, reverses, sum(cents) AS cents FROM entry WHERE reverses IS NOT NULL
            GROUP BY 1, 2, 3),
  back AS (SELECT ledger_id, reverses, sum(cents) AS cents FROM r GROUP BY 1, 2),
  net AS (SELECT r.ledger_id, r.reverses, sum(r.cents - coalesce(back.cents, 0)) AS cents
            FROM r LEFT JOIN back ON back.ledger_id = r.ledger_id AND back.reverses = r.journal_id GROUP BY 1, 2)
SELECT net.ledger_id, net.reverses, net.cents AS reversed_cents, o.cents
  FROM net
  LEFT JOIN (SELECT e.ledger_id, e.journal_id, sum(e.cents) AS cents FROM entry e
              WHERE e.journal_id IN (SELECT reverses FROM r) GROUP BY 1, 2) o
    ON o.ledger_id = net.ledger_id AND o.journal_id = net.reverses
 WHERE o.cents IS NULL OR net.cents > o.cents
"""

CLEARING = """
SELECT a.key AS account, m.ledger_id, m.party, sum(m.cents) AS cents, max(m.recorded_at) AS last_moved_at
  FROM account a JOIN (
       SELECT ledger_id, debit_account AS account, debit_party AS party, cents, recorded_at FROM entry
       UNION ALL SELECT ledger_id, credit_account, credit_party, -cents, recorded_at FROM entry) m ON m.account = a.key
 WHERE a.clears GROUP BY a.key, a.clears_days, m.ledger_id, m.party
HAVING sum(m.cents) <> 0 AND max(m.recorded_at) < :present - make_interval(days => a.clears_days)
"""

WAITING = """
SELECT journal_id, topic, created_at FROM outbox WHERE created_at < :present - interval '5 minutes'
 UNION ALL SELECT NULL, table_name, created_at FROM row_queue WHERE created_at < :present - interval '5 minutes'
"""

VOUCHERS = """
SELECT ledger_id, account, party, sum(credit_cents - debit_cents) AS cents FROM balance_part
 WHERE account IN ('VL', 'VB', 'VE', 'VH') GROUP BY ledger_id, account, party
HAVING sum(credit_cents - debit_cents) < 0
"""

CLOSED = """
SELECT e.ledger_id, e.journal_id, e.booked_on, e.recorded_at, c.last_day, c.closed_at
  FROM entry e JOIN period_closing c ON c.ledger_id = e.ledger_id
 WHERE e.booked_on <= c.last_day AND e.recorded_at > c.closed_at
"""


def plug() -> None:
    """Add the queries above to the proof of the books."""
    for table in ("entry", "seal", "outbox"):
        changes.watch(table, "aggregate_id")
    alone = proof.PER_AGGREGATE
    proof.add("L-01", "Jede Buchung hat einen Betrag über null und zwei verschiedene Seiten.", SHAPE, fresh=alone)
    proof.add(
        "L-02", "Jedes Konto gibt es, und wo es nötig ist, steht dabei, wessen Geld es ist.", ACCOUNTS, fresh=alone
    )
    proof.add("L-03", "Die Zeilen jedes Belegs sind lückenlos gezählt.", LINES, fresh=alone)
    proof.add("L-04", "Die Siegel sind lückenlos gezählt.", GAPLESS)
    proof.add(
        "L-05", "Jeder Beleg ist genau einmal besiegelt oder wartet darauf, und keiner ist leer.", ONCE, fresh=alone
    )
    proof.add("L-06", "Die Salden sind die Summe der besiegelten Buchungen.", BALANCES, fresh=FRESH_BALANCES)
    proof.add("L-07", "Die Tagessummen sind die Summe der besiegelten Buchungen.", DAYS, fresh=FRESH_DAYS)
    proof.add("L-08", "Keine Rückbuchung übersteigt, was sie zurückbucht.", REVERSALS)
    proof.add("L-09", "Verrechnungskonten sind rechtzeitig ausgeglichen.", CLEARING)
    proof.add("L-10", "Kein Beleg und keine Zeile wartet länger als fünf Minuten auf sein Siegel.", WAITING)
    proof.add("L-11", "Bei jedem Herausgeber deckt das Geld im Topf, was er schuldet.", cover.UNCOVERED)
    proof.add("L-12", "Kein Gutschein steht unter null.", VOUCHERS)
    proof.add(
        "L-14", "Jede Art von Buchung hat eine Regel, die sagt, worauf sie ruht.", papers.WITHOUT_RULE, fresh=alone
    )
    proof.add("L-15", "In einen abgeschlossenen Monat ist nachträglich nichts gebucht.", CLOSED)
