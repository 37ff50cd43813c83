"""All shops, and the page of each."""

from datetime import date, datetime

from flask import Response, make_response, render_template, request
from markupsafe import Markup

from foundation import clock
from foundation.languages import _, current_language, show_date
from marketplace.cache import cached
from marketplace.catalogue import queries
from marketplace.catalogue.categories import count_by_category, load_categories
from marketplace.shops import directory
from marketplace.shops.directory import Shop
from marketplace.shops.locations import Location
from marketplace.shops.opening import describe_opening, truncate_to_minute
from marketplace.stock.queries import count_for_display
from marketplace.web.arguments import read_cursor
from marketplace.web.storefront.blueprint import pages
from marketplace.web.storefront.tiles import format_distance, make_offer_tiles, make_shop_tiles
from marketplace.web.storefront.whereabouts import read_location
from marketplace.web.storefront.words import (
    HANDOVER,
    PAYMENT,
    capitalise,
    find_trade_artwork,
    join_words,
    translate_holiday,
)
from people import hours
from people.trades import trade_word


@pages.get("/laeden", endpoint="directory_page")
def show_directory() -> str:
    """Show all shops, by town, trade and whether they are open."""
    everything = list(directory.load_shops().values())
    town, trade = request.args.get("ort", ""), request.args.get("gewerbe", "")
    only_open = request.args.get("offen") == "1"
    open_now = directory.find_open_shops(truncate_to_minute(clock.now()))
    shown = [
        shop
        for shop in everything
        if (not town or shop.town_slug == town)
        and (not trade or shop.trade == trade)
        and (not only_open or shop.outlet_id in open_now)
    ]
    found_towns = directory.count_by_town(everything)
    trades = sorted({shop.trade for shop in everything}, key=trade_word)
    return render_template(
        "marketplace/storefront/shops/directory_page.html",
        tiles=make_shop_tiles(shown, now=clock.now(), level=2),
        towns=found_towns,
        town_options=[(slug, f"{name} ({count})") for slug, (name, count) in found_towns.items()],
        trades=[(slug, trade_word(slug)) for slug in trades],
        town=town,
        trade=trade,
        only_open=only_open,
    )


@cached(seconds=600)
def make_hours_table(opening_hours: str, today: date, language: str) -> list[tuple[str, str, bool]]:
    """Seven days from today as (day, hours in words, is today), holidays by name."""
    rows = []
    for day in hours.list_week(opening_hours, today):
        spans = [f"{begin:%H:%M} – {end:%H:%M}" for begin, end in day.spans]
        if any(begin == end for begin, end in day.spans):
            spans = [_("durchgehend geöffnet")]
        words = _(" und ").join(spans) if spans else _("geschlossen")
        if day.holiday:
            words = f"{words} ({translate_holiday(day.holiday)})"
        rows.append((show_date(day.date, "EEEE, d. MMMM"), words, day.date == today))
    return rows


def _distance(shop: Shop, place: Location | None) -> str:
    if place is None:
        return ""
    return format_distance(directory.measure_kilometres(place.latitude, place.longitude, shop))


@pages.get("/laden/<slug>", endpoint="shop")
def show_shop(slug: str) -> Response:
    """Show one shop: who, where, when, how to pay and to get something, and what it offers."""
    shop = directory.load_shop(slug)
    now = clock.now()
    template = "marketplace/storefront/shops/shop.html"
    return make_response(render_template(template, shop=shop, **_describe_shop(shop, now), **_list_offers(shop, now)))


def _describe_shop(shop: Shop, now: datetime) -> dict[str, object]:
    """Who the shop is, how far away, whether and when it is open, how to pay and to get something there."""
    _typed, place = read_location()
    return {
        "trade": trade_word(shop.trade),
        "artwork": find_trade_artwork(shop.trade),
        "state": describe_opening(shop, now),
        "says_kind": "ok" if shop.outlet_id in directory.find_open_shops(truncate_to_minute(now)) else "off",
        "phone_link": Markup('<a href="tel:{}">{}</a>').format(shop.phone.replace(" ", ""), shop.phone),
        "mail_link": Markup('<a href="mailto:{0}">{0}</a>').format(shop.email),
        "distance": _distance(shop, place),
        "week": make_hours_table(shop.opening_hours, clock.today(), current_language()),
        "pays": capitalise(join_words(shop.payment_kinds, PAYMENT)),
        "gets": capitalise(join_words(shop.handover_kinds, HANDOVER) or _("nur im Laden")),
    }


def _list_offers(shop: Shop, now: datetime) -> dict[str, object]:
    """A page of its offers, of the chosen shelf alone if there is one, and how many lie on each shelf."""
    shelves = load_categories()
    category = request.args.get("kategorie", "")
    category = category if category in shelves else ""
    after = read_cursor("ab")
    rows = queries.list_shop_offers(shop.outlet_id, shelves[category].slugs if category else (), after)
    shown = rows[: queries.SHOP_PAGE_SIZE]
    more = None
    if len(rows) > queries.SHOP_PAGE_SIZE:
        more = f"/laden/{shop.slug}?kategorie={category}&ab={shown[-1].id}.{shown[-1].slug}"
    counts = count_for_display([row.id for row in shown])
    in_shop = count_by_category(shop.outlet_id)
    return {
        "tiles": make_offer_tiles(shown, {shop.outlet_id: shop}, counts, now=now, in_shop=True),
        "shelves": [(s.slug, s.word, in_shop[s.slug]) for s in shelves.values() if s.slug in in_shop],
        "category": category,
        "first": after is None,
        "more": more,
        "count": sum(in_shop.values()),
    }
