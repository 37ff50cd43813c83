"""Search over all shops. Every choice is in the address: it can be shared, bookmarked and works without script."""

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlencode
from uuid import UUID

from flask import Response, make_response, render_template, request

from foundation import clock
from foundation.languages import current_language
from marketplace.cache import cached
from marketplace.catalogue import search as catalogue
from marketplace.catalogue import words
from marketplace.catalogue.categories import load_categories
from marketplace.catalogue.drafts import fold
from marketplace.shops import directory
from marketplace.shops.directory import Shop
from marketplace.shops.locations import Location
from marketplace.shops.opening import truncate_to_minute
from marketplace.stock.queries import count_for_display
from marketplace.web.arguments import read_argument
from marketplace.web.storefront.blueprint import pages
from marketplace.web.storefront.tiles import make_offer_tiles
from marketplace.web.storefront.whereabouts import read_location, remember_location

MAX_QUERY_CHARS = 120
RADII = (5, 10, 20)
WAYS = ("shop", "point")


@dataclass(frozen=True)
class Choices:
    """What the address asks for, with everything senseless left out."""

    q: str
    kategorie: str
    offen: bool
    weg: str
    km: int
    ab: tuple[int, UUID]


def _choices() -> Choices:
    args = request.args
    km = args.get("km", "")
    category, way = args.get("kategorie", ""), args.get("weg", "")
    return Choices(
        q=read_argument("q", MAX_QUERY_CHARS),
        kategorie=category if category in load_categories() else "",
        offen=args.get("offen") == "1",
        weg=way if way in WAYS else "",
        km=int(km) if km.isdecimal() and len(km) < 5 and int(km) in RADII else 0,
        ab=_cursor(args.get("ab", "")),
    )


def _cursor(text: str) -> tuple[int, UUID]:
    score, _dot, offer = text.partition(".")
    try:
        return min(int(score[:10]), catalogue.FIRST_PAGE[0]), UUID(offer)
    except ValueError:
        return catalogue.FIRST_PAGE


def _places(choices: Choices, place: Location | None) -> tuple[tuple[UUID, int], ...]:
    open_now = directory.find_open_shops(truncate_to_minute(clock.now())) if choices.offen else None
    found = []
    for shop in directory.load_shops().values():
        if choices.weg and choices.weg not in shop.handover_kinds:
            continue
        if open_now is not None and shop.outlet_id not in open_now:
            continue
        km = directory.measure_kilometres(place.latitude, place.longitude, shop) if place else 0
        if not (place and choices.km and km > choices.km):
            found.append((shop.outlet_id, round(km)))
    return tuple(found)


@lru_cache(maxsize=5000)
def _called(name: str, town: str) -> str:
    return fold(f"{name} {town}")


def _shops_called(text: str) -> list[Shop]:
    wanted = words.extract_words(text)
    if not wanted:
        return []
    shops = directory.load_shops().values()
    return [shop for shop in shops if all(word in _called(shop.name, shop.town) for word in wanted)][:4]


def _address(choices: Choices, typed: str, **changes: object) -> str:
    values = {
        "q": choices.q,
        "ort": typed,
        "km": choices.km or "",
        "kategorie": choices.kategorie,
        "offen": "1" if choices.offen else "",
        "weg": choices.weg,
    } | changes
    return "/suche?" + urlencode({name: value for name, value in values.items() if value})


@cached(seconds=300)
def _shelf_options(language: str) -> list[tuple[str, str]]:
    """Categories for the list, those within another one drawn in."""
    return [(s.slug, f"– {s.word}" if s.parent else s.word) for s in load_categories().values()]


def _hits(choices: Choices, place: Location | None) -> tuple[words.SearchTerms | None, catalogue.Hits, bool]:
    """Hits for all words; if there are none and there were several words, for any of them."""
    meant = words.look_up_terms(choices.q) if choices.q else None
    if choices.q and meant is None:
        return None, catalogue.Hits([], 0, None), False
    chosen = load_categories()[choices.kategorie].slugs if choices.kategorie else ()
    where = _places(choices, place)
    question = catalogue.SearchQuery(asked=meant, places=where, categories=chosen, after=choices.ab)
    hits = catalogue.find_hits(question)
    if hits.rows or meant is None or " & " not in meant.wide or choices.ab != catalogue.FIRST_PAGE:
        return meant, hits, False
    question = catalogue.SearchQuery(asked=meant, places=where, categories=chosen, any_word=True)
    return meant, catalogue.find_hits(question), True


@pages.get("/suche", endpoint="results")
def show_results() -> Response:
    """Hits, or what to do instead."""
    choices = _choices()
    typed, place = read_location()
    question, hits, any_word = _hits(choices, place)
    counts = count_for_display([row.id for row in hits.rows])
    tiles = make_offer_tiles(hits.rows, directory.load_shops(), counts, now=clock.now(), place=place)
    shelves = load_categories()
    page = render_template(
        "marketplace/storefront/search/results.html",
        choices=choices,
        typed=typed,
        place=place,
        tiles=tiles,
        total=hits.total,
        instead=question.instead if question else (),
        any_word=any_word,
        first=choices.ab == catalogue.FIRST_PAGE,
        more=_address(choices, typed, ab=f"{hits.more[0]}.{hits.more[1]}") if hits.more else None,
        begin=_address(choices, typed),
        shops=_shops_called(choices.q) if choices.ab == catalogue.FIRST_PAGE else [],
        shelves=shelves,
        shelf_options=_shelf_options(current_language()),
        wider=_address(choices, typed, kategorie="", offen="", weg="", km=""),
    )
    return remember_location(make_response(page), place)
