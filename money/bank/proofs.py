"""What must always be true of money that comes and goes by transfer, and how its postings explain themselves."""

from foundation.languages import lazy
from money.bank.confirming import MAX_DAYS_APART
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

# A part of a collective receipt is what its line says, and is taken from the whole once.
PARTS = """
SELECT p.id, p.receipt_id, p.cents, r.cents AS part, d.cents AS stated FROM bank_placement p
  FULL JOIN (SELECT * FROM bank_receipt WHERE parent_id IS NOT NULL) r
    ON r.id = p.journal_id AND r.parent_id = p.receipt_id
  LEFT JOIN bank_line d ON d.id = r.detail_id AND NOT d.moves
 WHERE (p.id IS NULL OR p.place = 'detail')
   AND (p.cents IS DISTINCT FROM r.cents OR d.cents IS DISTINCT FROM r.cents)
"""

# Every credit of a file is one line that moves its account; a line without its receipt, or another's, is found. What a
# person typed may be confirmed by a line of a near day, is then booked once, and is not crossed out as well.
LINES = """
SELECT r.id AS receipt_id, l.id AS line_id, r.cents, l.cents AS stated FROM bank_receipt r
  LEFT JOIN bank_line l ON l.receipt_id = r.id
 WHERE (r.source = 'file' AND r.parent_id IS NULL AND (l.id IS NULL OR NOT l.moves))
    OR l.cents <> r.cents OR l.account_id <> r.account_id
    OR abs(l.booked_on - r.booked_on) > CASE r.source WHEN 'file' THEN 0 ELSE {days} END
    OR l.moves AND r.source = 'person'
UNION ALL
SELECT r.id, l.id, r.cents, p.cents FROM bank_placement p
  JOIN bank_receipt r ON r.id = p.receipt_id
  LEFT JOIN bank_line l ON l.receipt_id = r.id
 WHERE p.place = 'crossed_out' AND (l.id IS NOT NULL OR r.source <> 'person' OR p.cents <> r.cents)
"""

# Each statement begins where the one before ended, and adds up; the first one's opening balance is a line of its own.
BALANCES = """
SELECT s.id AS statement_id, s.opening_cents, s.closing_cents, b.closing_cents AS before, l.cents
  FROM bank_statement s
  LEFT JOIN bank_statement b ON b.id = s.follows
  LEFT JOIN (SELECT statement_id, sum(CASE direction WHEN 'credit' THEN cents ELSE -cents END) AS cents FROM bank_line
              WHERE position > 0 GROUP BY 1) l ON l.statement_id = s.id
 WHERE s.kind IN ('camt.053', 'mt940')
   AND (s.opening_cents + coalesce(l.cents, 0) IS DISTINCT FROM s.closing_cents
        OR s.moves AND s.follows IS NOT NULL AND b.closing_cents IS DISTINCT FROM s.opening_cents)
"""

# What nobody has explained of a debit, and what was sent and not yet debited, stand in the books as such.
DEBITS = """
SELECT w.id, w.cents, k.cents AS in_books
  FROM (SELECT l.id, coalesce(p.cents, 0) - l.cents AS cents, coalesce(p.cents, 0) > l.cents AS too_much
          FROM bank_line l
          LEFT JOIN (SELECT line_id, sum(cents) AS cents FROM bank_placement GROUP BY 1) p ON p.line_id = l.id
         WHERE l.moves AND l.direction = 'debit'
        UNION ALL
        SELECT b.id, CASE WHEN b.done_at IS NULL THEN 0 ELSE b.cents END - coalesce(p.cents, 0),
               coalesce(p.cents, 0) > b.cents FROM bank_return b
          LEFT JOIN (SELECT return_id, sum(cents) AS cents FROM bank_placement GROUP BY 1) p ON p.return_id = b.id) w
  LEFT JOIN (SELECT party, sum(cents) AS cents FROM (
               SELECT credit_party AS party, cents FROM entry WHERE credit_account = 'KZ'
               UNION ALL SELECT debit_party, -cents FROM entry WHERE debit_account = 'KZ') m GROUP BY 1) k
    ON k.party = w.id
 WHERE coalesce(k.cents, 0) <> w.cents OR w.too_much
"""

REFUNDS = """
SELECT r.id AS refund_id, r.state, r.cents, b.cents AS back, b.done_at FROM refund r
  JOIN tender t ON t.id = r.tender_id AND t.method = '{method}'
  LEFT JOIN bank_return b ON b.refund_id = r.id
 WHERE (r.state = 'failed') <> (b.id IS NULL) OR b.cents <> r.cents
    OR r.state NOT IN ('requested', 'succeeded', 'failed')
    OR (r.state = 'succeeded') <> (b.done_at IS NOT NULL)
"""

