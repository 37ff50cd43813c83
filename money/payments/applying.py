"""What a provider's answer means: the only writer of outcomes. Answer, webhook and poller all end here, in any order.

Applying the same thing again changes nothing: the payment's row is locked, every state moves once, and the call's id
is the journal's id. Decision 0202.

Nothing in an event of Stripe is believed: the object that it names is looked at, and `reading.next_state` says what it
means for each call. What an event leads to in the end:

| Stripe event                                     | object shows                             | step               |
| ------------------------------------------------ | ---------------------------------------- | ------------------ |
| checkout.session.completed (card)                | intent requires_capture                  | `_authorised`      |
| checkout.session.completed (debit)               | intent processing                        | `_under_way`       |
| checkout.session.async_payment_succeeded         | intent succeeded                         | `_money_in`        |
| checkout.session.async_payment_failed            | intent requires_payment_method           | `_not_paid`        |
| checkout.session.expired                         | session expired                          | `_not_paid`        |
| payment_intent.amount_capturable_updated         | intent requires_capture                  | `_authorised`      |
| payment_intent.processing                        | intent processing                        | `_under_way`       |
| payment_intent.succeeded, charge.captured        | intent succeeded                         | `_money_in`        |
| payment_intent.canceled (we asked: void)         | intent canceled                          | `_voided`          |
| payment_intent.canceled (authorisation gone)     | intent canceled                          | `_capture_refused` |
| refund.created, refund.updated, charge.refunded  | refund pending or succeeded              | `_settle_refund`   |
| refund.failed, charge.refund.updated             | refund failed, also after it succeeded   | `_settle_refund`   |
| charge.updated                                   | charge with its balance transaction      | `_record_fees`     |
| charge.dispute.*                                 | dispute with its movements of money      | `disputing.apply`  |
| refund.created (not by us)                       | refund without a call of ours            | `disputing.apply`  |
"""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
import structlog

from foundation.clock import now
from foundation.database import lock, lock_one, session
from money.payments import deciding, methods, postings, refund_ends, refunding, states
from money.payments.events import move_call, move_payment
from money.payments.models import Payment, ProviderCall, Refund, Tender
from money.payments.polling import next_poll_at, retry_delay
from money.payments.reading import RESERVING, next_state
from money.payments.states import CallKind, CallState, FailureReason, PaymentState, RefundState, TenderState
from money.stripe.gateway import CallResult, ProviderState, ResultKind

log = structlog.get_logger("payments")

FEE_RETRY_DELAY = timedelta(minutes=1)
AMOUNT_DIFFERS = "amount_differs"
CAME_BACK = "came_back"  # a refund that the bank sent back without saying why
Step = Callable[[Payment, ProviderCall, str], None]


def apply(call_id: UUID, result: CallResult, cause: str) -> CallState:
    """Apply what is known now about a call. Gives back the state the call is in afterwards."""
    payment_id = session.scalar(sa.select(ProviderCall.payment_id).where(ProviderCall.id == call_id))
    payment = lock_one(Payment, UUID(str(payment_id)))
    call = lock_one(ProviderCall, call_id)
    if result.kind == ResultKind.UNKNOWN:
        _keep_unknown(call, result.code, cause)
    elif result.kind == ResultKind.REFUSED:
        if call.state in states.UNANSWERED:
            call.error_code = result.code
            _settle(payment, call, CallState.FAILED, f"{cause}: {result.code}")
    elif result.found is not None:
        reconcile(payment, call, result.found, cause)
    session.flush()
    return CallState(call.state)


def reconcile(payment: Payment, call: ProviderCall, found: ProviderState, cause: str) -> None:
    """Bring the calls of one tender or refund in line with what was found at the provider."""
    if call.kind == CallKind.REFUND:
        _settle_refund(payment, call, found, cause)
        return
    tender = _tender_of(payment, call)
    calls = _calls_of(tender)
    origin = next(c for c in calls if c.kind in states.ORIGINS)
    if (found.call_id and found.call_id != origin.id) or _amount_differs(origin, tender, found):
        return
    origin.provider_ref = origin.provider_ref or found.session_id
    origin.url = found.url or origin.url
    tender.provider_ref = tender.provider_ref or found.intent_id
    for each in calls:
        to = next_state(each.kind, found, tender.state)
        if to and to != each.state and to in states.CALL[CallState(each.state)]:
            _settle(payment, each, to, cause)
        if each.kind == CallKind.COLLECT and to == CallState.PENDING:
            _under_way(payment, tender, found, cause)
    _record_fees(payment, tender, found)
    if payment.state == PaymentState.FAILED:
        methods.of(tender.method).release(tender)


