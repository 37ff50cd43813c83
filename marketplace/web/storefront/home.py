"""The first page: search, three doors, what is open now, the towns, one shop's story."""

from collections import Counter
from functools import lru_cache

from flask import Response, get_template_attribute, make_response, render_template
from markupsafe import Markup

from foundation import clock
from foundation.languages import _, current_language
from marketplace.catalogue.categories import load_categories
from marketplace.shops import directory
from marketplace.shops.directory import Shop
from marketplace.shops.locations import Location
from marketplace.shops.opening import truncate_to_minute
from marketplace.web.storefront.blueprint import pages
from marketplace.web.storefront.tiles import make_shop_tiles
from marketplace.web.storefront.whereabouts import read_location, remember_location
from marketplace.web.storefront.words import find_trade_artwork

MAX_OPEN_SHOPS = 6


def _open_first(shops: list[Shop], place: Location | None) -> list[Shop]:
    """Open ones only, the nearest first; without a place another selection every day: nobody is always first."""
    now = clock.now()
    open_now = directory.find_open_shops(truncate_to_minute(now))
    chosen = [shop for shop in shops if shop.outlet_id in open_now]
    if place:
        chosen.sort(key=lambda shop: directory.measure_kilometres(place.latitude, place.longitude, shop))
    elif chosen:
        turn = clock.today().toordinal() * MAX_OPEN_SHOPS % len(chosen)
        chosen = chosen[turn:] + chosen[:turn]
    return chosen[:MAX_OPEN_SHOPS]


@lru_cache(maxsize=20)
def _map(language: str, counts: tuple[tuple[str, str, int], ...]) -> Markup:
    """The map of the towns, drawn anew when a shop comes or goes."""
    towns = {ags: {"url": f"/laeden?ort={slug}", "count": count} for ags, slug, count in counts}
    draw = get_template_attribute("parts/ui.html", "town_map")
    return Markup(draw(towns, _("Karte der Orte mit Läden")))  # noqa: S704 a macro's output


def _counts(shops: list[Shop]) -> tuple[tuple[str, str, int], ...]:
    counted = Counter((shop.ags, shop.town_slug) for shop in shops)
    return tuple((ags, slug, count) for (ags, slug), count in sorted(counted.items()))


@pages.get("/", endpoint="index")
def show_home() -> Response:
    """Show the first page, with the reader's place if it is known."""
    typed, place = read_location()
    shops = list(directory.load_shops().values())
    told = [shop for shop in shops if shop.story]
    story = told[clock.today().toordinal() % len(told)] if told else None
    page = render_template(
        "marketplace/storefront/home/index.html",
        typed=typed,
        place=place,
        tiles=make_shop_tiles(_open_first(shops, place), now=clock.now(), place=place),
        story=story,
        story_artwork=find_trade_artwork(story.trade) if story else "",
        town_map=_map(current_language(), _counts(shops)),
        shop_count=len(shops),
        shelves=[shelf for shelf in load_categories().values() if shelf.parent is None],
    )
    return remember_location(make_response(page), place)
