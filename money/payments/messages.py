"""The inbox of the provider's messages: stored once, then read by a job that looks for itself and believes nothing."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from foundation import audit
from foundation.clock import now
from foundation.database import session, transact
from foundation.jobs import enqueue, job
from money.payments import applying, calling, errors
from money.payments.models import ProviderCall, WebhookEvent
from money.stripe import gateway
from money.stripe.gateway import ProviderState

LOOKED_AT = ("checkout.session", "payment_intent", "charge", "refund")


def store_message(event: dict[str, str], raw: bytes) -> bool:
    """Keep a verified message and queue its reading. Says whether it was new. In the caller's transaction."""
    values = {name: event[name] for name in ("id", "type", "object_kind", "object_id")}
    statement = insert(WebhookEvent).values(raw=raw, **values).on_conflict_do_nothing()
    if session.scalar(statement.returning(WebhookEvent.id)) is None:
        return False
    enqueue(read_later, event_id=event["id"])
    return True


@job("money.read_message", transaction=False)
def read_later(event_id: str) -> None:
    """Read one stored message in a job of its own."""
    read_message(event_id)


def read_message(event_id: str) -> None:
    """Look at what the message is about and apply that. Raises `Busy` when the provider cannot be asked now."""
    found = transact(_open_message, event_id)
    if found is None:
        return
    kind, object_id = found
    if kind not in LOOKED_AT:
        transact(_done, event_id, f"nothing done about {kind}")
        return
    answer = gateway.look(kind, object_id)
    if answer.kind == gateway.ResultKind.UNKNOWN:
        transact(_not_now, event_id, answer.code)
        raise errors.message_not_readable_now(event_id, answer.code)
    if answer.found is not None:
        _apply(answer.found)
    transact(_done, event_id, None)


def _apply(found: ProviderState) -> None:
    if found.call_id is None:
        return
    payment_id = transact(_payment_of, found.call_id)
    if payment_id is None:
        return
    transact(applying.apply, found.call_id, gateway.CallResult(gateway.ResultKind.FOUND, found), "webhook")
    calling.advance(payment_id, cause="webhook")


def _payment_of(call_id: UUID) -> UUID | None:
    found: UUID | None = session.scalar(sa.select(ProviderCall.payment_id).where(ProviderCall.id == call_id))
    return found


def _open_message(event_id: str) -> tuple[str, str] | None:
    message = session.get(WebhookEvent, event_id, populate_existing=True)
    if message is None or message.done_at:
        return None
    message.tries += 1
    return message.object_kind, message.object_id


def _done(event_id: str, note: str | None) -> None:
    message = session.get_one(WebhookEvent, event_id, populate_existing=True)
    if message.done_at:
        return
    message.done_at, message.last_error = now(), note
    if message.object_kind == "dispute":
        audit.record("payments.dispute_reported", "webhook_event", None, event=event_id, type=message.type)


def _not_now(event_id: str, code: str) -> None:
    session.get_one(WebhookEvent, event_id, populate_existing=True).last_error = code
