"""Write messages to shops' servers from sealed documents, so that no redemption waits for it.

Seals of a stream have no gaps and are never taken back, so that one number per stream says exactly what was written.
Decision 0314.
"""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from foundation.clock import now
from foundation.database import session, transact, uuid7
from foundation.jobs import enqueue, job
from money.ledger import sealing
from money.ledger.models import Seal, StreamHead
from vouchers.partners import sending
from vouchers.partners.models import WebhookCursor, WebhookDelivery, WebhookEndpoint, WebhookMessage
from vouchers.partners.states import EVENTS, WebhookEventKind
from vouchers.stored_value.models import Programme, Voucher, VoucherOperation
from vouchers.tills.models import Till

BATCH_SIZE = 1000
Op = VoucherOperation


@job("vouchers.collect_messages", every="* * * * *", transaction=False)
def collect() -> None:
    """Write messages for everything sealed since the last time, stream by stream, and have them sent."""
    query = (
        sa.select(WebhookCursor.stream)
        .join(StreamHead, StreamHead.stream == WebhookCursor.stream)
        .where(StreamHead.last_seal > WebhookCursor.seal_no)
    )
    for stream in transact(lambda: list(session.scalars(query))):
        while transact(_read_stream, stream):
            pass


@job("vouchers.collect_messages_soon", transaction=False)
def collect_soon() -> None:
    """Collect when something was just sealed."""
    collect()


def collect_after_seal() -> None:
    """Queue collecting when any server waits for messages. The sealer calls it."""
    transact(_queue_collecting)


def plug() -> None:
    """Register with the sealer, which calls after each batch of seals."""
    sealing.after_seal.append(collect_after_seal)


def _queue_collecting() -> None:
    if session.scalar(sa.select(WebhookEndpoint.id).where(WebhookEndpoint.removed_at.is_(None)).limit(1)):
        enqueue(collect_soon, lock="vouchers.collect_messages_soon")


def _read_stream(stream: int) -> bool:
    """One piece of a stream. True when there may be more. The lock makes one reader at a time work on it."""
    cursor = session.get_one(WebhookCursor, stream, with_for_update=True, populate_existing=True)
    last = session.scalar(
        sa.select(sa.func.max(Seal.seal_no)).where(
            Seal.stream == stream, Seal.seal_no > cursor.seal_no, Seal.seal_no <= cursor.seal_no + BATCH_SIZE
        )
    )
    if last is None:
        return False
    for row in session.execute(_operations(stream, cursor.seal_no, last)):
        _write(row)
    cursor.seal_no = last
    return True


def _operations(stream: int, after: int, upto: int) -> sa.Select[Any, Any, Any, Any]:
    heard = sa.exists().where(
        WebhookEndpoint.outlet_id == Op.outlet_id,
        WebhookEndpoint.removed_at.is_(None),
        WebhookEndpoint.created_at <= Op.recorded_at,
    )
    return (
        sa.select(Op, Seal.topic, Programme.name, Till.name)
        .join(Seal, sa.and_(Seal.aggregate_id == Op.voucher_id, Seal.journal_id == Op.id))
        .join(Voucher, Voucher.id == Op.voucher_id)
        .join(Programme, Programme.id == Voucher.programme_id)
        .outerjoin(Till, Till.id == Op.till_id)
        .where(Seal.stream == stream, Seal.seal_no > after, Seal.seal_no <= upto, Seal.topic.in_(EVENTS), heard)
        .order_by(Seal.seal_no)
    )


def _write(row: Any) -> None:
    operation, topic, programme, till = row
    event = EVENTS[topic]
    body = compose_body(event, operation.recorded_at, _data(operation, event, programme, till))
    write_message(operation.outlet_id, event, body, operation.id, happened_at=operation.recorded_at)


def write_message(
    outlet_id: UUID,
    event: WebhookEventKind,
    body: str,
    operation_id: UUID | None = None,
    *,
    endpoint_id: UUID | None = None,
    happened_at: datetime | None = None,
) -> None:
    """Write a message and its deliveries, once per operation: to one server, or to all that chose the event.

    A server gets nothing of what happened before it was added.
    """
    message = {"id": uuid7(), "outlet_id": outlet_id, "event": event, "operation_id": operation_id, "body": body}
    statement = insert(WebhookMessage).values(message | {"created_at": now()}).on_conflict_do_nothing()
    message_id = session.scalar(statement.returning(WebhookMessage.id))
    if message_id is None:
        return
    query = sa.select(WebhookEndpoint.id, WebhookEndpoint.active).where(
        WebhookEndpoint.outlet_id == outlet_id,
        WebhookEndpoint.removed_at.is_(None),
        WebhookEndpoint.created_at <= (happened_at or now()),
    )
    one = WebhookEndpoint.id == endpoint_id if endpoint_id else WebhookEndpoint.events.contains([event])
    for found, active in session.execute(query.where(one)).all():
        session.add(WebhookDelivery(message_id=message_id, endpoint_id=found))
        session.flush()
        if active:
            sending.send_soon(found)


def compose_body(event: WebhookEventKind, at: datetime, data: dict[str, Any]) -> str:
    """Compose the body as it is signed and sent, byte for byte."""
    body = {"type": event, "timestamp": at.isoformat(), "data": data}
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False)


def _data(operation: VoucherOperation, event: WebhookEventKind, programme: str, till: str | None) -> dict[str, Any]:
    """What a shop's system needs to find its own receipt. No person, no voucher, no balance."""
    named: dict[WebhookEventKind, tuple[tuple[str, UUID | None], ...]] = {
        WebhookEventKind.REDEMPTION_CREATED: (("redemption_id", operation.id),),
        WebhookEventKind.REDEMPTION_VOIDED: (("void_id", operation.id), ("redemption_id", operation.ref_id)),
        WebhookEventKind.REDEMPTION_REFUNDED: (("refund_id", operation.id), ("redemption_id", operation.ref_id)),
        WebhookEventKind.HOLD_CREATED: (("hold_id", operation.id),),
        WebhookEventKind.HOLD_CAPTURED: (("redemption_id", operation.id), ("hold_id", operation.ref_id)),
        WebhookEventKind.HOLD_RELEASED: (("release_id", operation.id), ("hold_id", operation.ref_id)),
    }
    data: dict[str, Any] = {name: str(value) if value else None for name, value in named[event]}
    data |= {
        "amount_cents": operation.cents,
        "currency": "EUR",
        "programme": programme,
        "outlet_id": str(operation.outlet_id),
        "till_id": str(operation.till_id) if operation.till_id else None,
        "till": till,
        "receipt_no": operation.receipt_no,
        "booked_on": operation.booked_on.isoformat(),
    }
    if event == WebhookEventKind.HOLD_CREATED and operation.expires_at:
        data["expires_at"] = operation.expires_at.isoformat()
    return data
