"""Steps of payments and calls: no state without the event that caused it."""

from foundation.clock import now
from foundation.database import session
from money.payments import states
from money.payments.models import Payment, PaymentEvent, ProviderCall, ProviderCallEvent
from money.payments.states import CallState, PaymentState


def record_event(payment: Payment, before: str | None, cause: str) -> None:
    """Record why the payment is in its state."""
    session.add(PaymentEvent(payment_id=payment.id, from_state=before, to_state=payment.state, cause=cause[:200]))


def move_payment(payment: Payment, to: PaymentState, cause: str) -> None:
    """Move a payment that the caller has locked to its next state, and record why."""
    before = states.move(states.PAYMENT, payment, to)
    if to == PaymentState.COMMITTING:
        payment.decided_at = now()
    if to in {PaymentState.SECURED, PaymentState.FAILED}:
        payment.closed_at = now()
    record_event(payment, before, cause)


def record_call_event(call: ProviderCall, before: str | None, cause: str) -> None:
    """Record why the call is in its state."""
    session.add(ProviderCallEvent(call_id=call.id, from_state=before, to_state=call.state, cause=cause[:200]))


def move_call(call: ProviderCall, to: CallState, cause: str) -> None:
    """Move a call whose payment the caller has locked to its next state, and record why."""
    before = states.move(states.CALL, call, to)
    record_call_event(call, before, cause)
