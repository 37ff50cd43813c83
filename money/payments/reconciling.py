"""Comparing both ways with the provider: what it shows and we do not know, and what we say that it does not show.

Payments, refunds and disputes of a span of time are listed there; each is applied as a message about it would be, so
that a message that never came, or rows that a restore took, heal or become a case for a person. Decision 0210.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

import sqlalchemy as sa
import structlog

from foundation.database import session, transact
from money.payments import applying, calling, cases, disputing, errors, states
from money.payments.case_models import Dispute
from money.payments.models import ProviderCall, Refund, Tender
from money.payments.reading import RESERVING
from money.payments.states import CallKind, CallState, CaseKind, DisputeKind
from money.stripe import disputes, gateway
from money.stripe.disputes import DisputeView
from money.stripe.gateway import CallResult, ProviderState, ResultKind

log = structlog.get_logger("payments")

NIGHTLY_SPAN = timedelta(days=3)  # longer than the provider repeats its messages
CLOCK_SKEW = timedelta(minutes=10)
MAX_SPAN = timedelta(days=366)
T = TypeVar("T")


@dataclass
class Reconciliation:
    """What was compared, and what only a person can judge: the references of new cases."""

    sessions: int = 0
    payments: int = 0
    refunds: int = 0
    disputes: int = 0
    payouts: int = 0
    lines: int = 0
    cases: list[str] = field(default_factory=list)


def look_at_open_disputes() -> None:
    """Look at every open dispute, however old it is."""
    for ref in transact(_list_open_disputes):
        found = disputes.look_dispute(ref).found
        if found is not None:
            transact(disputing.apply, found)


def reconcile(since: datetime, until: datetime) -> Reconciliation:
    """Compare one span of time, more than none and a year at most. Refuses (`Busy`) while the provider is silent.

    Running it again changes nothing.
    """
    if not timedelta(0) < until - since <= MAX_SPAN:
        raise errors.span_wrong()
    done = Reconciliation()
    for page in _read(gateway.list_objects("checkout.session", since, until)):
        done.sessions += 1
        _apply_payment(page, done)
    intents = _read(gateway.list_objects("payment_intent", since, until))
    for intent in intents:
        done.payments += 1
        _apply_payment(intent, done)
    refunds = _read(gateway.list_objects("refund", since, until))
    for refund in refunds:
        done.refunds += 1
        _apply_refund(refund, done)
    for dispute in _read(disputes.list_disputes(since, until)):
        done.disputes += 1
        _apply_dispute(dispute, None, done)
    _compare(done, transact(_list_taken, since, until), {found.intent_id for found in intents})
    _compare(done, transact(_list_given_back, since, until), {found.refund_id for found in refunds})
    log.info("reconciled", payments=done.payments, refunds=done.refunds, cases=len(done.cases))
    return done


def look_at(kind: str, object_id: str, done: Reconciliation) -> None:
    """Look at a `payment_intent`, `refund` or `dispute` and apply it. Refuses (`Busy`) while the provider is silent."""
    if kind == "dispute":
        dispute = disputes.look_dispute(object_id)
        outcome = dispute.kind
        if dispute.found is not None:
            _apply_dispute(dispute.found, None, done)
    else:
        answer = gateway.look(kind, object_id)
        outcome = answer.kind
        if answer.found is not None:
            _apply_refund(answer.found, done) if kind == "refund" else _apply_payment(answer.found, done)
    if outcome == ResultKind.UNKNOWN:
        raise errors.provider_silent()


def _read(answer: list[T] | CallResult) -> list[T]:
    if isinstance(answer, CallResult):
        raise errors.provider_silent()
    return answer


def _apply_payment(found: ProviderState, done: Reconciliation) -> None:
    payment_id = transact(_find_payment, found.call_id) if found.call_id else None
    if payment_id and found.call_id:
        _apply_call(found.call_id, payment_id, found)
    elif found.intent_status in RESERVING and found.intent_id:
        kind = CaseKind.UNKNOWN_PAYMENT if found.call_id else CaseKind.FOREIGN_PAYMENT
        _open(done, kind, found.intent_id, found.cents, found.intent_status or "")


def _apply_refund(found: ProviderState, done: Reconciliation) -> None:
    payment_id = transact(_find_payment, found.call_id) if found.call_id else None
    if payment_id and found.call_id:
        _apply_call(found.call_id, payment_id, found)
    elif found.call_id and found.refund_id:
        _open(done, CaseKind.UNKNOWN_PAYMENT, found.refund_id, found.cents, found.refund_status or "")
    elif found.refund_id:
        shown = disputes.look_refund(found.refund_id).found
        if shown is None:
            raise errors.provider_silent()
        _apply_dispute(shown, DisputeKind.OUTSIDE_REFUND, done)


def _apply_call(call_id: UUID, payment_id: UUID, found: ProviderState) -> None:
    transact(applying.apply, call_id, CallResult(ResultKind.FOUND, found), "reconciliation")
    calling.advance(payment_id, cause="reconciliation")


def _apply_dispute(found: DisputeView, kind: DisputeKind | None, done: Reconciliation) -> None:
    if transact(disputing.apply, found, kind) is None:
        _open(done, CaseKind.FOREIGN_PAYMENT, found.intent_id or found.ref, found.cents, found.ref)


def _compare(done: Reconciliation, ours: Iterable[tuple[str, int]], theirs: set[str | None]) -> None:
    for ref, cents in ours:
        if ref not in theirs:
            _open(done, CaseKind.MISSING_THERE, ref, cents, "")


def _open(done: Reconciliation, kind: CaseKind, ref: str, cents: int | None, detail: str) -> None:
    if transact(cases.open_case, kind, ref, cents, detail):
        done.cases.append(ref)


def _find_payment(call_id: UUID) -> UUID | None:
    found: UUID | None = session.scalar(sa.select(ProviderCall.payment_id).where(ProviderCall.id == call_id))
    return found


def _list_taken(since: datetime, until: datetime) -> list[tuple[str, int]]:
    """Our payments whose page was sent in the span and whose money was taken."""
    origin = sa.orm.aliased(ProviderCall)
    taken = sa.select(ProviderCall.subject_id).where(
        ProviderCall.kind.in_(states.TAKING), ProviderCall.state == CallState.SUCCEEDED
    )
    query = (
        sa.select(Tender.provider_ref, Tender.cents)
        .join(origin, sa.and_(origin.subject_id == Tender.id, origin.kind.in_(states.ORIGINS)))
        .where(Tender.id.in_(taken), Tender.provider_ref.is_not(None), _is_within(origin.first_sent_at, since, until))
    )
    return [(str(ref), int(cents)) for ref, cents in session.execute(query)]


def _list_given_back(since: datetime, until: datetime) -> list[tuple[str, int]]:
    query = (
        sa.select(Refund.provider_ref, Refund.cents)
        .join(ProviderCall, sa.and_(ProviderCall.subject_id == Refund.id, ProviderCall.kind == CallKind.REFUND))
        .where(
            ProviderCall.state == CallState.SUCCEEDED,
            Refund.provider_ref.is_not(None),
            _is_within(ProviderCall.first_sent_at, since, until),
        )
    )
    return [(str(ref), int(cents)) for ref, cents in session.execute(query)]


def _is_within(at: sa.SQLColumnExpression[datetime | None], since: datetime, until: datetime) -> sa.ColumnElement[bool]:
    """Well within: the provider's clock may differ, and pages are paid a while after they were sent."""
    return sa.and_(at >= since + CLOCK_SKEW, at < until - timedelta(hours=2))


def _list_open_disputes() -> list[str]:
    query = sa.select(Dispute.provider_ref).where(
        Dispute.closed_at.is_(None), Dispute.kind != DisputeKind.OUTSIDE_REFUND
    )
    return list(session.scalars(query.order_by(Dispute.opened_at)))
