"""The mail about a transfer: what to type, until when, and the GiroCode as a picture."""

from datetime import timedelta
from uuid import UUID

from foundation import mail
from foundation.clock import now
from foundation.database import lock_one
from foundation.languages import force_locale, lazy
from money.amount import euro
from money.bank import accounts, expected_transfers, girocode, references
from money.payments import links
from money.payments.models import Payment
from money.payments.states import PaymentState

TEMPLATE = "money/transfer"
MAX_MAILS_PER_DAY = 5


def send_instructions(payment_id: UUID) -> None:
    """Mail the payer account, amount and reference, once, while the payment waits, five times a day at most."""
    payment = lock_one(Payment, payment_id)
    expected, tender = expected_transfers.find_of_payment(payment_id), payment.external_tender
    if payment.state != PaymentState.OPEN or tender is None or expected is None or expected.instructed_at:
        return
    if mail.count_recent(payment.email, TEMPLATE, timedelta(days=1)) >= MAX_MAILS_PER_DAY:
        return  # the page says the same; whoever types somebody else's address fills no mailbox
    expected.instructed_at = now()
    picture = girocode.draw_png(expected_transfers.write_code(expected, tender.cents))
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
        iban=accounts.group_iban(expected.account.iban),
        reference=references.group_reference(expected.reference),
        link=links.status_url(payment.id),
    )
