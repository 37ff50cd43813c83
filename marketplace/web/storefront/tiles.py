"""What a tile says about an offer or a shop. Made by the dozen on every page: no statement is run in here.

A tile is drawn by the macro `tile` from nothing but its words, so the drawn one is kept by its words and language.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from flask import get_template_attribute
from markupsafe import Markup

from foundation.languages import _, current_language, localise_number
from marketplace.catalogue.availability import describe_availability
from marketplace.catalogue.prices import calculate_unit_price, format_content
from marketplace.catalogue.rows import Hit, OfferRow
from marketplace.catalogue.states import OfferKind
from marketplace.shops.directory import Shop, measure_kilometres
from marketplace.shops.locations import Location
from marketplace.shops.opening import StatusLine, describe_opening
from marketplace.web.storefront.words import find_category_artwork, find_trade_artwork
from people.trades import trade_word

TileRow = Hit | OfferRow


@lru_cache(maxsize=5000)
def _draw_tile(language: str, words: tuple[tuple[str, object], ...]) -> Markup:
    return Markup(get_template_attribute("parts/ui.html", "tile")(**dict(words)))  # noqa: S704 a macro's output


def draw_tiles(tiles: Iterable[dict[str, Any]]) -> list[Markup]:
    """Draw the tiles as they go into the page."""
    language = current_language()
    return [_draw_tile(language, tuple(tile.items())) for tile in tiles]


@lru_cache(maxsize=5000)
def _unit_text(language: str, cents: int, amount: int | None, unit: str | None) -> str | None:
    price = calculate_unit_price(cents, amount, unit)
    return str(price) if price else None


def make_offer_url(row: OfferRow) -> str:
    """Make the address of an offer's page."""
    return f"/angebot/{row.id}-{row.slug}"


def format_distance(km: float) -> str:
    """Write a distance: "3,2 km", from ten kilometres on without the part after the comma."""
    return f"{round(km)} km" if km >= 10 else localise_number(f"{km:.1f} km".replace(".", ","))


def describe_location(shop: Shop, place: Location | None) -> str:
    """Say where a shop is: "Bäckerei Nolte, Nottuln", with the distance when the reader's place is known."""
    where = f"{shop.name}, {shop.town}"
    if place is None:
        return where
    return f"{where} · {format_distance(measure_kilometres(place.latitude, place.longitude, shop))}"


def make_offer_tiles(
    rows: Iterable[TileRow],
    shops: Mapping[UUID, Shop],
    counts: Mapping[UUID, int | None],
    *,
    now: datetime,
    place: Location | None = None,
    in_shop: bool = False,
) -> list[Markup]:
    """Make a tile for each offer. A hit for several shops says so and shows the lowest price."""
    tiles = []
    when: dict[UUID, StatusLine] = {}  # what is there can be had at the same time throughout a shop
    where: dict[UUID, str] = {}
    for row in rows:
        shop = shops.get(row.outlet_id)
        if shop is None:  # taken down since the list was remembered
            continue
        if shop.outlet_id not in when:
            when[shop.outlet_id] = describe_availability(shop, kind=OfferKind.GOODS, count=1, now=now)
            where[shop.outlet_id] = describe_location(shop, place)
        count = 1 if row.has_variants else counts.get(row.id)
        there = count and row.kind == OfferKind.GOODS
        says = when[shop.outlet_id] if there else describe_availability(shop, kind=row.kind, count=count, now=now)
        tiles.append(_make_offer_tile(row, says, None if in_shop else where[shop.outlet_id]))
    return draw_tiles(tiles)


def _make_offer_tile(row: TileRow, says: StatusLine, where: str | None) -> dict[str, Any]:
    several = row.offers if isinstance(row, Hit) else 1
    cents = row.lowest_cents if isinstance(row, Hit) else row.price_cents
    notes = [
        format_content(row.content_amount, row.content_unit),
        _("in %(count)s Läden", count=several) if several > 1 else "",
        _("zzgl. Pfand") if row.deposit_cents else "",
        _("ab %(age)s Jahren", age=row.age_limit) if row.age_limit else "",
    ]
    return {
        "title": row.name,
        "url": make_offer_url(row),
        "artwork_slug": find_category_artwork(row.category_slug),
        "price_cents": cents,
        "price_from": row.has_variants or cents < row.price_cents,
        "unit_price": _unit_text(current_language(), cents, row.content_amount, row.content_unit),
        "place": where,
        "answer": says.text,
        "answer_kind": says.kind,
        "note": " · ".join(note for note in notes if note),
    }


def make_shop_tiles(
    shops: Iterable[Shop], *, now: datetime, place: Location | None = None, level: int = 3
) -> list[Markup]:
    """Make a tile for each shop, with its state and its distance from the reader."""
    tiles = []
    for shop in shops:
        says = describe_opening(shop, now)
        where = f"{shop.street}, {shop.town}"
        if place:
            where += f" · {format_distance(measure_kilometres(place.latitude, place.longitude, shop))}"
        tiles.append(
            {
                "title": shop.name,
                "url": f"/laden/{shop.slug}",
                "artwork_kind": "trade",
                "artwork_slug": find_trade_artwork(shop.trade),
                "place": where,
                "answer": says.text,
                "answer_kind": says.kind,
                "note": trade_word(shop.trade),
                "level": level,
            }
        )
    return draw_tiles(tiles)
