"""What a tile says about an offer or a shop. Made by the dozen on every page: no statement is run in here."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from foundation.languages import _
from marketplace.catalogue.prices import content_text, unit_price
from marketplace.shops.collecting import answer, open_state
from marketplace.shops.directory import Shop, kilometres
from marketplace.shops.places import Place
from marketplace.web.storefront.words import category_artwork, trade_artwork, trade_word


def offer_url(row: Any) -> str:
    """The address of an offer's page."""
    return f"/angebot/{row.id}-{row.slug}"


def distance_text(km: float) -> str:
    """ "3,2 km", from ten kilometres on without the part after the comma."""
    return f"{round(km)} km" if km >= 10 else f"{km:.1f} km".replace(".", ",")


def place_text(shop: Shop, place: Place | None) -> str:
    """ "Bäckerei Nolte, Nottuln", with the distance when the reader's place is known."""
    where = f"{shop.name}, {shop.town}"
    if place is None:
        return where
    return f"{where} · {distance_text(kilometres(place.latitude, place.longitude, shop))}"


def offer_tiles(
    rows: Iterable[Any],
    shops: Mapping[UUID, Shop],
    counts: Mapping[UUID, int | None],
    *,
    now: datetime,
    place: Place | None = None,
    in_shop: bool = False,
) -> list[dict[str, Any]]:
    """The arguments of the macro `tile` for each offer. A hit for several shops says so and shows the lowest price."""
    tiles = []
    for row in rows:
        shop = shops.get(row.outlet_id)
        if shop is None:  # taken down since the list was kept
            continue
        several = getattr(row, "offers", 1)
        if row.has_variants:
            says = answer(shop, kind=row.kind, count=1, now=now)
        else:
            says = answer(shop, kind=row.kind, count=counts.get(row.id), now=now)
        cents = row.least if several > 1 else row.price_cents
        price = unit_price(cents, row.content_amount, row.content_unit)
        notes = [content_text(row.content_amount, row.content_unit)]
        if several > 1:
            notes.append(_("in %(count)s Läden", count=several))
        if row.deposit_cents:
            notes.append(_("zzgl. Pfand"))
        if row.age_limit:
            notes.append(_("ab %(age)s Jahren", age=row.age_limit))
        tiles.append(
            {
                "title": row.name,
                "url": offer_url(row),
                "artwork_slug": category_artwork(row.category_slug),
                "price_cents": cents,
                "price_from": row.has_variants or (several > 1 and row.least < row.price_cents),
                "unit_price": str(price) if price else None,
                "place": None if in_shop else place_text(shop, place),
                "answer": says.text,
                "answer_kind": says.kind,
                "note": " · ".join(note for note in notes if note),
            }
        )
    return tiles


def shop_tiles(
    shops: Iterable[Shop], *, now: datetime, place: Place | None = None, level: int = 3
) -> list[dict[str, Any]]:
    """The arguments of the macro `tile` for each shop."""
    tiles = []
    for shop in shops:
        says = open_state(shop, now)
        where = f"{shop.street}, {shop.town}"
        if place:
            where += f" · {distance_text(kilometres(place.latitude, place.longitude, shop))}"
        tiles.append(
            {
                "title": shop.name,
                "url": f"/laden/{shop.slug}",
                "artwork_kind": "trade",
                "artwork_slug": trade_artwork(shop.trade),
                "place": where,
                "answer": says.text,
                "answer_kind": says.kind,
                "note": trade_word(shop.trade),
                "level": level,
            }
        )
    return tiles
