"""What must always be true of payments, as queries of the proof, and how their postings explain themselves."""

from uuid import UUID

from foundation.database import session
from foundation.languages import lazy
from money.ledger import explaining, papers, proof
from money.payments.models import Payment

SOURCE = "payment_posting"
LINE_SOURCE = "provider_line_posting"

TENDERS = """
SELECT p.id, p.cents, t.tenders, t.parts, s.shares FROM payment p
  LEFT JOIN LATERAL (SELECT sum(x.cents) AS tenders, sum(y.parts) AS parts FROM tender x
     LEFT JOIN LATERAL (SELECT sum(cents) AS parts FROM tender_part WHERE tender_id = x.id) y ON true
     WHERE x.payment_id = p.id) t ON true
  LEFT JOIN LATERAL (SELECT sum(cents) AS shares FROM payment_share WHERE payment_id = p.id) s ON true
 WHERE p.cents IS DISTINCT FROM t.tenders OR p.cents IS DISTINCT FROM t.parts OR p.cents IS DISTINCT FROM s.shares
"""

# A call's document is as large as the call: no part of what was moved is missing from the shares.
WHOLE = """
SELECT c.id AS call_id, c.kind, c.cents, sum(m.cents) AS moved FROM provider_call c
  LEFT JOIN payment_movement() m ON m.paper_id = c.id AND m.kind <> 'payment_refund_failed'
 WHERE c.state = 'succeeded' AND c.kind IN ('capture', 'collect', 'refund')
 GROUP BY c.id, c.kind, c.cents HAVING c.cents IS DISTINCT FROM sum(m.cents)
"""

# What others moved without a call of ours, and fees: nothing is missing from their splits.
SPLIT = """
SELECT w.paper_id, w.cents, sum(part.value::bigint) AS split
  FROM (SELECT id AS paper_id, cents, split FROM dispute_move
        UNION ALL SELECT id, abs(fee_cents), fee_split FROM dispute_move
        UNION ALL SELECT id, fee_cents, fee_split FROM provider_call WHERE fee_cents IS NOT NULL) w
  LEFT JOIN LATERAL jsonb_each_text(w.split) part ON true
 GROUP BY w.paper_id, w.cents, w.split HAVING w.cents <> coalesce(sum(part.value::bigint), 0)
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
 WHERE (p.rail = 'seller' AND NOT (e.debit_account IN ('MP', 'MV', 'MF') AND e.credit_account IN ('MP', 'MV', 'MF')))
    OR (p.rail = 'issuer' AND (e.debit_account IN ('MP', 'MV', 'MF') OR e.credit_account IN ('MP', 'MV', 'MF')))
"""

REFUNDS = """
SELECT t.id, t.refunded_cents, r.cents FROM tender t
  LEFT JOIN (SELECT tender_id, sum(cents) AS cents FROM refund WHERE state <> 'failed' GROUP BY tender_id) r
    ON r.tender_id = t.id
 WHERE t.refunded_cents <> coalesce(r.cents, 0)
"""

SETTLED_CLAIMS = """
SELECT loss_id, sum(CASE kind WHEN 'raised' THEN cents ELSE -cents END) AS claimed FROM claim_move
 WHERE kind <> 'recovered' GROUP BY loss_id HAVING sum(CASE kind WHEN 'raised' THEN cents ELSE -cents END) < 0
"""

MISSING = """
SELECT ledger_id, party AS payment_id, sum(cents) AS cents FROM (
  SELECT ledger_id, credit_party AS party, cents FROM entry WHERE credit_account = 'KZ'
  UNION ALL SELECT ledger_id, debit_party, -cents FROM entry WHERE debit_account = 'KZ') moved
 WHERE party IN (SELECT payment_id FROM payment_loss) GROUP BY ledger_id, party HAVING sum(cents) < 0
"""

