"""Calls to the provider: planned in a transaction, sent outside of any, and always under the same key.

T1 `plan`, T2 `_begin`, then the network, T3 `applying.apply`. A crash between any two of them is found by the
recovery, which does the same again: the provider knows the key, and `apply` works once.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from foundation.clock import now
from foundation.database import lock_one, session, transact, uuid7
from foundation.jobs import enqueue, job
from money.payments import applying, breaker, states
from money.payments.events import move_call, record_call_event
from money.payments.models import Payment, ProviderCall, Refund, Tender
from money.payments.polling import next_poll_at
from money.payments.reading import next_state
from money.payments.states import CallKind, CallState
from money.stripe import gateway
from money.stripe.gateway import CallResult, ResultKind

LEASE_TTL = timedelta(seconds=60)  # longer than the time-out of a call
IDEMPOTENCY_KEY_TTL = timedelta(hours=23)  # Stripe keeps keys for at least 24 h
ABSENCE_PROVEN_AGE = timedelta(hours=25)
ENDING = frozenset({CallKind.CAPTURE, CallKind.VOID, CallKind.EXPIRE})  # a refusal may mean: done already


@dataclass(frozen=True)
class CallSpec:
    """What a call needs outside of its transaction: plain values, no rows."""

    call_id: UUID
    kind: CallKind
    request: bytes
    state: CallState
    attempts: int
    first_sent_at: datetime
    session_id: str | None
    intent_id: str | None
    refund_id: str | None


@dataclass(frozen=True)
class CallPlan:
    """A call that shall be made about a tender or a refund: `request` are the very bytes that will be sent."""

    payment_id: UUID
    subject: Tender | Refund
    kind: CallKind
    cents: int
    request: bytes
    call_id: UUID | None = None


def plan(call_plan: CallPlan) -> ProviderCall:
    """Write a call down, in the transaction that wants it made, and queue its sending."""
    call = ProviderCall(
        id=call_plan.call_id or uuid7(),
        payment_id=call_plan.payment_id,
        subject_kind="refund" if isinstance(call_plan.subject, Refund) else "tender",
        subject_id=call_plan.subject.id,
        kind=call_plan.kind,
        cents=call_plan.cents,
        request=call_plan.request,
        request_hash=hashlib.sha256(call_plan.request).digest(),
        state=CallState.PLANNED,
        attempts=0,
        next_at=now(),
    )
    session.add(call)
    session.flush()
    record_call_event(call, None, "planned")
    enqueue(advance_later, payment_id=str(call_plan.payment_id))
    return call


def perform(call_id: UUID, *, force: bool = False, cause: str = "answer") -> CallState | None:
    """Make one call, or ask how it stands, and apply the outcome. Outside of transactions; gives back its state.

    Without `force` a call that is not due is left alone; and so is every call while the provider is silent, or while
    other requests wait for it: the job makes it (decision 0208).
    """
    with breaker.provider.turn() as may_call:
        spec = transact(_begin, call_id, force) if may_call else None
        if spec is None:
            return None
        answer = breaker.provider.watch(_ask, spec)
    state = transact(applying.apply, call_id, answer, cause)
    if state == CallState.UNKNOWN:
        transact(_queue_again, call_id)
    return state


def advance(payment_id: UUID, *, force: bool = False, cause: str = "answer") -> None:
    """Do what can be done for a payment now: each undecided call once, and those that follow from their outcome."""
    done: set[UUID] = set()
    while True:
        waiting = [i for i in transact(_list_waiting, payment_id) if i not in done]
        if not waiting:
            return
        for call_id in waiting:
            perform(call_id, force=force, cause=cause)
            done.add(call_id)


@job("money.advance_payment", transaction=False)
def advance_later(payment_id: str) -> None:
    """Send what is planned, ask about what is unknown."""
    advance(UUID(payment_id), cause="job")


def refresh(call_id: UUID, *, cause: str) -> CallState | None:
    """Look at a call's object whatever state it is in, and apply what is seen; for fees and for late surprises."""
    spec = transact(_load_spec, call_id)
    with breaker.provider.turn() as may_call:
        if not may_call:
            return None
        answer = breaker.provider.watch(_look, spec)
    return transact(applying.apply, call_id, answer, cause) if answer.kind == ResultKind.FOUND else None