def _calls_of(tender: Tender) -> list[ProviderCall]:
    """All calls about a tender, the first first. Their payment is locked, so nobody else changes them."""
    ids = session.scalars(sa.select(ProviderCall.id).where(ProviderCall.subject_id == tender.id))
    return sorted(lock(ProviderCall, ids), key=lambda c: c.id)


def _amount_differs(origin: ProviderCall, tender: Tender, found: ProviderState) -> bool:
    """Another amount than ours is never booked: people must look, and the proof keeps shouting until they did."""
    if found.intent_status not in RESERVING or found.cents == tender.cents:
        return False
    origin.error_code = AMOUNT_DIFFERS
    log.error("amount_differs", call=str(origin.id), ours=tender.cents, theirs=found.cents)
    return True


def _settle(payment: Payment, call: ProviderCall, to: CallState, cause: str) -> None:
    move_call(call, to, cause)
    call.next_at = next_poll_at(call) if to == CallState.PENDING else None
    STEPS[CallKind(call.kind), to](payment, call, cause)


def _tender_of(payment: Payment, call: ProviderCall) -> Tender:
    return next(t for t in payment.tenders if t.id == call.subject_id)


def _authorised(payment: Payment, call: ProviderCall, cause: str) -> None:
    states.move(states.TENDER, _tender_of(payment, call), TenderState.AUTHORISED)
    if payment.state in states.UNDECIDED:
        deciding.commit(payment, f"authorised ({cause})")


def _not_paid(payment: Payment, call: ProviderCall, cause: str) -> None:
    tender = _tender_of(payment, call)
    came_back = tender.state == TenderState.PROCESSING
    if came_back or tender.state == TenderState.PLANNED:
        states.move(states.TENDER, tender, TenderState.FAILED)
    if payment.state in states.UNDECIDED:
        deciding.abort(payment, FailureReason.DEBIT_FAILED if came_back else FailureReason.NOT_PAID)


def _under_way(payment: Payment, tender: Tender, found: ProviderState, cause: str) -> None:
    """The bank is collecting a debit: this takes days and cannot be called back."""
    if found.intent_status == "processing" and tender.state != TenderState.PROCESSING:
        states.move(states.TENDER, tender, TenderState.PROCESSING)
        if payment.state == PaymentState.OPEN:
            move_payment(payment, PaymentState.PENDING, f"debit under way ({cause})")


def _money_in(payment: Payment, call: ProviderCall, cause: str) -> None:
    tender = _tender_of(payment, call)
    states.move(states.TENDER, tender, TenderState.CAPTURED)
    postings.post_receipt(call)
    call.next_at = now() + FEE_RETRY_DELAY
    if payment.state == PaymentState.COMMITTING:
        deciding.finish(payment, f"captured ({cause})")
    elif payment.state in states.UNDECIDED:
        deciding.commit(payment, f"collected ({cause})")
    elif payment.state == PaymentState.FAILED:
        refunding.refund_tender(tender.id, tender.cents, key=f"late/{call.id}", reason="came after the end")


def _capture_refused(payment: Payment, call: ProviderCall, cause: str) -> None:
    """The authorisation is gone for good, so nothing was taken: the vouchers are released and the payer is told."""
    states.move(states.TENDER, _tender_of(payment, call), TenderState.FAILED)
    if payment.state == PaymentState.COMMITTING:
        deciding.abort(payment, FailureReason.AUTHORISATION_GONE)


def _voided(payment: Payment, call: ProviderCall, cause: str) -> None:
    tender = _tender_of(payment, call)
    if tender.state == TenderState.AUTHORISED:
        states.move(states.TENDER, tender, TenderState.RELEASED)


