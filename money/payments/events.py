"""Steps of payments and calls: no state without the event that caused it."""

from foundation.clock import now
from foundation.database import session
from money.payments import states
from money.payments.models import Payment, PaymentEvent, ProviderCall, ProviderCallEvent


def record_event(payment: Payment, before: str | None, cause: str) -> None:
    """Write down why the payment is in its state."""
    session.add(PaymentEvent(payment_id=payment.id, from_state=before, to_state=payment.state, cause=cause[:200]))


def move_payment(payment: Payment, to: str, cause: str) -> None:
    """The next state of a payment that the caller has locked."""
    before = states.move(states.PAYMENT, payment, to)
    if to == states.COMMITTING:
        payment.decided_at = now()
    if to in {states.SECURED, states.FAILED}:
        payment.closed_at = now()
    record_event(payment, before, cause)


def record_call_event(call: ProviderCall, before: str | None, cause: str) -> None:
    """Write down why the call is in its state."""
    session.add(ProviderCallEvent(call_id=call.id, from_state=before, to_state=call.state, cause=cause[:200]))


def move_call(call: ProviderCall, to: str, cause: str) -> None:
    """The next state of a call whose payment the caller has locked."""
    before = states.move(states.CALL, call, to)
    record_call_event(call, before, cause)
