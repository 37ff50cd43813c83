"""The inbox of the provider's messages: stored once, then read by a job that looks for itself and believes nothing."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from foundation.clock import now
from foundation.database import session, transact
from foundation.jobs import enqueue, job
from money.payments import applying, calling, cases, disputing, errors
from money.payments.models import ProviderCall, WebhookEvent
from money.payments.reading import RESERVING
from money.payments.states import CaseKind, DisputeKind
from money.stripe import disputes, gateway
from money.stripe.disputes import DisputeResult
from money.stripe.gateway import ProviderState

LOOKED_AT = ("checkout.session", "payment_intent", "charge", "refund", "dispute")


def store_message(event: dict[str, str], raw: bytes) -> bool:
    """Keep a verified message and queue its reading. Says whether it was new. In the caller's transaction."""
    values = {name: event[name] for name in ("id", "type", "object_kind", "object_id", "account")}
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
    kind, object_id, account = found
    if account or kind not in LOOKED_AT or not object_id:
        transact(_done, event_id, f"nothing done about {kind or 'no object'}{' of ' + account if account else ''}")
        return
    if kind == "dispute":
        note = _read_dispute(event_id, disputes.look_dispute(object_id), None)
    else:
        answer = gateway.look(kind, object_id)
        if answer.kind == gateway.ResultKind.UNKNOWN:
            _refuse_now(event_id, answer.code)
        note = _apply(event_id, answer.found) if answer.found is not None else f"not there: {answer.code}"
    transact(_done, event_id, note)


def _refuse_now(event_id: str, code: str) -> None:
    transact(_not_now, event_id, code)
    raise errors.message_not_readable_now(event_id, code)


def _read_dispute(event_id: str, answer: DisputeResult, kind: DisputeKind | None) -> str | None:
    """Apply a dispute, or a refund of somebody else's hand; one of no payment of ours is a case for a person."""
    if answer.kind == gateway.ResultKind.UNKNOWN:
        _refuse_now(event_id, answer.code)
    if answer.found is None:
        return f"not there: {answer.code}"
    if transact(disputing.apply, answer.found, kind) is None:
        intent = answer.found.intent_id or answer.found.ref
        transact(cases.open_case, CaseKind.FOREIGN_PAYMENT, intent, answer.found.cents, answer.found.ref)
        return "no payment of ours"
    return None


def _apply(event_id: str, found: ProviderState) -> str | None:
    if found.call_id is None:
        if found.refund_id:
            return _read_dispute(event_id, disputes.look_refund(found.refund_id), DisputeKind.OUTSIDE_REFUND)
        return _report(CaseKind.FOREIGN_PAYMENT, found)
    payment_id = transact(_payment_of, found.call_id)
    if payment_id is None:
        return _report(CaseKind.UNKNOWN_PAYMENT, found)
    transact(applying.apply, found.call_id, gateway.CallResult(gateway.ResultKind.FOUND, found), "webhook")
    calling.advance(payment_id, cause="webhook")
    return None


def _report(kind: CaseKind, found: ProviderState) -> str:
    """Money at the provider of which we know nothing is a case for a person; a page that nobody paid is none."""
    ref = found.refund_id or found.intent_id
    if ref and (found.refund_id or found.intent_status in RESERVING):
        transact(cases.open_case, kind, ref, found.cents, found.refund_status or found.intent_status or "")
    return f"no payment of ours: {kind}"


def _payment_of(call_id: UUID) -> UUID | None:
    found: UUID | None = session.scalar(sa.select(ProviderCall.payment_id).where(ProviderCall.id == call_id))
    return found


def _open_message(event_id: str) -> tuple[str, str, str] | None:
    message = session.get(WebhookEvent, event_id, populate_existing=True)
    if message is None or message.done_at:
        return None
    message.tries += 1
    return message.object_kind, message.object_id, message.account


def _done(event_id: str, note: str | None) -> None:
    message = session.get_one(WebhookEvent, event_id, populate_existing=True)
    if message.done_at:
        return
    message.done_at, message.last_error = now(), note


def _not_now(event_id: str, code: str) -> None:
    session.get_one(WebhookEvent, event_id, populate_existing=True).last_error = code
