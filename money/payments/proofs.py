"""What must always be true of payments, as queries of the proof, and how their postings explain themselves."""

from uuid import UUID

from foundation.database import session
from foundation.languages import lazy
from money.ledger import explaining, proof
from money.payments.models import Payment

TENDERS = """
SELECT p.id, p.cents, t.tenders, t.parts, s.shares FROM payment p
  LEFT JOIN LATERAL (SELECT sum(x.cents) AS tenders, sum(y.parts) AS parts FROM tender x
     LEFT JOIN LATERAL (SELECT sum(cents) AS parts FROM tender_part WHERE tender_id = x.id) y ON true
     WHERE x.payment_id = p.id) t ON true
  LEFT JOIN LATERAL (SELECT sum(cents) AS shares FROM payment_share WHERE payment_id = p.id) s ON true
 WHERE p.cents IS DISTINCT FROM t.tenders OR p.cents IS DISTINCT FROM t.parts OR p.cents IS DISTINCT FROM s.shares
"""

# One document a call in each ledger, of that ledger's part: its id is the call's in the payment's own ledger and
# derived from it in others (`postings.derive_document_id`).
BOOKED = """
WITH moved AS (
  SELECT c.id, c.payment_id, x.share_id, x.cents FROM provider_call c JOIN tender_part x ON x.tender_id = c.subject_id
   WHERE c.state = 'succeeded' AND c.kind IN ('capture', 'collect')
  UNION ALL
  SELECT c.id, c.payment_id, s.id, part.value::bigint FROM provider_call c JOIN refund r ON r.id = c.subject_id
    CROSS JOIN LATERAL jsonb_each_text(r.split) part
    JOIN payment_share s ON s.payment_id = c.payment_id AND s.ref_id = part.key::uuid
   WHERE c.state = 'succeeded' AND c.kind = 'refund'),
 wanted AS (
  SELECT m.id, m.payment_id, p.ledger_id = l.ledger_id AS own, l.ledger_id, sum(m.cents) AS cents
    FROM moved m JOIN payment p ON p.id = m.payment_id JOIN payment_share s ON s.id = m.share_id
    CROSS JOIN LATERAL (SELECT CASE p.rail WHEN 'issuer' THEN s.organisation_id ELSE p.ledger_id END AS ledger_id) l
   GROUP BY m.id, m.payment_id, p.ledger_id, l.ledger_id)
SELECT w.id AS call_id, e.journal_id, w.ledger_id, w.cents, e.cents AS booked
  FROM (SELECT *, CASE WHEN own THEN id ELSE encode(substring(sha256(convert_to(
                  concat(id, '/', ledger_id), 'UTF8')) FOR 16), 'hex')::uuid END AS journal_id FROM wanted) w
  FULL JOIN (SELECT aggregate_id, journal_id, ledger_id, sum(cents) AS cents FROM entry
              WHERE kind IN ('payment_captured', 'payment_collected', 'payment_refunded') GROUP BY 1, 2, 3) e
    ON e.journal_id = w.journal_id AND e.ledger_id = w.ledger_id AND e.aggregate_id = w.payment_id
 WHERE w.id IS NULL OR e.journal_id IS NULL OR w.cents <> e.cents
UNION ALL
SELECT c.id, NULL, NULL, c.cents, sum(w.cents) FROM provider_call c LEFT JOIN wanted w ON w.id = c.id
 WHERE c.state = 'succeeded' AND c.kind IN ('capture', 'collect', 'refund')
 GROUP BY c.id, c.cents HAVING c.cents IS DISTINCT FROM sum(w.cents)
"""

FEES = """
SELECT c.id AS call_id, c.fee_cents, coalesce(e.cents, 0) AS booked
  FROM provider_call c JOIN payment p ON p.id = c.payment_id
  LEFT JOIN (SELECT aggregate_id, sum(cents) AS cents FROM entry WHERE kind = 'provider_fee' GROUP BY aggregate_id) e
    ON e.aggregate_id = p.id
 WHERE p.rail = 'issuer' AND c.kind IN ('capture', 'collect') AND c.state = 'succeeded'
   AND coalesce(c.fee_cents, 0) <> coalesce(e.cents, 0)
"""

