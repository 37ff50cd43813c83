"""Where an order can be collected: in the shop, or at a pick-up point that can store it. Decision 0503.

A shop begins when it is open; orders after its cut-off count as the next day's. A pick-up point adds the way there.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

import sqlalchemy as sa

from foundation.clock import BERLIN, berlin, now
from foundation.database import session
from marketplace.handover.models import CollectionRule, HandoverPoint
from marketplace.handover.states import PointKind
from marketplace.shops.models import Storefront
from marketplace.shops.states import HandoverKind
from people import hours
from people.models import Municipality, Outlet

BOOKING_HORIZON = timedelta(days=8)
OPENING_SEARCH_SPAN = BOOKING_HORIZON * 2
DEFAULT_READY_HOURS = 2
DEFAULT_CUTOFF = time(16, 0)
DEFAULT_CAPACITY = 12  # orders a window


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
        """Say what an order keeps of it."""
        return {
            "name": self.name,
            "street": self.street,
            "postcode": self.postcode,
            "town": self.town,
            "phone": self.phone,
            "point": self.is_point,
        }


def calculate_ready_at(rule: CollectionRule, opening_hours: str, at: datetime) -> datetime:
    """Say when an order placed at `at` is ready in the shop: so many hours after the shop can begin with it."""
    local = berlin(at)
    begin = local
    if local.time() >= rule.cutoff:
        begin = datetime.combine(local.date() + timedelta(days=1), time(), BERLIN)
    spans = hours.list_open_spans(opening_hours, begin, begin + OPENING_SEARCH_SPAN, maximum=1)
    return (spans[0][0] if spans else begin + OPENING_SEARCH_SPAN) + timedelta(hours=rule.ready_hours)


def list_places(
    outlet: Outlet,
    storage_classes: Iterable[str],
    *,
    goods_only: bool,
    points: Sequence[tuple[HandoverPoint, str]] | None = None,
) -> list[HandoverPlace]:
    """List where these goods of this shop can be collected: in the shop, then the points that can store them.

    Services (`goods_only` false) happen in the shop. `points`: the active ones, where the caller has them already.
    """
    front = session.get(Storefront, outlet.id)
    kinds = front.handover_kinds if front else []
    rule = load_rule(outlet.id)
    ready = calculate_ready_at(rule, outlet.opening_hours, now())
    found = []
    if HandoverKind.SHOP in kinds:
        found.append(_place_of_shop(outlet, rule, ready))
    if HandoverKind.POINT in kinds and goods_only:
        known = list_active_points() if points is None else points
        stored = set(storage_classes)
        found += [_place_of_point(point, town, ready) for point, town in known if stored <= set(point.storage_classes)]
    return found


def load_rule(outlet_id: UUID) -> CollectionRule:
    """Load the shop's rule; without one of its own: ready in two hours, cut-off at four, twelve orders a window."""
    return session.get(CollectionRule, outlet_id) or CollectionRule(
        outlet_id=outlet_id, ready_hours=DEFAULT_READY_HOURS, cutoff=DEFAULT_CUTOFF, capacity=DEFAULT_CAPACITY
    )


def list_active_points() -> list[tuple[HandoverPoint, str]]:
    """List the pick-up points that work now, by name, each with its town."""
    query = (
        sa.select(HandoverPoint, Municipality.name)
        .join(Municipality, Municipality.ags == HandoverPoint.ags)
        .where(HandoverPoint.active)
        .order_by(HandoverPoint.name)
        .execution_options(populate_existing=True)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def _place_of_shop(outlet: Outlet, rule: CollectionRule, ready: datetime) -> HandoverPlace:
    return HandoverPlace(
        id=outlet.id,
        is_point=False,
        kind=PointKind.SHOP,
        name=outlet.name,
        street=outlet.street,
        postcode=outlet.postcode,
        town=outlet.municipality.name,
        phone=outlet.phone,
        hours=outlet.opening_hours,
        capacity=rule.capacity,
        ready_at=ready,
    )


def _place_of_point(point: HandoverPoint, town: str, ready: datetime) -> HandoverPlace:
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
