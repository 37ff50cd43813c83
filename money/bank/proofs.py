"""What must always be true of money that comes and goes by transfer, and how its postings explain themselves."""

from foundation.languages import lazy
from money.ledger import explaining, papers, proof

# What is left of a receipt, and what the books hold for it, are the same: rest and what waits to be sent back.
PLACED = """
SELECT r.id AS receipt_id, r.cents, p.cents AS placed, b.cents AS back, k.cents AS in_books FROM bank_receipt r
  LEFT JOIN (SELECT receipt_id, sum(CASE WHEN undoes IS NULL THEN cents ELSE -cents END) AS cents FROM bank_placement
              GROUP BY 1) p ON p.receipt_id = r.id
  LEFT JOIN (SELECT receipt_id, sum(cents) AS cents, sum(cents) FILTER (WHERE done_at IS NOT NULL) AS sent
               FROM bank_return GROUP BY 1) b ON b.receipt_id = r.id
  LEFT JOIN (SELECT party, sum(cents) AS cents FROM (
               SELECT credit_party AS party, cents FROM entry WHERE credit_account = 'KZ'
               UNION ALL SELECT debit_party, -cents FROM entry WHERE debit_account = 'KZ') m GROUP BY 1) k
    ON k.party = r.id
 WHERE coalesce(p.cents, 0) < 0 OR coalesce(p.cents, 0) + coalesce(b.cents, 0) > r.cents
    OR coalesce(k.cents, 0) <> r.cents - coalesce(p.cents, 0) - coalesce(b.sent, 0)
"""

WHOLE = """
SELECT p.id, p.journal_id, p.cents, r.cents AS received FROM bank_placement p JOIN bank_receipt r ON r.id = p.receipt_id
 WHERE p.journal_id = p.receipt_id AND p.cents <> r.cents
"""

REFUNDS = """
SELECT r.id AS refund_id, r.state, r.cents, b.cents AS back, b.done_at FROM refund r
  JOIN tender t ON t.id = r.tender_id AND t.method = '{method}'
  LEFT JOIN bank_return b ON b.refund_id = r.id
 WHERE b.id IS NULL OR b.cents <> r.cents OR r.state NOT IN ('requested', 'succeeded')
    OR (r.state = 'succeeded') <> (b.done_at IS NOT NULL)
"""

PAID = """
SELECT p.id AS payment_id, p.state, t.state AS tender, t.cents, coalesce(x.cents, 0) AS placed FROM payment p
  JOIN tender t ON t.payment_id = p.id AND t.method = '{method}'
  LEFT JOIN expected_transfer f ON f.tender_id = t.id
  LEFT JOIN (SELECT payment_id, sum(CASE WHEN undoes IS NULL THEN cents ELSE -cents END) AS cents FROM bank_placement
              WHERE payment_id IS NOT NULL GROUP BY 1) x ON x.payment_id = p.id
 WHERE f.id IS NULL OR (t.state = 'captured') <> (t.cents = coalesce(x.cents, 0))
    OR coalesce(x.cents, 0) > t.cents OR (p.state = 'failed' AND coalesce(x.cents, 0) <> 0)
"""


def plug(method: str) -> None:
    """Add them to the proof, and the sentences to the explanations. `method` is the key of payment by transfer."""
    papers.prove("Z-12", "Eingänge, Zuordnungen und Rücküberweisungen sind genau einmal gebucht.", "bank_posting")
    proof.add("Z-13", "Von keinem Eingang ist mehr vergeben, als kam, und sein Rest steht in den Büchern.", PLACED)
    proof.add("Z-14", "Was als Ganzes zugeordnet kam, ist so groß wie der Eingang.", WHOLE)
    proof.add("Z-15", "Jede Erstattung einer Überweisung ist offen oder gebucht.", REFUNDS.format(method=method))
    proof.add(
        "Z-16", "Bezahlt ist eine Überweisung genau dann, wenn ihr ganzer Betrag da ist.", PAID.format(method=method)
    )
    explaining.add("bank_received", lazy("{amount} auf dem Treuhandkonto eingegangen ({credit_party})"))
    explaining.add("bank_placed", lazy("Eingang über {amount} zugeordnet ({credit_party})"))
    explaining.add("bank_unplaced", lazy("Zuordnung über {amount} gelöst, die Zahlung endete vorher ({debit_party})"))
    explaining.add("bank_from_provider", lazy("{amount} vom Zahlungsdienst auf das Treuhandkonto ausgezahlt"))
    explaining.add("bank_own_funds", lazy("{amount} eigenes Geld auf dem Treuhandkonto eingegangen"))
    explaining.add("bank_claim", lazy("{amount} von {credit_party} auf dem Treuhandkonto eingegangen und verrechnet"))
    explaining.add("bank_returned", lazy("{amount} an den Absender zurücküberwiesen ({debit_party})"))
