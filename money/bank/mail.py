"""The letter of a transfer: what to type, until when, and the GiroCode as a picture."""

from datetime import timedelta
from uuid import UUID

from foundation import mail
from foundation.clock import now
from foundation.database import lock_one
from foundation.languages import force_locale, lazy
from money.amount import euro
from money.bank import accounts, expected_transfers, girocode, references
from money.payments import deciding, links, states
from money.payments.models import Payment

TEMPLATE = "money/transfer"
MOST_A_DAY = 5


def instruct(payment_id: UUID) -> None:
    """Mail the payer account, amount and reference, once, while the payment waits, five times a day at most."""
    payment = lock_one(Payment, payment_id)
    expected, tender = expected_transfers.of_payment(payment_id), deciding.external_of(payment)
    if payment.state != states.OPEN or tender is None or expected is None or expected.instructed_at:
        return
    if mail.count_recent(payment.email, TEMPLATE, timedelta(days=1)) >= MOST_A_DAY:
        return  # the page says the same; whoever types somebody else's address fills no mailbox
    expected.instructed_at = now()
    picture = girocode.png(expected_transfers.code_text(expected, tender.cents))
    with force_locale(payment.language):
        amount = euro(tender.cents)
    mail.send(
        to=payment.email,
        template=TEMPLATE,
        subject=lazy("Bitte überweisen Sie %(amount)s", amount=amount),
        language=payment.language,
        attachments=[mail.Attachment("girocode.png", "image/png", picture)],
        payment=payment,
        cents=tender.cents,
        account=expected.account,
        iban=accounts.grouped(expected.account.iban),
        reference=references.grouped(expected.reference),
        link=links.status_page(payment.id),
    )
