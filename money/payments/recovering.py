"""What finds everything that got stuck: the minute job. It only repeats what others do, so it can run at any time."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
import structlog

from foundation.clock import now
from foundation.database import session, transact
from foundation.jobs import job
from money.payments import calling, messages, polling, starting, states
from money.payments.models import Payment, ProviderCall, WebhookEvent

log = structlog.get_logger("payments")

MAX_ROWS_PER_RUN = 200  # a minute's work; the rest waits for the next
MESSAGE_GRACE = timedelta(minutes=1)
MAX_FEE_AGE = timedelta(days=30)


@job("money.recover_payments", every="*/1 * * * *", transaction=False)
def recover() -> None:
    """End what has expired, send and ask what is due, read messages that nobody read. One failure stops no other."""
    for payment_id in transact(_expired):
        _alone("expire", starting.abandon, payment_id, states.FailureReason.EXPIRED)
    for call_id in transact(_list_due):
        _alone("call", calling.perform, call_id, cause="poller")
    for payment_id in transact(_half_way):
        _alone("advance", calling.advance, payment_id, cause="poller")
    for call_id in transact(_without_fee):
        _alone("fee", _ask_for_fee, call_id)
    for event_id in transact(_unread):
        _alone("message", messages.read_message, event_id)


def _alone(what: str, action: Callable[..., object], *args: object, **kwargs: object) -> None:
    try:
        action(*args, **kwargs)
    except Exception:
        log.exception("recovery_failed", what=what, subject=str(args[0]))


def _expired() -> list[UUID]:
    query = sa.select(Payment.id).where(Payment.state == states.PaymentState.OPEN, Payment.expires_at < now())
    return list(session.scalars(query.order_by(Payment.expires_at).limit(MAX_ROWS_PER_RUN)))


def _list_due() -> list[UUID]:
    query = sa.select(ProviderCall.id).where(
        ProviderCall.state.in_(states.UNSETTLED_CALLS), ProviderCall.next_at <= now()
    )
    return list(session.scalars(query.order_by(ProviderCall.next_at).limit(MAX_ROWS_PER_RUN)))


def _half_way() -> list[UUID]:
    """Payments with calls that became due while the others were made."""
    query = sa.select(ProviderCall.payment_id).where(
        ProviderCall.state.in_(states.UNANSWERED), ProviderCall.next_at <= now()
    )
    return list(session.scalars(query.distinct().limit(MAX_ROWS_PER_RUN)))


def _without_fee() -> list[UUID]:
    query = sa.select(ProviderCall.id).where(
        ProviderCall.state == states.CallState.SUCCEEDED,
        ProviderCall.kind.in_(states.TAKING),
        ProviderCall.fee_cents.is_(None),
        ProviderCall.next_at <= now(),
        ProviderCall.created_at > now() - MAX_FEE_AGE,
    )
    return list(session.scalars(query.limit(MAX_ROWS_PER_RUN)))


def _ask_for_fee(call_id: UUID) -> None:
    calling.refresh(call_id, cause="fee")
    transact(_fee_later, call_id)


def _fee_later(call_id: UUID) -> None:
    call = session.get_one(ProviderCall, call_id, populate_existing=True)
    if call.fee_cents is None:
        call.next_at = polling.next_poll_at(call)


def _unread() -> list[str]:
    query = sa.select(WebhookEvent.id).where(
        WebhookEvent.done_at.is_(None), WebhookEvent.received_at < now() - MESSAGE_GRACE
    )
    return list(session.scalars(query.order_by(WebhookEvent.received_at).limit(MAX_ROWS_PER_RUN)))
