"""The finder: which shops take a voucher, by town and trade, open now, without a step. And the nearest to a place."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from foundation import clock
from foundation.database import session
from people import hours
from people.models import Municipality, Outlet
from people.trades import trade_word
from vouchers.stored_value.models import Acceptance, Programme, Reciprocity

HOURS_AHEAD = timedelta(days=7)
MAX_SHOPS = 1000


@dataclass(frozen=True)
class ShopFilter:
    """What the holder looks for; nothing means any."""

    ags: str = ""
    trade: str = ""
    open_now: bool = False
    step_free: bool = False


@dataclass(frozen=True)
class ListedShop:
    """A shop of the list. `open`: at this moment; `change`: when that ends."""

    outlet: Outlet
    open: bool
    change: str


@dataclass(frozen=True)
class FinderResult:
    """What was found, and what could be chosen: towns and trades of all shops that take the voucher."""

    shops: list[ListedShop]
    towns: list[tuple[str, str, int]] = field(default_factory=list)
    trades: list[tuple[str, int]] = field(default_factory=list)


def list_accepting(programme_id: UUID) -> Sequence[Outlet]:
    """List the shops that take vouchers of the programme at this second, by town and name; also a host programme's."""
    at = clock.now()
    hosts = sa.select(Reciprocity.host_programme_id).where(
        Reciprocity.programme_id == programme_id,
        Reciprocity.valid_from <= at,
        sa.or_(Reciprocity.valid_until.is_(None), Reciprocity.valid_until > at),
    )
    shops = sa.select(Acceptance.outlet_id).where(
        sa.or_(Acceptance.programme_id == programme_id, Acceptance.programme_id.in_(hosts)),
        Acceptance.valid_from <= at,
        sa.or_(Acceptance.valid_until.is_(None), Acceptance.valid_until > at),
    )
    query = (
        sa.select(Outlet)
        .join(Municipality, Municipality.ags == Outlet.ags)
        .where(Outlet.id.in_(shops), Outlet.active)
        .order_by(Municipality.name, Outlet.name, Outlet.id)
        .limit(MAX_SHOPS)
    )
    return session.scalars(query).unique().all()


def find_shops(programme_id: UUID, shop_filter: ShopFilter) -> FinderResult:
    """Find the shops that fit the filter. What is not known (another town's key) finds nothing."""
    outlets = list_accepting(programme_id)
    towns: dict[str, tuple[str, int]] = {}
    trades: dict[str, int] = {}
    for outlet in outlets:
        towns[outlet.ags] = (outlet.municipality.name, towns.get(outlet.ags, ("", 0))[1] + 1)
        trades[outlet.trade] = trades.get(outlet.trade, 0) + 1
    shops = [_look_at(outlet) for outlet in outlets if _is_wanted(outlet, shop_filter)]
    return FinderResult(
        [shop for shop in shops if shop.open or not shop_filter.open_now],
        sorted(((ags, name, count) for ags, (name, count) in towns.items()), key=lambda town: town[1]),
        sorted(trades.items()),
    )


def list_nearest(programme_id: UUID, place: Outlet, maximum: int, areas: Sequence[str] = ()) -> list[Outlet]:
    """List the shops nearest to a place that take the voucher, without itself; `areas`: only these postcodes."""

    def far(outlet: Outlet) -> float:
        # A degree of longitude is 0.62 of one of latitude here (cos 51.9°): good enough to sort by.
        return (outlet.latitude - place.latitude) ** 2 + (0.62 * (outlet.longitude - place.longitude)) ** 2

    fitting = [o for o in list_accepting(programme_id) if o.id != place.id and (not areas or o.postcode[:2] in areas)]
    return sorted(fitting, key=far)[:maximum]


def export_list(programme: Programme) -> dict[str, Any]:
    """Export the list for a telephone, with the opening hours of a week: it says "open now" without a network."""
    begin = clock.now()
    return {
        "programme": programme.name,
        "slug": programme.slug,
        "at": int(begin.timestamp()),
        "shops": [
            {
                "name": outlet.name,
                "town": outlet.municipality.name,
                "trade": trade_word(outlet.trade),
                "street": f"{outlet.street}, {outlet.postcode}",
                "phone": outlet.phone,
                "stepFree": outlet.step_free,
                "open": [
                    [int(start.timestamp()), int(end.timestamp())]
                    for start, end in hours.list_open_spans(outlet.opening_hours, begin, begin + HOURS_AHEAD)
                ],
            }
            for outlet in list_accepting(programme.id)
        ],
    }


def _is_wanted(outlet: Outlet, shop_filter: ShopFilter) -> bool:
    return (
        (not shop_filter.ags or outlet.ags == shop_filter.ags)
        and (not shop_filter.trade or outlet.trade == shop_filter.trade)
        and (not shop_filter.step_free or outlet.step_free)
    )


def _look_at(outlet: Outlet) -> ListedShop:
    at = clock.now()
    change = hours.find_next_change(outlet.opening_hours, at)
    return ListedShop(outlet, hours.is_open(outlet.opening_hours, at), _format_change(change) if change else "")


def _format_change(change: Any) -> str:
    wall = clock.berlin(change)
    return f"{wall:%H:%M}" if wall.date() == clock.today() else f"{wall:%d.%m. %H:%M}"
