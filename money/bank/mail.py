"""The mails about transfers: what to type, with the GiroCode as a picture; and that one of ours came back."""

from datetime import timedelta
from uuid import UUID

from foundation import mail
from foundation.clock import now
from foundation.database import lock_one, session
from foundation.languages import force_locale, lazy
from money.amount import euro
from money.bank import accounts, expected_transfers, girocode, references
from money.bank.models import BankReturn
from money.payments import links
from money.payments.models import Payment
from money.payments.states import PaymentState

TEMPLATE, CAME_BACK = "money/transfer", "money/return_came_back"
# What a payer can do something about; every other reason of a bank (ISO 20022 external return reason) says less.
REASONS = {
    "AC01": lazy("Die IBAN stimmt nicht."),
    "AC03": lazy("Die IBAN stimmt nicht."),
    "AC04": lazy("Das Konto ist aufgelöst."),
    "AC06": lazy("Das Konto ist gesperrt."),
    "AG01": lazy("Auf dieses Konto kann nicht überwiesen werden."),
    "BE01": lazy("Name und Konto passen nicht zusammen."),
    "MD07": lazy("Das Konto ist aufgelöst."),
}
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


def tell_came_back(owed: BankReturn) -> None:
    """Tell a buyer that our transfer to them came back, and what we need of them; `owed` is what is to be sent again.

    Once for each time that it comes back: it is called where the new return is made. Of money that belonged to no
    payment we know nobody to write to.
    """
    payment = _find_payment(owed)
    if payment is None or not payment.email:
        return
    with force_locale(payment.language):
        amount = euro(owed.cents)
    mail.send(
        to=payment.email,
        template=CAME_BACK,
        subject=lazy("Ihre Erstattung kam zurück: %(amount)s", amount=amount),
        language=payment.language,
        payment=payment,
        cents=owed.cents,
        reason=REASONS.get(owed.came_back or ""),
    )


def _find_payment(owed: BankReturn) -> Payment | None:
    """Find for whose payment the first of the transfers was that came back one after the other."""
    first = owed
    while first.reopens:
        first = session.get_one(BankReturn, first.reopens)
    return session.get_one(Payment, first.payment_id) if first.payment_id else None
