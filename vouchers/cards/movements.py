"""Moving cards that are worth nothing: to a counter and home again, lost, found, destroyed. Ranges, all or none."""

from uuid import UUID

import sqlalchemy as sa

from foundation import audit
from foundation.database import session
from foundation.errors import Invalid, NotFound, Refused
from foundation.languages import _
from vouchers.cards import numbers
from vouchers.cards.models import CardBatch, CardMovement, Counter, StockCard
from vouchers.cards.states import FROM, MOVEMENTS
from vouchers.stored_value.models import Programme

MAX_RANGE_CARDS = 5000
MAX_REASON_CHARACTERS = 200
NEEDS_REASON = ("lost", "found", "destroyed")


def move_cards(
    kind: str,
    first: str,
    last: str,
    *,
    issuer_id: UUID,
    by: str,
    counter_id: UUID | None = None,
    reason: str = "",
) -> int:
    """Move all cards from the number `first` to the number `last` (the same when empty); gives how many.

    `sent` needs the counter they go to; `received` moves what was sent to that counter only. Refuses (`Refused`) when
    one card of the range is of another issuer or not where such a movement begins, such as one that was sold.
    """
    start, end = _read_range(first, last)
    told = " ".join(reason.split())
    if len(told) > MAX_REASON_CHARACTERS or (kind in NEEDS_REASON and len(told) < 3):
        raise Invalid(_("Bitte nennen Sie einen Grund, 3 bis 200 Zeichen."), field="reason")
    if kind == "sent":
        _check_counter(counter_id, issuer_id)
    count = end - start + 1
    moved = _move_range(kind, start, end, issuer_id, counter_id)
    if moved != count:
        raise Refused(
            _(
                "%(n)s von %(count)s Karten dieses Bereichs sind nicht da, wo das ginge. Es wurde nichts geändert.",
                n=count - moved,
                count=count,
            ),
            "range_not_whole",
        )
    row = CardMovement(
        kind=kind, first_serial=start, last_serial=end, count=count, counter_id=counter_id, reason=told, by=by
    )
    session.add(row)
    session.flush()
    audit.record(f"cards.{kind}", "card_movement", row.id, first=start, last=end, by=by)
    return count


def _read_range(first: str, last: str) -> tuple[int, int]:
    start = numbers.read_number_field(first, "first")
    end = numbers.read_number_field(last, "last") if last.strip() else start
    if not 0 <= end - start < MAX_RANGE_CARDS:
        raise Invalid(_("Ein Bereich beginnt mit der kleineren Nummer und hat höchstens 5000 Karten."), field="last")
    return start, end


def _check_counter(counter_id: UUID | None, issuer_id: UUID) -> None:
    counter = session.get(Counter, counter_id) if counter_id else None
    if counter is None or counter.issuer_id != issuer_id:
        raise NotFound(_("Diese Verkaufsstelle gibt es nicht."))
    if not counter.active:
        raise Refused(_("Diese Verkaufsstelle ist geschlossen."), "counter_closed")


def _move_range(kind: str, start: int, end: int, issuer_id: UUID, counter_id: UUID | None) -> int:
    ours = (
        sa.select(CardBatch.id)
        .join(Programme, Programme.id == CardBatch.programme_id)
        .where(Programme.issuer_id == issuer_id)
    )
    query = (
        sa.update(StockCard)
        .where(
            StockCard.serial.between(start, end),
            StockCard.state.in_(FROM[kind]),
            StockCard.batch_id.in_(ours),
        )
        .execution_options(synchronize_session=False)
    )
    if kind == "received":
        query = query.where(StockCard.counter_id == counter_id)
    values: dict[str, object] = {"state": MOVEMENTS[kind]}
    if kind == "sent":
        values["counter_id"] = counter_id
    elif MOVEMENTS[kind] == "stock":
        values["counter_id"] = None
    moved = len(session.execute(query.values(values).returning(StockCard.id)).all())
    session.expire_all()
    return moved
