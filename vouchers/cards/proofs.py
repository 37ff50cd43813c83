"""What must always be true of cards and counters, as queries of the proof that return whatever is not.

Decision 0315.
"""

from money.ledger import proof

# Of a voucher that was reissued or merged since, the hashes are other ones: then its first operation still names it.
VOUCHERS = """
SELECT c.serial, c.state, v.id AS voucher_id FROM stock_card c
  LEFT JOIN voucher v ON v.id = c.voucher_id
 WHERE (c.state = 'activated' AND (v.id IS NULL OR (
          v.token_hash <> c.token_hash AND NOT EXISTS (SELECT 1 FROM voucher_operation o
            WHERE o.voucher_id = v.id AND o.kind = 'renew' AND o.outcome = 'done'))))
    OR (c.voucher_id IS NULL AND EXISTS (SELECT 1 FROM voucher w
          WHERE w.token_hash = c.token_hash OR w.code_hash = c.code_hash))
"""
SALES = """
SELECT coalesce(s.card_id, c.id) AS card_id, c.state, s.id AS sale_id FROM card_sale s
  FULL JOIN (SELECT * FROM stock_card WHERE voucher_id IS NOT NULL) c ON c.id = s.card_id
 WHERE s.id IS NULL OR c.id IS NULL OR s.voucher_id <> c.voucher_id
    OR (s.undone_at IS NULL) <> (c.state = 'activated')
    OR NOT EXISTS (SELECT 1 FROM voucher_operation o WHERE o.voucher_id = s.voucher_id AND o.kind = 'issue'
                      AND o.outcome = 'done' AND o.actor_id = s.counter_id AND o.cents = s.cents)
    OR (s.undone_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM voucher_operation o WHERE o.voucher_id = s.voucher_id
                      AND o.kind = 'withdraw' AND o.outcome = 'done' AND o.cents = s.cents))
"""
CLAIMS = """
WITH sold AS (SELECT counter_id, sum(cents) AS cents FROM card_sale WHERE undone_at IS NULL GROUP BY counter_id),
  paid AS (SELECT counter_id, sum(cents) AS cents FROM counter_payment GROUP BY counter_id),
  books AS (SELECT party, sum(debit_cents - credit_cents) AS cents FROM balance_part
             WHERE account = 'SF' GROUP BY party)
SELECT c.code, c.open_cents, coalesce(s.cents, 0) - coalesce(p.cents, 0) AS unpaid, coalesce(b.cents, 0) AS books
  FROM counter c LEFT JOIN sold s ON s.counter_id = c.id LEFT JOIN paid p ON p.counter_id = c.id
  LEFT JOIN books b ON b.party = c.id
 WHERE c.open_cents <> coalesce(s.cents, 0) - coalesce(p.cents, 0) OR c.open_cents <> coalesce(b.cents, 0)
"""


def plug() -> None:
    """Add them to the proof of the books."""
    proof.add("V-21", "Jede verkaufte Karte hat genau ihren Gutschein, und keine Karte im Bestand hat einen.", VOUCHERS)
    proof.add("V-22", "Jede Karte mit Gutschein hat ihren Verkauf, und jeder Verkauf seine Ausgabe.", SALES)
    proof.add("V-23", "Jede Verkaufsstelle schuldet, was sie verkauft und noch nicht bezahlt hat.", CLAIMS)