CAME_BACK = """
SELECT coalesce(r.payment_id, e.payment_id) AS payment_id, r.cents, e.cents AS booked
  FROM (SELECT c.payment_id, sum(r.cents) AS cents FROM refund r
          JOIN provider_call c ON c.subject_id = r.id AND c.kind = 'refund' AND c.state = 'succeeded'
         WHERE r.state = 'failed' GROUP BY c.payment_id) r
  FULL JOIN (SELECT aggregate_id AS payment_id, sum(cents) AS cents FROM entry
              WHERE kind = 'payment_refund_failed' GROUP BY aggregate_id) e ON e.payment_id = r.payment_id
 WHERE r.cents IS DISTINCT FROM e.cents
"""

UNDECIDED = """
SELECT 'call' AS what, id, kind, state, error_code FROM provider_call
 WHERE (state IN ('sent', 'unknown') AND last_sent_at < :present - interval '1 hour')
    OR (state = 'planned' AND created_at < :present - interval '1 hour')
    OR (state IN ('planned', 'sent', 'unknown', 'pending') AND error_code = 'amount_differs')
UNION ALL
SELECT 'payment', id, kind, state, reason FROM payment
 WHERE (state = 'open' AND expires_at < :present - interval '1 hour')
    OR (state IN ('committing', 'aborting') AND coalesce(decided_at, created_at) < :present - interval '1 hour')
"""

UNREAD = """
SELECT id, type, tries, last_error FROM webhook_event
 WHERE done_at IS NULL AND received_at < :present - interval '15 minutes'
"""

ONE_EXTERNAL = """
SELECT payment_id, count(*) AS external FROM tender WHERE external GROUP BY payment_id HAVING count(*) > 1
"""

DECIDED = """
SELECT t.id, t.payment_id, t.state AS tender, p.state AS payment FROM tender t JOIN payment p ON p.id = t.payment_id
 WHERE NOT t.external
   AND ((t.state = 'captured' AND (p.decided_at IS NULL OR p.state NOT IN ('secured', 'refunded')))
     OR (t.state = 'held' AND p.state IN ('secured', 'failed', 'refunded'))
     OR (t.state = 'released' AND p.state IN ('secured', 'refunded')))
"""

SECURED = """
SELECT p.id, p.state, t.method, t.state AS tender FROM payment p JOIN tender t ON t.payment_id = p.id AND t.external
 WHERE (p.state IN ('secured', 'refunded') AND t.state NOT IN ('captured', 'promised', 'collected')
        AND NOT (t.state = 'released'
                 AND NOT EXISTS (SELECT 1 FROM tender_part x WHERE x.tender_id = t.id AND x.waived_at IS NULL)))
    OR (p.state = 'failed' AND t.state = 'captured' AND t.refunded_cents <> t.cents)
"""

SELLERS_MONEY = """
SELECT e.journal_id, e.debit_account, e.credit_account, e.cents FROM entry e JOIN payment p ON p.id = e.aggregate_id
 WHERE (p.rail = 'seller' AND NOT (e.debit_account IN ('MP', 'MV') AND e.credit_account IN ('MP', 'MV')))
    OR (p.rail = 'issuer' AND (e.debit_account IN ('MP', 'MV') OR e.credit_account IN ('MP', 'MV')))
"""

REFUNDS = """
SELECT t.id, t.refunded_cents, r.cents FROM tender t
  LEFT JOIN (SELECT tender_id, sum(cents) AS cents FROM refund WHERE state <> 'failed' GROUP BY tender_id) r
    ON r.tender_id = t.id
 WHERE t.refunded_cents <> coalesce(r.cents, 0)
"""

CLAIMS = """
SELECT coalesce(m.id, e.journal_id) AS journal_id, m.kind, m.cents, e.cents AS booked
  FROM (SELECT c.id, c.kind, c.cents, l.payment_id AS owner, l.ledger_id AS book
          FROM claim_move c JOIN payment_loss l ON l.id = c.loss_id) m
  FULL JOIN (SELECT * FROM entry
              WHERE kind IN ('claim_raised', 'claim_settled', 'claim_written_off', 'claim_recovered')) e
    ON e.journal_id = m.id AND e.ledger_id = m.book AND e.aggregate_id = m.owner AND e.kind = 'claim_' || m.kind
   AND e.debit_account = CASE m.kind WHEN 'raised' THEN 'SF' WHEN 'written_off' THEN 'FV' ELSE 'KZ' END
   AND e.credit_account = CASE m.kind WHEN 'raised' THEN 'KZ' WHEN 'recovered' THEN 'FV' ELSE 'SF' END
 WHERE m.cents IS DISTINCT FROM e.cents
UNION ALL
SELECT loss_id, 'open', sum(CASE kind WHEN 'raised' THEN cents ELSE -cents END), NULL FROM claim_move
 WHERE kind <> 'recovered' GROUP BY loss_id HAVING sum(CASE kind WHEN 'raised' THEN cents ELSE -cents END) < 0
"""

