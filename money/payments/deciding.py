"""The one decision of a payment. Before it everything can only go back, after it only forward. Decision 0201.

Every function expects the payment's row locked by its caller and runs in the caller's transaction.
"""

from uuid import UUID

from foundation.database import lock_one
from money.payments import methods, payables, states
from money.payments.events import move_payment
from money.payments.models import Payment, Tender
from money.payments.states import FailureReason, PaymentState, TenderState


def decide(payment_id: UUID) -> PaymentState:
    """Decide and finish a payment that needs no provider: vouchers alone, or with a promise to pay at pick-up."""
    payment = lock_one(Payment, payment_id)
    external = payment.external_tender
    if payment.state == PaymentState.OPEN and (external is None or external.state == TenderState.PROMISED):
        commit(payment, "nothing to wait for")
    return PaymentState(payment.state)


def commit(payment: Payment, cause: str) -> None:
    """Decide to go through with it: everything is reserved. What is authorised is captured first of all."""
    move_payment(payment, PaymentState.COMMITTING, cause)
    external = payment.external_tender
    if external is not None and external.state == TenderState.AUTHORISED:
        methods.of(external.method).capture(external)
        return
    finish(payment, cause)


def finish(payment: Payment, cause: str) -> None:
    """Take the vouchers that are held and tell the payable, once the external money is certain."""
    held = [tender for tender in payment.tenders if not tender.external]
    for tender in sorted(held, key=_by_voucher):
        methods.of(tender.method).capture(tender)
        states.move(states.TENDER, tender, TenderState.CAPTURED)
    payables.of(payment.kind).on_secured(payment.ref_id, payment.id)
    move_payment(payment, PaymentState.SECURED, cause)


def abort(payment: Payment, reason: FailureReason) -> None:
    """Decide to let it be: release what is held and tell the payable. Nothing is ever refunded for it."""
    move_payment(payment, PaymentState.ABORTING, reason)
    payment.reason = reason
    for tender in sorted(payment.tenders, key=_by_voucher):
        methods.of(tender.method).release(tender)
        if tender.state in states.RESERVED:
            states.move(states.TENDER, tender, TenderState.RELEASED)
    payables.of(payment.kind).on_failed(payment.ref_id, payment.id, reason)
    move_payment(payment, PaymentState.FAILED, reason)


def abort_if_open(payment_id: UUID, reason: FailureReason) -> bool:
    """Abort a payment that nobody has decided and no bank is collecting. Says whether it did."""
    payment = lock_one(Payment, payment_id)
    if payment.state != PaymentState.OPEN:
        return False
    abort(payment, reason)
    return True


def _by_voucher(tender: Tender) -> tuple[bool, UUID]:
    """The same order everywhere, so that two payments with the same vouchers cannot block each other."""
    return tender.external, tender.reference or tender.id
