"""Moving cards that are worth nothing: to a counter and home again, lost, found, destroyed. Ranges, all or none.

Decision 0315.
"""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from foundation import audit
from foundation.database import session
from vouchers.cards import errors, numbers
from vouchers.cards.models import CardBatch, CardMovement, Counter, StockCard
from vouchers.cards.states import STATE_AFTER, STATES_BEFORE, CardMovementKind, CardState
from vouchers.stored_value.models import Programme

MAX_RANGE_CARDS = 5000
MAX_REASON_CHARACTERS = 200
MIN_REASON_CHARACTERS = 3
NEEDS_REASON = (CardMovementKind.LOST, CardMovementKind.FOUND, CardMovementKind.DESTROYED)


@dataclass(frozen=True)
class CardMove:
    """A movement of all cards from the number `first` to the number `last` (the same when empty).

    `sent` needs the counter they go to; `received` moves what was sent to that counter only.
    """

    kind: CardMovementKind
    first: str
    last: str
    counter_id: UUID | None = None
    reason: str = ""


def move_cards(move: CardMove, *, issuer_id: UUID, by: str) -> int:
    """Move a range of cards, all or none; return how many.

    Refuses (`Refused`) when one card of the range is of another issuer or not where such a movement begins, such as one
    that was sold.
    """
    start, end = _read_range(move.first, move.last)
    reason = " ".join(move.reason.split())
    if len(reason) > MAX_REASON_CHARACTERS or (move.kind in NEEDS_REASON and len(reason) < MIN_REASON_CHARACTERS):
        raise errors.reason_missing()
    if move.kind == CardMovementKind.SENT:
        _check_counter(move.counter_id, issuer_id)
    count = end - start + 1
    moved = _move_range(move, start, end, issuer_id)
    if moved != count:
        raise errors.range_not_whole(count - moved, count)
    row = CardMovement(
        kind=move.kind,
        first_serial=start,
        last_serial=end,
        count=count,
        counter_id=move.counter_id,
        reason=reason,
        by=by,
    )
    session.add(row)
    session.flush()
    audit.record(f"cards.{move.kind}", "card_movement", row.id, first=start, last=end, by=by)
    return count


def _read_range(first: str, last: str) -> tuple[int, int]:
    start = numbers.read_number_field(first, "first")
    end = numbers.read_number_field(last, "last") if last.strip() else start
    if not 0 <= end - start < MAX_RANGE_CARDS:
        raise errors.range_unreadable()
    return start, end


def _check_counter(counter_id: UUID | None, issuer_id: UUID) -> None:
    counter = session.get(Counter, counter_id) if counter_id else None
    if counter is None or counter.issuer_id != issuer_id:
        raise errors.counter_unknown()
    if not counter.active:
        raise errors.counter_closed()


def _move_range(move: CardMove, start: int, end: int, issuer_id: UUID) -> int:
    ours = (
        sa.select(CardBatch.id)
        .join(Programme, Programme.id == CardBatch.programme_id)
        .where(Programme.issuer_id == issuer_id)
    )
    query = (
        sa.update(StockCard)
        .where(
            StockCard.serial.between(start, end),
            StockCard.state.in_(STATES_BEFORE[move.kind]),
            StockCard.batch_id.in_(ours),
        )
        .execution_options(synchronize_session=False)
    )
    if move.kind == CardMovementKind.RECEIVED:
        query = query.where(StockCard.counter_id == move.counter_id)
    after = STATE_AFTER[move.kind]
    values: dict[str, object] = {"state": after}
    if move.kind == CardMovementKind.SENT:
        values["counter_id"] = move.counter_id
    elif after == CardState.STOCK:
        values["counter_id"] = None
    moved = len(session.execute(query.values(values).returning(StockCard.id)).all())
    session.expire_all()
    return moved