MISSING = """
SELECT ledger_id, party AS payment_id, sum(cents) AS cents FROM (
  SELECT ledger_id, credit_party AS party, cents FROM entry WHERE credit_account = 'KZ'
  UNION ALL SELECT ledger_id, debit_party, -cents FROM entry WHERE debit_account = 'KZ') moved
 WHERE party IN (SELECT payment_id FROM payment_loss) GROUP BY ledger_id, party HAVING sum(cents) < 0
"""

STEPS = """
SELECT p.id, p.state FROM payment p
 WHERE NOT EXISTS (SELECT 1 FROM payment_event x WHERE x.payment_id = p.id AND x.to_state = p.state)
UNION ALL
SELECT c.id, c.state FROM provider_call c
 WHERE NOT EXISTS (SELECT 1 FROM provider_call_event x WHERE x.call_id = c.id AND x.to_state = c.state)
"""


def plug() -> None:
    """Add them to the proof, and the sentences to the explanations."""
    proof.add("Z-01", "Die Teile jeder Zahlung ergeben zusammen die Zahlung.", TENDERS)
    proof.add("Z-02", "Jeder gelungene Abruf beim Zahlungsdienst ist in jedem Buch genau einmal gebucht.", BOOKED)
    proof.add("Z-03", "Nichts ist länger als eine Stunde unentschieden.", UNDECIDED)
    proof.add("Z-04", "Jede Nachricht des Zahlungsdienstes ist nach 15 Minuten gelesen.", UNREAD)
    proof.add("Z-05", "Jede Zahlung hat höchstens einen Teil außer Haus.", ONE_EXTERNAL)
    proof.add("Z-06", "Gutscheine werden nur mit der Entscheidung eingelöst und sonst freigegeben.", DECIDED)
    proof.add("Z-07", "Gesichert ist nur, wofür das Geld da oder versprochen ist.", SECURED)
    proof.add("Z-08", "Kartengeld der Läden berührt nie unsere Konten.", SELLERS_MONEY)
    proof.add("Z-09", "Erstattet ist, was als Erstattung aufgeschrieben ist.", REFUNDS)
    proof.add("Z-10", "Kein Zustand einer Zahlung oder eines Abrufs ohne das Ereignis, das ihn bewirkt hat.", STEPS)
    proof.add("Z-11", "Die Gebühren des Zahlungsdienstes sind über alle Bücher genau verteilt.", FEES)
    proof.add("Z-17", "Jede Erstattung, die zurückkam, ist zurückgebucht.", CAME_BACK)
    proof.add("Z-18", "Jede Forderung an einen Zahler ist so gebucht, wie sie aufgeschrieben ist.", CLAIMS)
    proof.add("Z-19", "Was zurückgeholt wurde, ist aus Gutscheinen genommen oder vom Zahler gefordert.", MISSING)
    explaining.add("claim_raised", lazy("{amount} vom Zahler zu fordern ({debit_party})"))
    explaining.add("claim_settled", lazy("Forderung über {amount} ausgeglichen ({credit_party})"))
    explaining.add("claim_written_off", lazy("Forderung über {amount} ausgebucht ({credit_party})"))
    explaining.add("claim_recovered", lazy("Ausgebuchte {amount} sind doch gekommen ({debit_party})"))
    explaining.add("payment_captured", lazy("{amount} mit Karte bezahlt ({credit_party})"))
    explaining.add("payment_collected", lazy("{amount} per Lastschrift eingezogen ({credit_party})"))
    explaining.add("payment_refunded", lazy("{amount} an den Käufer erstattet ({debit_party})"))
    explaining.add("payment_refund_failed", lazy("Erstattung über {amount} kam zurück ({credit_party})"))
    explaining.add("provider_fee", lazy("{amount} Gebühr des Zahlungsdienstes"))
    explaining.name_parties("payment", title_of)


def title_of(payment_id: UUID) -> str | None:
    """The title of a payment, as sentences about entries name it."""
    payment = session.get(Payment, payment_id)
    return payment.title if payment else None
