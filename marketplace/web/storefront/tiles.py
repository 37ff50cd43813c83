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
from marketplace.catalogue.prices import calculate_unit_price, format_content
from marketplace.shops.availability import Availability, describe_availability, describe_opening
from marketplace.shops.directory import Shop, measure_kilometres
from marketplace.shops.locations import Location
from marketplace.web.storefront.words import find_category_artwork, find_trade_artwork
from people.trades import trade_word


@lru_cache(maxsize=5000)
def _drawn(language: str, words: tuple[tuple[str, object], ...]) -> Markup:
    return Markup(get_template_attribute("parts/ui.html", "tile")(**dict(words)))  # noqa: S704 a macro's output


def draw_tiles(tiles: Iterable[dict[str, Any]]) -> list[Markup]:
    """The tiles as they go into the page."""
    language = current_language()
    return [_drawn(language, tuple(tile.items())) for tile in tiles]


@lru_cache(maxsize=5000)
def _unit_text(language: str, cents: int, amount: int | None, unit: str | None) -> str | None:
    price = calculate_unit_price(cents, amount, unit)
    return str(price) if price else None


def make_offer_url(row: Any) -> str:
    """The address of an offer's page."""
    return f"/angebot/{row.id}-{row.slug}"


def format_distance(km: float) -> str:
    """ "3,2 km", from ten kilometres on without the part after the comma."""
    return f"{round(km)} km" if km >= 10 else localise_number(f"{km:.1f} km".replace(".", ","))


def describe_location(shop: Shop, place: Location | None) -> str:
    """ "Bäckerei Nolte, Nottuln", with the distance when the reader's place is known."""
    where = f"{shop.name}, {shop.town}"
    if place is None:
        return where
    return f"{where} · {format_distance(measure_kilometres(place.latitude, place.longitude, shop))}"


def make_offer_tiles(
    rows: Iterable[Any],
    shops: Mapping[UUID, Shop],
    counts: Mapping[UUID, int | None],
    *,
    now: datetime,
    place: Location | None = None,
    in_shop: bool = False,
) -> list[Markup]:
    """A tile for each offer. A hit for several shops says so and shows the lowest price."""
    tiles = []
    language = current_language()
    when: dict[UUID, Availability] = {}  # what is there can be had at the same time throughout a shop
    where: dict[UUID, str] = {}
    listed = list(rows)
    grouped = bool(listed) and hasattr(listed[0], "offers")  # asking a row for a column it has not is dear
    for row in listed:
        shop = shops.get(row.outlet_id)
        if shop is None:  # taken down since the list was kept
            continue
        several = row.offers if grouped else 1
        count = 1 if row.has_variants else counts.get(row.id)
        if shop.outlet_id not in when:
            when[shop.outlet_id] = describe_availability(shop, kind="goods", count=1, now=now)
            where[shop.outlet_id] = describe_location(shop, place)
        there = count and row.kind == "goods"
        says = when[shop.outlet_id] if there else describe_availability(shop, kind=row.kind, count=count, now=now)
        cents = row.least if several > 1 else row.price_cents
        notes = [format_content(row.content_amount, row.content_unit)]
        if several > 1:
            notes.append(_("in %(count)s Läden", count=several))
        if row.deposit_cents:
            notes.append(_("zzgl. Pfand"))
        if row.age_limit:
            notes.append(_("ab %(age)s Jahren", age=row.age_limit))
        tiles.append(
            {
                "title": row.name,
                "url": make_offer_url(row),
                "artwork_slug": find_category_artwork(row.category_slug),
                "price_cents": cents,
                "price_from": row.has_variants or (several > 1 and row.least < row.price_cents),
                "unit_price": _unit_text(language, cents, row.content_amount, row.content_unit),
                "place": None if in_shop else where[shop.outlet_id],
                "answer": says.text,
                "answer_kind": says.kind,
                "note": " · ".join(note for note in notes if note),
            }
        )
    return draw_tiles(tiles)


def make_shop_tiles(
    shops: Iterable[Shop], *, now: datetime, place: Location | None = None, level: int = 3
) -> list[Markup]:
    """A tile for each shop."""
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