PAID = """
SELECT p.id AS payment_id, p.state, t.state AS tender, t.cents, coalesce(x.cents, 0) AS placed FROM payment p
  JOIN tender t ON t.payment_id = p.id AND t.method = '{method}'
  LEFT JOIN expected_transfer f ON f.tender_id = t.id
  LEFT JOIN (SELECT payment_id, sum(CASE WHEN undoes IS NULL THEN cents ELSE -cents END) AS cents FROM bank_placement
              WHERE place = 'payment' GROUP BY 1) x ON x.payment_id = p.id
 WHERE f.id IS NULL OR (t.state = 'captured') <> (t.cents = coalesce(x.cents, 0))
    OR coalesce(x.cents, 0) > t.cents OR (p.state = 'failed' AND coalesce(x.cents, 0) <> 0)
"""

# A bank account moves by the bank's lines alone. The exceptions: what an issuer's books held when it moved in from
# another house, where a proof had been made of it, and paid value that two people take off a voucher again.
BY_LINES = """
SELECT e.ledger_id, e.aggregate_id, e.journal_id, e.line_no, e.kind, e.debit_account, e.credit_account
  FROM entry e JOIN posting_rule r ON r.kind = e.kind
 WHERE (e.debit_account IN ('TB', 'OB') OR e.credit_account IN ('TB', 'OB'))
   AND (r.is_posted_by_paper OR r.source = 'voucher_operation')
   AND r.source <> 'bank_posting' AND r.kind NOT IN ({exceptions})
"""
EXCEPTIONS = ("moved_in", "voucher.adjust")


def plug(method: str) -> None:
    """Add them to the proof, and the sentences to the explanations. `method` is the key of payment by transfer."""
    papers.prove("Z-12", "Umsätze, Zuordnungen und Rücküberweisungen sind genau einmal gebucht.", "bank_posting")
    proof.add("Z-13", "Von keinem Eingang ist mehr vergeben, als kam, und sein Rest steht in den Büchern.", PLACED)
    proof.add("Z-14", "Die Teile eines Sammeleingangs sind, was die Bank dazu sagt.", PARTS)
    proof.add("Z-15", "Jede Erstattung einer Überweisung ist offen oder gebucht.", REFUNDS.format(method=method))
    proof.add(
        "Z-16", "Bezahlt ist eine Überweisung genau dann, wenn ihr ganzer Betrag da ist.", PAID.format(method=method)
    )
    proof.add(
        "Z-31", "Jeder Eingang aus einem Auszug ist genau einer seiner Umsätze.", LINES.format(days=MAX_DAYS_APART.days)
    )
    proof.add("Z-32", "Jeder Auszug beginnt, wo der vorige endete, und seine Umsätze ergeben den Endsaldo.", BALANCES)
    proof.add("Z-33", "Ungeklärte Belastungen und Überweisungen unterwegs stehen so in den Büchern.", DEBITS)
    listed = ", ".join(f"'{kind}'" for kind in EXCEPTIONS)
    proof.add("Z-38", "Bankkonten bewegen sich nur durch Umsätze der Bank.", BY_LINES.format(exceptions=listed))
    explaining.add("bank_received", lazy("{amount} auf {debit} eingegangen ({credit_party})"))
    explaining.add("bank_debited", lazy("{amount} von {credit} abgegangen ({debit_party})"))
    explaining.add("bank_placed", lazy("Eingang über {amount} zugeordnet ({credit_party})"))
    explaining.add("bank_unplaced", lazy("Zuordnung über {amount} gelöst, die Zahlung endete vorher ({debit_party})"))
    explaining.add("bank_detail", lazy("{amount} aus einem Sammeleingang ({credit_party})"))
    explaining.add("bank_from_provider", lazy("{amount} zwischen Zahlungsdienst und Bank verrechnet"))
    explaining.add("bank_own_funds", lazy("{amount} eigenes Geld zwischen Treuhandkonto und Betriebskonto"))
    explaining.add("bank_claim", lazy("{amount} von {credit_party} auf dem Treuhandkonto eingegangen und verrechnet"))
    explaining.add("bank_fee", lazy("{amount} Entgelt der Bank"))
    explaining.add("bank_interest", lazy("{amount} Zinsen der Bank"))
    explaining.add("bank_own_transfer", lazy("{amount} zwischen zwei eigenen Konten"))
    explaining.add("bank_reversal", lazy("{amount} von der Bank zurückgebucht ({debit_party})"))
    explaining.add("bank_value", lazy("Eingang über {amount} für Gutscheine, die zwei Personen ausgeben"))
    explaining.add("bank_settled", lazy("{amount} Ausgleich eines anderen Herausgebers eingegangen ({credit_party})"))
    explaining.add("bank_crossed_out", lazy("{amount} gestrichen: von Hand erfasst, nie eingegangen ({debit_party})"))
    explaining.add("bank_taken_back", lazy("{amount} einer Zahlung von der Bank zurückgeholt ({debit_party})"))
    explaining.add("bank_returned", lazy("{amount} an den Absender zurücküberwiesen ({debit_party})"))
    explaining.add("bank_return_sent", lazy("Rücküberweisung über {amount} abgegangen ({debit_party})"))
