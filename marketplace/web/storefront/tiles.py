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

from foundation.languages import _, current_language
from marketplace.catalogue.prices import content_text, unit_price
from marketplace.shops.collecting import answer, open_state
from marketplace.shops.directory import Shop, kilometres
from marketplace.shops.places import Place
from marketplace.web.storefront.words import category_artwork, trade_artwork, trade_word


@lru_cache(maxsize=5000)
def _drawn(language: str, words: tuple[tuple[str, object], ...]) -> Markup:
    return Markup(get_template_attribute("parts/ui.html", "tile")(**dict(words)))  # noqa: S704 a macro's output


def drawn(tiles: Iterable[dict[str, Any]]) -> list[Markup]:
    """The tiles as they go into the page."""
    language = current_language()
    return [_drawn(language, tuple(tile.items())) for tile in tiles]


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
) -> list[Markup]:
    """A tile for each offer. A hit for several shops says so and shows the lowest price."""
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
    return drawn(tiles)


def shop_tiles(shops: Iterable[Shop], *, now: datetime, place: Place | None = None, level: int = 3) -> list[Markup]:
    """A tile for each shop."""
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
    return drawn(tiles)