def _queue_again(call_id: UUID) -> None:
    call = session.get_one(ProviderCall, call_id)
    enqueue(advance_later, at=call.next_at, payment_id=str(call.payment_id))


def _list_waiting(payment_id: UUID) -> list[UUID]:
    query = (
        sa.select(ProviderCall.id)
        .where(ProviderCall.payment_id == payment_id, ProviderCall.state.in_(states.UNSETTLED_CALLS))
        .order_by(ProviderCall.id)
    )
    return list(session.scalars(query))


def _begin(call_id: UUID, force: bool) -> CallSpec | None:
    """From here on the call may have been made. Nothing when it is settled or not due."""
    payment_id = session.scalar(sa.select(ProviderCall.payment_id).where(ProviderCall.id == call_id))
    payment = lock_one(Payment, UUID(str(payment_id)))
    call = lock_one(ProviderCall, call_id)
    due = force or call.next_at is None or call.next_at <= now()
    if call.state not in states.UNSETTLED_CALLS or not due:
        return None
    before = CallState(call.state)
    if before == CallState.PENDING:
        call.next_at = next_poll_at(call)
        return _spec(payment, call, before)
    if before in states.UNSENT:
        move_call(call, CallState.SENT, "sent")
    call.attempts += 1
    call.first_sent_at = call.first_sent_at or now()
    call.last_sent_at, call.next_at = now(), now() + LEASE_TTL
    return _spec(payment, call, before)


def _load_spec(call_id: UUID) -> CallSpec:
    call = session.get_one(ProviderCall, call_id, populate_existing=True)
    payment = session.get_one(Payment, call.payment_id, populate_existing=True)
    return _spec(payment, call, CallState(call.state))


def _spec(payment: Payment, call: ProviderCall, state: CallState) -> CallSpec:
    external = next(t for t in payment.tenders if t.external)
    origin = session.scalar(
        sa.select(ProviderCall.provider_ref).where(
            ProviderCall.subject_id == external.id, ProviderCall.kind.in_(states.ORIGINS)
        )
    )
    return CallSpec(
        call.id,
        CallKind(call.kind),
        bytes(call.request),
        state,
        call.attempts,
        call.first_sent_at or call.created_at,
        origin,
        external.provider_ref,
        call.provider_ref if call.kind == CallKind.REFUND else None,
    )


def _ask(spec: CallSpec) -> CallResult:
    """A first try is sent. Later ones look first: Stripe repeats a stored 500 although it did what was asked."""
    alive = now() - spec.first_sent_at < IDEMPOTENCY_KEY_TTL
    if spec.state == CallState.PENDING:
        return _look(spec)
    if spec.attempts > 1:
        found = _look(spec)
        if found.kind == ResultKind.UNKNOWN or _says_something(spec, found):
            return found
        if not alive:
            return _proven_absent(spec, found)
    answer = gateway.send(spec.request, spec.call_id)
    if answer.kind == ResultKind.REFUSED and spec.kind in ENDING:
        found = _look(spec)
        return found if _says_something(spec, found) else CallResult(ResultKind.UNKNOWN, code=answer.code)
    return answer


def _says_something(spec: CallSpec, answer: CallResult) -> bool:
    return answer.found is not None and next_state(spec.kind, answer.found, "") is not None


def _proven_absent(spec: CallSpec, found: CallResult) -> CallResult:
    """Only when the key is dead and the list does not hold it, it was surely never done."""
    long_ago = now() - spec.first_sent_at > ABSENCE_PROVEN_AGE
    listed = spec.kind in {*states.ORIGINS, CallKind.REFUND}
    return (
        found if long_ago and listed and found.code == "absent" else CallResult(ResultKind.UNKNOWN, code="key_expired")
    )


def _look(spec: CallSpec) -> CallResult:
    match spec.kind:
        case CallKind.AUTHORISE | CallKind.COLLECT:
            if spec.session_id:
                return gateway.look("checkout.session", spec.session_id)
            return gateway.find_session(spec.call_id, spec.first_sent_at)
        case CallKind.EXPIRE:
            return gateway.look("checkout.session", spec.session_id or "")
        case CallKind.REFUND:
            if spec.refund_id:
                return gateway.look("refund", spec.refund_id)
            return gateway.find_refund(spec.call_id, spec.intent_id or "")
    return gateway.look("payment_intent", spec.intent_id or "")