# Of a dispute, what was taken and has not come back is lost or ends a refund; what has come back is not.
UNFROZEN = """
SELECT d.id, m.gone, l.lost, r.ended FROM dispute d
  CROSS JOIN LATERAL (SELECT coalesce(sum(CASE kind WHEN 'withdrawn' THEN cents ELSE -cents END), 0)::bigint AS gone
                        FROM dispute_move WHERE dispute_id = d.id) m
  CROSS JOIN LATERAL (SELECT coalesce(sum(x.cents), 0)::bigint AS lost
                        FROM payment_loss x JOIN dispute_move v ON v.id = x.case_id
                       WHERE v.dispute_id = d.id
                         AND NOT EXISTS (SELECT 1 FROM payment_loss_return b WHERE b.loss_id = x.id)) l
  CROSS JOIN LATERAL (SELECT coalesce(sum(f.cents), 0)::bigint AS ended
                        FROM refund_end e JOIN refund f ON f.id = e.refund_id JOIN dispute_move v ON v.id = e.case_id
                       WHERE v.dispute_id = d.id AND e.undone_at IS NULL) r
 WHERE m.gone > l.lost + r.ended OR l.lost > greatest(m.gone, 0)
"""

SETTLED_REFUNDS = """
SELECT r.id, r.state AS refund, c.state AS call FROM refund r
  JOIN provider_call c ON c.subject_id = r.id AND c.kind = 'refund'
 WHERE (c.state = 'failed' AND r.state <> 'failed') OR (c.state = 'pending' AND r.state <> 'pending')
    OR (c.state IN ('planned', 'sent', 'unknown') AND r.state <> 'requested')
    OR (c.state = 'succeeded' AND r.state NOT IN ('succeeded', 'failed'))
UNION ALL
SELECT r.id, r.state, 'none' FROM refund r JOIN tender t ON t.id = r.tender_id
 WHERE r.state IN ('requested', 'pending') AND t.provider_ref IS NOT NULL
   AND NOT EXISTS (SELECT 1 FROM provider_call c WHERE c.subject_id = r.id)
   AND NOT EXISTS (SELECT 1 FROM refund_end e WHERE e.next_id = r.id AND e.means = 'bank_account')
"""

STEPS = """
SELECT p.id, p.state FROM payment p
 WHERE NOT EXISTS (SELECT 1 FROM payment_event x WHERE x.payment_id = p.id AND x.to_state = p.state)
UNION ALL
SELECT c.id, c.state FROM provider_call c
 WHERE NOT EXISTS (SELECT 1 FROM provider_call_event x WHERE x.call_id = c.id AND x.to_state = c.state)
"""


# A quarter of an hour is time enough to look at a line, to book it or to make it a case.
STATEMENT = """
SELECT m.line_ref, m.ref, m.theirs_cents, m.ours_cents FROM provider_match() m
 WHERE m.line_ref IS NOT NULL AND m.is_settled AND m.theirs_cents <> m.ours_cents
   AND m.recorded_at < :present - interval '15 minutes'
   AND NOT EXISTS (SELECT FROM provider_case c
                    WHERE c.kind = 'unbooked_line' AND c.provider_ref = m.line_ref AND c.closed_at IS NULL)
"""

NOT_STATED = """
SELECT m.ref, m.ours_cents, m.settled_at FROM provider_match() m
 WHERE m.line_ref IS NULL AND m.ours_cents <> 0
   AND m.settled_at < (SELECT complete_until - interval '1 hour' FROM provider_feed WHERE name = 'stripe')
   AND NOT EXISTS (SELECT FROM provider_case c
                    WHERE c.kind = 'missing_line' AND c.provider_ref = m.ref AND c.closed_at IS NULL)
"""

# Ours at the statement's newest line and theirs, as sums: nothing else moves the provider's account in the books, and
# what differs is under way, has no line yet, or is a case.
BALANCE = """
SELECT b.cents AS books_cents, m.theirs_cents, m.open_cents, m.without_line_cents
  FROM (SELECT coalesce(sum(debit_cents - credit_cents), 0) AS cents FROM balance_part
         WHERE account IN ('PSP', 'MP')) b,
       (SELECT coalesce(sum(theirs_cents), 0) AS theirs_cents,
               coalesce(sum(theirs_cents - ours_cents) FILTER (WHERE line_ref IS NOT NULL), 0) AS open_cents,
               coalesce(sum(ours_cents) FILTER (WHERE line_ref IS NULL), 0) AS without_line_cents
          FROM provider_match()) m
 WHERE EXISTS (SELECT FROM provider_feed WHERE complete_until IS NOT NULL)
   AND b.cents <> m.theirs_cents - m.open_cents + m.without_line_cents
"""


