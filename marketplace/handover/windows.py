"""Where an order can be collected and when: windows cut out of opening hours, after the shop had time to prepare.

A shop begins when it is open; orders after its cut-off count as the next day's. A pick-up point adds the way there.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID, uuid5

import sqlalchemy as sa

from foundation.clock import BERLIN, berlin, now
from foundation.database import session
from marketplace.handover.models import CollectionRule, HandoverPoint, HandoverWindow, WindowBooking, WindowHold
from marketplace.shops.models import Storefront
from people import hours
from people.models import Municipality, Outlet

NAMESPACE = UUID("0191d5c6-7b1e-7c55-9a39-5f3a2d7c8e10")
WINDOW_LENGTH = timedelta(hours=2)
MIN_WINDOW_LENGTH = timedelta(hours=1)
BOOKING_HORIZON = timedelta(days=8)
MAX_WINDOWS_SHOWN = 18


@dataclass(frozen=True)
class HandoverPlace:
    """A shop or a pick-up point, as a shopper has to know it."""

    id: UUID
    is_point: bool
    kind: str
    name: str
    street: str
    postcode: str
    town: str
    phone: str
    hours: str
    capacity: int
    ready_at: datetime

    def snapshot(self) -> dict[str, object]:
        """What an order keeps of it."""
        return {
            "name": self.name,
            "street": self.street,
            "postcode": self.postcode,
            "town": self.town,
            "phone": self.phone,
            "point": self.is_point,
        }


@dataclass(frozen=True)
class Window:
    """A stretch of time at a place, with what is still free in it."""

    id: UUID
    place: HandoverPlace
    starts_at: datetime
    ends_at: datetime
    free: int


def calculate_ready_at(rule: CollectionRule, opening_hours: str, at: datetime) -> datetime:
    """When an order placed at `at` is ready in the shop: so many hours after the shop can begin with it."""
    local = berlin(at)
    begin = local
    if local.time() >= rule.cutoff:
        begin = datetime.combine(local.date() + timedelta(days=1), time(), BERLIN)
    spans = hours.list_open_spans(opening_hours, begin, begin + BOOKING_HORIZON * 2, maximum=1)
    return (spans[0][0] if spans else begin + BOOKING_HORIZON * 2) + timedelta(hours=rule.ready_hours)


def list_places(
    outlet: Outlet,
    storage_classes: Iterable[str],
    *,
    goods_only: bool,
    points: Sequence[tuple[HandoverPoint, str]] | None = None,
) -> list[HandoverPlace]:
    """Where these goods of this shop can be collected: in the shop, then the points that can store them.

    Services (`goods_only` false) happen in the shop. `points`: the active ones, where the caller has them already.
    """
    front = session.get(Storefront, outlet.id)
    kinds = front.handover_kinds if front else []
    rule = load_rule(outlet.id)
    ready = calculate_ready_at(rule, outlet.opening_hours, now())
    found = []
    if "shop" in kinds:
        found.append(_shop(outlet, rule, ready))
    if "point" in kinds and goods_only:
        known = list_active_points() if points is None else points
        stored = set(storage_classes)
        found += [_point(point, town, ready) for point, town in known if stored <= set(point.storage_classes)]
    return found


def load_rule(outlet_id: UUID) -> CollectionRule:
    """The shop's rule; without one of its own: ready in two hours, cut-off at four, twelve orders a window."""
    return session.get(CollectionRule, outlet_id) or CollectionRule(
        outlet_id=outlet_id, ready_hours=2, cutoff=time(16, 0), capacity=12
    )


def list_windows(place: HandoverPlace, *, besides: UUID | None = None) -> list[Window]:
    """The next windows of a place that the order can make and that have room; the draft's own hold does not count."""
    return list_windows_at([place], besides=besides)[0]


def list_windows_at(places: Sequence[HandoverPlace], *, besides: UUID | None = None) -> list[list[Window]]:
    """The same for several places, in their order, with one question for what is taken."""
    spans = [[span for span in _cut(place) if span[0] >= place.ready_at][:MAX_WINDOWS_SHOWN] for place in places]
    ids = {make_window_id(place.id, start) for place, cut in zip(places, spans, strict=True) for start, _end in cut}
    taken = count_occupied(ids, besides=besides) if ids else {}
    return [_free(place, cut, taken) for place, cut in zip(places, spans, strict=True)]


def _free(place: HandoverPlace, cut: list[tuple[datetime, datetime]], taken: Mapping[UUID, int]) -> list[Window]:
    found = []
    for start, end in cut:
        id = make_window_id(place.id, start)
        free = place.capacity - taken.get(id, 0)
        if free > 0:
            found.append(Window(id, place, start, end, free))
    return found


def make_window_id(place_id: UUID, starts_at: datetime) -> UUID:
    """The id that this window has, whether its row exists yet or not."""
    return uuid5(NAMESPACE, f"{place_id}|{int(starts_at.timestamp())}")


def count_occupied(window_ids: Iterable[UUID], *, besides: UUID | None = None) -> dict[UUID, int]:
    """How many places are taken in each window, by orders and by drafts whose hold has not run out."""
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


def _cut(place: HandoverPlace) -> list[tuple[datetime, datetime]]:
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


def _shop(outlet: Outlet, rule: CollectionRule, ready: datetime) -> HandoverPlace:
    return HandoverPlace(
        id=outlet.id,
        is_point=False,
        kind="shop",
        name=outlet.name,
        street=outlet.street,
        postcode=outlet.postcode,
        town=outlet.municipality.name,
        phone=outlet.phone,
        hours=outlet.opening_hours,
        capacity=rule.capacity,
        ready_at=ready,
    )


def list_active_points() -> list[tuple[HandoverPoint, str]]:
    """The pick-up points that work now, by name, each with its town."""
    query = (
        sa.select(HandoverPoint, Municipality.name)
        .join(Municipality, Municipality.ags == HandoverPoint.ags)
        .where(HandoverPoint.active)
        .order_by(HandoverPoint.name)
        .execution_options(populate_existing=True)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def _point(point: HandoverPoint, town: str, ready: datetime) -> HandoverPlace:
    return HandoverPlace(
        id=point.id,
        is_point=True,
        kind=point.kind,
        name=point.name,
        street=point.street,
        postcode=point.postcode,
        town=town,
        phone=point.phone,
        hours=point.opening_hours,
        capacity=point.capacity,
        ready_at=ready + timedelta(hours=point.transport_hours),
    )


def load_windows(window_ids: Iterable[UUID]) -> dict[UUID, HandoverWindow]:
    """The rows of windows, by id."""
    wanted = list(window_ids)
    if not wanted:
        return {}
    query = sa.select(HandoverWindow).where(HandoverWindow.id.in_(wanted))
    return {row.id: row for row in session.scalars(query)}