def _settle_refund(payment: Payment, call: ProviderCall, found: ProviderState, cause: str) -> None:
    refund = session.get_one(Refund, call.subject_id, populate_existing=True)
    to = next_state(CallKind.REFUND, found, "")
    if to is None or (found.call_id and found.call_id != call.id) or found.cents != refund.cents:
        return
    call.provider_ref = refund.provider_ref = refund.provider_ref or found.refund_id
    if refund.state == RefundState.SUCCEEDED and to == CallState.FAILED:
        refund_ends.fail(payment, refund, found.failure or CAME_BACK)
        postings.post_failed_refund(refund, call)
    elif to != call.state and to in states.CALL[CallState(call.state)]:
        call.error_code = found.failure if to == CallState.FAILED else call.error_code
        _settle(payment, call, to, cause)


def _refund_of(call: ProviderCall) -> Refund:
    return session.get_one(Refund, call.subject_id, populate_existing=True)


def _refund_pending(payment: Payment, call: ProviderCall, cause: str) -> None:
    refund = _refund_of(call)
    if refund.state == RefundState.REQUESTED:
        states.move(states.REFUND, refund, RefundState.PENDING)


def _refunded(payment: Payment, call: ProviderCall, cause: str) -> None:
    refund = _refund_of(call)
    if refund.state == RefundState.FAILED:  # the provider did it after all: it counts again, whatever was decided since
        refund_ends.revive(payment, refund)
    postings.post_refund(call)
    refunding.record_success(payment, refund)


def _refund_failed(payment: Payment, call: ProviderCall, cause: str) -> None:
    refund_ends.fail(payment, _refund_of(call), call.error_code or "failed")


def _has_taken(call: ProviderCall) -> bool:
    return call.kind in states.TAKING and call.state == CallState.SUCCEEDED


def _record_fees(payment: Payment, tender: Tender, found: ProviderState) -> None:
    for call in _calls_of(tender):
        if _has_taken(call) and call.fee_cents is None and found.fee_cents is not None:
            call.fee_cents, call.next_at = found.fee_cents, None
            postings.post_fee(tender, call)


def _keep_unknown(call: ProviderCall, code: str, cause: str) -> None:
    if call.state == CallState.SENT:
        move_call(call, CallState.UNKNOWN, f"{cause}: {code}")
    if call.state in states.UNSETTLED_CALLS:
        call.error_code = code
        call.next_at = next_poll_at(call) if call.state == CallState.PENDING else now() + retry_delay(call.attempts)


def _nothing(payment: Payment, call: ProviderCall, cause: str) -> None:
    """The call's own state says all that there is to say."""


# Every kind of call and every outcome; `planned`, `sent` and `unknown` are no outcomes.
STEPS: dict[tuple[CallKind, CallState], Step] = {
    (CallKind.AUTHORISE, CallState.PENDING): _nothing,  # the page is open
    (CallKind.AUTHORISE, CallState.SUCCEEDED): _authorised,
    (CallKind.AUTHORISE, CallState.FAILED): _not_paid,
    (CallKind.COLLECT, CallState.PENDING): _nothing,  # the page is open; `_under_way` sees the bank's debit
    (CallKind.COLLECT, CallState.SUCCEEDED): _money_in,
    (CallKind.COLLECT, CallState.FAILED): _not_paid,
    (CallKind.CAPTURE, CallState.PENDING): _nothing,
    (CallKind.CAPTURE, CallState.SUCCEEDED): _money_in,
    (CallKind.CAPTURE, CallState.FAILED): _capture_refused,
    (CallKind.VOID, CallState.PENDING): _nothing,
    (CallKind.VOID, CallState.SUCCEEDED): _voided,
    (CallKind.VOID, CallState.FAILED): _nothing,  # captured after all: `_money_in` gives it back
    (CallKind.EXPIRE, CallState.PENDING): _nothing,
    (CallKind.EXPIRE, CallState.SUCCEEDED): _nothing,  # the page's own call fails by it
    (CallKind.EXPIRE, CallState.FAILED): _nothing,  # paid in the last second: the page's own call says so
    (CallKind.REFUND, CallState.PENDING): _refund_pending,
    (CallKind.REFUND, CallState.SUCCEEDED): _refunded,
    (CallKind.REFUND, CallState.FAILED): _refund_failed,
}