def plug() -> None:
    """Add them to the proof, and the sentences to the explanations."""
    proof.add("Z-01", "Die Teile jeder Zahlung ergeben zusammen die Zahlung.", TENDERS)
    papers.prove("Z-02", "Was der Zahlungsdienst bewegt hat, ist in jedem Buch genau einmal gebucht.", SOURCE)
    proof.add("Z-03", "Nichts ist länger als eine Stunde unentschieden.", UNDECIDED)
    proof.add("Z-04", "Jede Nachricht des Zahlungsdienstes ist nach 15 Minuten gelesen.", UNREAD)
    proof.add("Z-05", "Jede Zahlung hat höchstens einen Teil außer Haus.", ONE_EXTERNAL)
    proof.add("Z-06", "Gutscheine werden nur mit der Entscheidung eingelöst und sonst freigegeben.", DECIDED)
    proof.add("Z-07", "Gesichert ist nur, wofür das Geld da oder versprochen ist.", SECURED)
    proof.add("Z-08", "Kartengeld der Läden berührt nie unsere Konten.", SELLERS_MONEY)
    proof.add("Z-09", "Erstattet ist, was als Erstattung aufgeschrieben ist.", REFUNDS)
    proof.add("Z-10", "Kein Zustand einer Zahlung oder eines Abrufs ohne das Ereignis, das ihn bewirkt hat.", STEPS)
    proof.add("Z-11", "Jeder gelungene Abruf ist ganz auf die Anteile der Zahlung verteilt.", WHOLE)
    papers.prove("Z-18", "Jede Forderung an einen Zahler ist so gebucht, wie sie aufgeschrieben ist.", "claim_posting")
    proof.add("Z-17", "Von keiner Forderung ist mehr ausgeglichen oder ausgebucht, als gefordert war.", SETTLED_CLAIMS)
    proof.add("Z-19", "Was zurückgeholt wurde, ist aus Gutscheinen genommen oder vom Zahler gefordert.", MISSING)
    proof.add("Z-20", "Was zurückgeholt wurde und Gebühren sind ganz verteilt.", SPLIT)
    proof.add("Z-22", "Zu allem, was zurückgeholt wurde, ist der Verlust festgehalten.", UNFROZEN)
    proof.add("Z-21", "Keine Erstattung ist offen, deren Abruf entschieden ist.", SETTLED_REFUNDS)
    papers.prove("Z-34", "Was der Zahlungsdienst von sich aus bewegt hat, ist genau einmal gebucht.", LINE_SOURCE)
    proof.add("Z-35", "Jede Zeile des Zahlungsdienstes ist gebucht, unterwegs oder ein offener Fall.", STATEMENT)
    proof.add("Z-36", "Was wir beim Zahlungsdienst bewegt haben, steht in seinem Auszug.", NOT_STATED)
    proof.add("Z-37", "Unser Konto beim Zahlungsdienst ist sein Guthaben, Zeile für Zeile erklärt.", BALANCE)
    explaining.add("provider_line_fee", lazy("{amount} Gebühr des Zahlungsdienstes, laut seinem Auszug"))
    explaining.add("provider_line_payout", lazy("{amount} zwischen Zahlungsdienst und Bank unterwegs"))
    explaining.add("provider_line_payer", lazy("{amount} beim Zahlungsdienst, Zahlung unbekannt"))
    explaining.add("payment_disputed", lazy("{amount} vom Zahler zurückgeholt ({debit_party})"))
    explaining.add("payment_reinstated", lazy("{amount} nach dem Einspruch wieder da ({credit_party})"))
    explaining.add("dispute_fee", lazy("{amount} Gebühr für einen Einspruch"))
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
