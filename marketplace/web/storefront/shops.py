"""All shops, and the page of each."""

from datetime import date
from uuid import UUID

from flask import Response, make_response, render_template, request
from markupsafe import Markup

from foundation import clock
from foundation.languages import _, current_language, show_date
from marketplace.cache import kept
from marketplace.catalogue import queries
from marketplace.shops import directory
from marketplace.shops.collecting import minute_of, open_state
from marketplace.shops.directory import Shop
from marketplace.shops.places import Place
from marketplace.stock.reservations import on_show
from marketplace.web.asking import clean
from marketplace.web.storefront.blueprint import pages
from marketplace.web.storefront.tiles import distance_text, offer_tiles, shop_tiles
from marketplace.web.storefront.whereabouts import asked_place
from marketplace.web.storefront.words import (
    HANDOVER,
    PAYMENT,
    as_sentence,
    holiday_word,
    listed,
    trade_artwork,
)
from people import hours
from people.trades import trade_word


@pages.get("/laeden")
def directory_page() -> str:
    """All shops, by town, trade and whether they are open."""
    everything = list(directory.shops().values())
    town, trade = request.args.get("ort", ""), request.args.get("gewerbe", "")
    only_open = request.args.get("offen") == "1"
    open_now = directory.open_at(minute_of(clock.now()))
    shown = [
        shop
        for shop in everything
        if (not town or shop.town_slug == town)
        and (not trade or shop.trade == trade)
        and (not only_open or shop.outlet_id in open_now)
    ]
    found_towns = directory.towns(everything)
    trades = sorted({shop.trade for shop in everything}, key=trade_word)
    return render_template(
        "marketplace/storefront/shops/directory_page.html",
        tiles=shop_tiles(shown, now=clock.now(), level=2),
        towns=found_towns,
        town_options=[(slug, f"{name} ({count})") for slug, (name, count) in found_towns.items()],
        trades=[(slug, trade_word(slug)) for slug in trades],
        town=town,
        trade=trade,
        only_open=only_open,
    )


@kept(600)
def hours_table(opening_hours: str, today: date, language: str) -> list[tuple[str, str, bool]]:
    """Seven days from today as (day, hours in words, is today), holidays by name."""
    rows = []
    for day in hours.list_week(opening_hours, today):
        spans = [f"{begin:%H:%M} – {end:%H:%M}" for begin, end in day.spans]
        if any(begin == end for begin, end in day.spans):
            spans = [_("durchgehend geöffnet")]
        words = _(" und ").join(spans) if spans else _("geschlossen")
        if day.holiday:
            words = f"{words} ({holiday_word(day.holiday)})"
        rows.append((show_date(day.date, "EEEE, d. MMMM"), words, day.date == today))
    return rows


def _cursor(text: str) -> tuple[str, UUID] | None:
    offer, _dot, slug = text.partition(".")
    try:
        return clean(slug, 80), UUID(offer)
    except ValueError:
        return None


def _distance(shop: Shop, place: Place | None) -> str:
    if place is None:
        return ""
    return distance_text(directory.kilometres(place.latitude, place.longitude, shop))


@pages.get("/laden/<slug>")
def shop(slug: str) -> Response:
    """One shop: who, where, when, how to pay and to get something, and what it offers."""
    found = directory.shop_by_slug(slug)
    _typed, place = asked_place()
    category = request.args.get("kategorie", "")
    shelves = queries.categories()
    chosen = shelves[category].slugs if category in shelves else ()
    after = _cursor(request.args.get("ab", ""))
    rows = queries.offers_of_shop(found.outlet_id, chosen, after)
    shown = rows[: queries.SHOP_PAGE]
    more = None
    if len(rows) > queries.SHOP_PAGE:
        more = f"/laden/{found.slug}?kategorie={category if chosen else ''}&ab={shown[-1].id}.{shown[-1].slug}"
    now = clock.now()
    counts = on_show([row.id for row in shown])
    in_shop = queries.categories_of_shop(found.outlet_id)
    page = render_template(
        "marketplace/storefront/shops/shop.html",
        shop=found,
        trade=trade_word(found.trade),
        artwork=trade_artwork(found.trade),
        state=open_state(found, now),
        says_kind="ok" if found.outlet_id in directory.open_at(minute_of(now)) else "off",
        phone_link=Markup('<a href="tel:{}">{}</a>').format(found.phone.replace(" ", ""), found.phone),
        mail_link=Markup('<a href="mailto:{0}">{0}</a>').format(found.email),
        distance=_distance(found, place),
        week=hours_table(found.opening_hours, clock.today(), current_language()),
        pays=as_sentence(listed(found.payment_kinds, PAYMENT)),
        gets=as_sentence(listed(found.handover_kinds, HANDOVER) or _("nur im Laden")),
        tiles=offer_tiles(shown, {found.outlet_id: found}, counts, now=now, in_shop=True),
        shelves=[(s.slug, s.word, in_shop[s.slug]) for s in shelves.values() if s.slug in in_shop],
        category=category if chosen else "",
        first=after is None,
        more=more,
        count=sum(in_shop.values()),
    )
    return make_response(page)
