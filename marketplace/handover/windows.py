"""When an order can be collected: windows cut out of opening hours, after the shop had time to prepare.

Decision 0503.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID, uuid5

import sqlalchemy as sa

from foundation.clock import BERLIN, berlin, now
from foundation.database import session
from marketplace.handover.models import HandoverWindow, WindowBooking, WindowHold
from marketplace.handover.places import BOOKING_HORIZON, HandoverPlace
from people import hours

NAMESPACE = UUID("0191d5c6-7b1e-7c55-9a39-5f3a2d7c8e10")
WINDOW_LENGTH = timedelta(hours=2)
MIN_WINDOW_LENGTH = timedelta(hours=1)
MAX_WINDOWS_SHOWN = 18


@dataclass(frozen=True)
class Window:
    """A stretch of time at a place, with what is still free in it."""

    id: UUID
    place: HandoverPlace
    starts_at: datetime
    ends_at: datetime
    free: int


def list_windows(place: HandoverPlace, *, besides: UUID | None = None) -> list[Window]:
    """List the next windows of a place that the order can make and that have room.

    `besides`: a draft whose own hold does not count.
    """
    return list_windows_at([place], besides=besides)[0]


def list_windows_at(places: Sequence[HandoverPlace], *, besides: UUID | None = None) -> list[list[Window]]:
    """List the same for several places, in their order, with one question for what is taken."""
    spans = [[span for span in _cut_hours(place) if span[0] >= place.ready_at][:MAX_WINDOWS_SHOWN] for place in places]
    ids = {make_window_id(place.id, start) for place, cut in zip(places, spans, strict=True) for start, _end in cut}
    taken = count_occupied(ids, besides=besides) if ids else {}
    return [_list_free(place, cut, taken) for place, cut in zip(places, spans, strict=True)]


def _list_free(place: HandoverPlace, cut: list[tuple[datetime, datetime]], taken: Mapping[UUID, int]) -> list[Window]:
    found = []
    for start, end in cut:
        id = make_window_id(place.id, start)
        free = place.capacity - taken.get(id, 0)
        if free > 0:
            found.append(Window(id, place, start, end, free))
    return found


def make_window_id(place_id: UUID, starts_at: datetime) -> UUID:
    """Make the id that this window has, whether its row exists yet or not."""
    return uuid5(NAMESPACE, f"{place_id}|{int(starts_at.timestamp())}")


def count_occupied(window_ids: Iterable[UUID], *, besides: UUID | None = None) -> dict[UUID, int]:
    """Count the places taken in each window, by orders and by drafts whose hold has not run out."""
    wanted = list(window_ids)
    booked = sa.select(WindowBooking.window_id).where(
        WindowBooking.window_id.in_(wanted), WindowBooking.released_at.is_(None)
    )
    held = sa.select(WindowHold.window_id).where(WindowHold.window_id.in_(wanted), WindowHold.expires_at > now())
    if besides:
        held = held.where(WindowHold.checkout_id != besides)
    both = booked.union_all(held).subquery()
    query = sa.select(both.c.window_id, sa.func.count()).group_by(both.c.window_id)
    return {row[0]: int(row[1]) for row in session.execute(query)}


def _cut_hours(place: HandoverPlace) -> list[tuple[datetime, datetime]]:
    """Opening hours in pieces of two hours; a rest under an hour joins the piece before. A night ends a piece."""
    first = datetime.combine(berlin(now()).date(), time(), BERLIN)
    pieces: list[tuple[datetime, datetime]] = []
    for start, end in hours.list_open_spans(place.hours, first, place.ready_at + BOOKING_HORIZON):
        while start < end:
            stop = start + WINDOW_LENGTH
            if end - stop < MIN_WINDOW_LENGTH:
                stop = end
            pieces.append((start, stop))
            start = stop
    return pieces


def load_windows(window_ids: Iterable[UUID]) -> dict[UUID, HandoverWindow]:
    """Load the rows of windows, by id."""
    wanted = list(window_ids)
    if not wanted:
        return {}
    query = sa.select(HandoverWindow).where(HandoverWindow.id.in_(wanted))
    return {row.id: row for row in session.scalars(query)}
