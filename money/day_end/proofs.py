"""What must always be true of closed days: asked of statements and entries anew, not of what was recorded."""

from money.day_end.bank_source import BALANCES
from money.ledger import proof

CLOSED = """
SELECT c.ledger_id, a.account, c.day FROM day_closing c CROSS JOIN (VALUES ('TB'), ('OB')) AS a (account)
"""
SUMS = """
SELECT e.ledger_id, m.account, e.booked_on, sum(m.cents)::bigint AS cents FROM entry e
 CROSS JOIN LATERAL (VALUES (e.debit_account, e.cents), (e.credit_account, -e.cents)) AS m (account, cents)
 WHERE m.account IN ('TB', 'OB') GROUP BY 1, 2, 3
"""
# A line that came after the closing for a day before moves books and bank alike: then only the difference is compared.
# Where that line confirms what was typed with a later day, the bank alone has moved (`late`). While nothing was stated,
# two people have accepted that; what a statement says later of that day is not held to it.
FIGURES = f"""
SELECT b.ledger_id, b.day, b.account, b.ours, f.ours_cents, b.theirs, f.theirs_cents, f.later_cents, f.accepted_cents
  FROM ({BALANCES.format(wanted=CLOSED, sums=SUMS)}) b
  JOIN day_closing c ON c.ledger_id = b.ledger_id AND c.day = b.day
  LEFT JOIN day_figure f
    ON f.ledger_id = b.ledger_id AND f.day = b.day AND f.account = b.account AND f.source = 'bank'
  LEFT JOIN day_difference d ON d.id = f.difference_id
 CROSS JOIN LATERAL (SELECT coalesce(sum(r.cents), 0)::bigint AS cents FROM bank_receipt r
                       JOIN bank_line l ON l.receipt_id = r.id JOIN bank_account a ON a.id = r.account_id
                      WHERE a.organisation_id = b.ledger_id AND r.source = 'person'
                        AND CASE a.purpose WHEN 'trust' THEN 'TB' ELSE 'OB' END = b.account
                        AND r.booked_on > b.day AND l.booked_on <= b.day AND l.recorded_at > c.closed_at) late
 WHERE CASE WHEN f.day IS NULL THEN b.account = 'TB' AND b.ours <> 0
            WHEN d.id IS NOT NULL AND NOT d.is_stated THEN false
            ELSE b.ours - b.theirs + late.cents <> f.later_cents + f.accepted_cents
                 OR f.later_cents > b.later + late.cents
                 OR ((b.ours, b.theirs) <> (f.ours_cents, f.theirs_cents)
                     AND NOT EXISTS (SELECT FROM bank_line l JOIN bank_account a ON a.id = l.account_id
                                      WHERE a.organisation_id = b.ledger_id AND l.booked_on <= b.day
                                        AND l.recorded_at > c.closed_at))
       END
"""  # noqa: S608 constants
ACCEPTED = """
SELECT f.ledger_id, f.day, f.account, f.accepted_cents, d.id AS difference_id FROM day_figure f
  LEFT JOIN day_difference d ON d.id = f.difference_id
 WHERE (f.accepted_cents <> 0 OR f.difference_id IS NOT NULL)
   AND (d.accepted_at IS NULL
        OR (d.ledger_id, d.source, d.account) <> (f.ledger_id, f.source, f.account)
        OR f.day NOT BETWEEN d.from_day AND d.until_day
        OR (d.is_stated AND d.cents <> f.accepted_cents))
"""
IN_ORDER = """
SELECT ledger_id, day, 'a day before it is open' AS why
  FROM (SELECT ledger_id, day, lag(day) OVER (PARTITION BY ledger_id ORDER BY day) AS before FROM day_closing) d
 WHERE before <> day - 1
UNION ALL
SELECT ledger_id, day, 'figures of a day that is not closed' FROM day_figure f
 WHERE NOT EXISTS (SELECT FROM day_closing c WHERE c.ledger_id = f.ledger_id AND c.day = f.day)
UNION ALL
SELECT p.ledger_id, p.last_day, 'a month whose days are open' FROM period_closing p
  JOIN (SELECT ledger_id, min(closed_at) AS first_at FROM day_closing GROUP BY 1) d ON d.ledger_id = p.ledger_id
 WHERE p.closed_at > d.first_at
   AND NOT EXISTS (SELECT FROM day_closing c WHERE c.ledger_id = p.ledger_id AND c.day = p.last_day)
"""


def plug() -> None:
    """Add the three queries to the proof of the books."""
    proof.add("T-01", "An jedem abgeschlossenen Tag stimmen Bank und Bücher noch überein.", FIGURES)
    proof.add("T-02", "Was an einem abgeschlossenen Tag abweicht, haben zwei Personen so angenommen.", ACCEPTED)
    proof.add("T-03", "Tage sind der Reihe nach abgeschlossen, Monate erst nach ihren Tagen.", IN_ORDER)
