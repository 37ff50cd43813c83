"""All shops with a window, as pages need them: kept in memory for a few seconds, because every page shows some."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from foundation.database import call
from marketplace.cache import cached
from marketplace.shops import errors
from marketplace.shops.models import Storefront
from people import hours
from people.models import Municipality, Organisation, Outlet

EARTH_RADIUS_KM = 6371.0
SHOPS_TTL_SECONDS = 15


@dataclass(frozen=True, kw_only=True)
class Shop:
    """One shop window with its place of business."""

    outlet_id: UUID
    organisation_id: UUID
    slug: str
    name: str
    trade: str
    street: str
    postcode: str
    ags: str
    town: str
    town_slug: str
    latitude: float
    longitude: float
    phone: str
    email: str
    opening_hours: str
    step_free: bool
    story: str
    payment_kinds: tuple[str, ...]
    handover_kinds: tuple[str, ...]
    imprint: str
    legal_name: str
    legal_street: str
    legal_postcode: str
    legal_town: str
    vat_id: str | None
    register: str | None

    @property
    def sells_online(self) -> bool:
        """Whether it can be ordered from; else its goods are to be had in the shop only."""
        return bool(self.handover_kinds)


COLUMNS = (
    Outlet.id.label("outlet_id"),
    Outlet.organisation_id,
    Outlet.slug,
    Outlet.name,
    Outlet.trade,
    Outlet.street,
    Outlet.postcode,
    Outlet.ags,
    Municipality.name.label("town"),
    Municipality.slug.label("town_slug"),
    Outlet.latitude,
    Outlet.longitude,
    Outlet.phone,
    Outlet.email,
    Outlet.opening_hours,
    Outlet.step_free,
    Storefront.story,
    Storefront.payment_kinds,
    Storefront.handover_kinds,
    Storefront.imprint,
    Organisation.legal_name,
    Organisation.street.label("legal_street"),
    Organisation.postcode.label("legal_postcode"),
    Organisation.town.label("legal_town"),
    Organisation.vat_id,
    Organisation.register,
)


def _shop(row: Any) -> Shop:
    values = row._asdict()
    lists = {name: tuple(values[name]) for name in ("payment_kinds", "handover_kinds")}
    return Shop(**(values | lists))


@cached(seconds=SHOPS_TTL_SECONDS)
def load_shops() -> dict[UUID, Shop]:
    """Load every published shop window of an active outlet, by name."""
    query = (
        sa.select(*COLUMNS)
        .select_from(Storefront)
        .join(Outlet, Outlet.id == Storefront.outlet_id)
        .join(Organisation, Organisation.id == Outlet.organisation_id)
        .join(Municipality, Municipality.ags == Outlet.ags)
        .where(Storefront.published, Outlet.active)
        .order_by(sa.func.lower(sa.func.unaccent(Outlet.name)), Outlet.name)
    )
    return {row.outlet_id: _shop(row) for row in call(query)}


@cached(seconds=SHOPS_TTL_SECONDS)
def load_shops_by_slug() -> dict[str, Shop]:
    """Load the same by the name in the address."""
    return {shop.slug: shop for shop in load_shops().values()}


def load_shop(slug: str) -> Shop:
    """Load one shop by the name in its address. Refuses (`shop_unknown`) what is not published."""
    found = load_shops_by_slug().get(slug)
    if found is None:
        raise errors.shop_unknown()
    return found


@cached(seconds=SHOPS_TTL_SECONDS)
def find_open_shops(minute: datetime) -> frozenset[UUID]:
    """Find the shops that are open in this minute."""
    return frozenset(s.outlet_id for s in load_shops().values() if hours.is_open(s.opening_hours, minute))


def measure_kilometres(latitude: float, longitude: float, shop: Shop) -> float:
    """Measure the way from a point (WGS 84) to a shop as the crow flies (haversine); roads are longer."""
    one, two = math.radians(latitude), math.radians(shop.latitude)
    across = math.radians(shop.longitude - longitude)
    inner = math.sin((two - one) / 2) ** 2 + math.cos(one) * math.cos(two) * math.sin(across / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(inner))


def count_by_town(chosen: Iterable[Shop]) -> dict[str, tuple[str, int]]:
    """Count shops by town: slug -> (name, how many), by name."""
    counts: dict[str, tuple[str, int]] = {}
    for shop in sorted(chosen, key=lambda s: s.town):
        counts[shop.town_slug] = (shop.town, counts.get(shop.town_slug, ("", 0))[1] + 1)
    return counts


def clear_cache() -> None:
    """Forget all shops, after a change to a shop or its window."""
    for function in (load_shops, load_shops_by_slug, find_open_shops):
        function.cache_clear()
