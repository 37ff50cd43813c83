"""The page of one offer: the four answers first, then the basket, then all that the law and good manners ask for."""

from typing import Any
from uuid import UUID

from flask import make_response, redirect, render_template, url_for
from markupsafe import Markup, escape
from werkzeug.wrappers import Response as AnyResponse

from foundation import clock
from foundation.errors import NotFound
from foundation.languages import _, lazy
from marketplace.catalogue import prices, queries
from marketplace.catalogue.allergens import pieces
from marketplace.shops import directory
from marketplace.shops.collecting import Answer, answer
from marketplace.shops.directory import Shop, kilometres
from marketplace.shops.places import Place
from marketplace.stock.reservations import on_show
from marketplace.web.storefront.blueprint import pages
from marketplace.web.storefront.tiles import distance_text, offer_tiles, offer_url
from marketplace.web.storefront.whereabouts import asked_place
from marketplace.web.storefront.words import HANDOVER, PAYMENT, as_sentence, category_artwork, listed
from money.amount import euro

MOST_AT_ONCE = 20
FEW_LEFT = 5
STORAGE = {"cool": lazy("gekühlt"), "frozen": lazy("tiefgekühlt")}


@pages.get("/angebot/<uuid:offer_id>")
def short(offer_id: UUID) -> AnyResponse:
    """The address without a name leads to the one with it."""
    row, _variants, _others = queries.offer_with_relatives(offer_id)
    return redirect(offer_url(row), 301)


@pages.get("/angebot/<uuid:offer_id>-<slug>")
def offer(offer_id: UUID, slug: str) -> AnyResponse:
    """One offer."""
    row, variants, others = queries.offer_with_relatives(offer_id)
    if row.variant_of:
        return redirect(url_for("storefront.short", offer_id=row.variant_of), 301)
    if slug != row.slug:
        return redirect(offer_url(row), 301)
    shops = directory.shops()
    shop = shops.get(row.outlet_id)
    if shop is None:
        raise NotFound(_("Der Laden bietet hier zurzeit nichts an. Die Suche oben findet Ähnliches."))
    _typed, place = asked_place()
    elsewhere = [other for other in others if other.outlet_id in shops]
    counts = on_show([row.id, *(v.id for v in variants), *(o.id for o in elsewhere)])
    now = clock.now()
    sellable = _sellable(row, variants, counts, shop)
    count = max((counts[v.id] or 0 for v in variants), default=0) if variants else counts.get(row.id)
    unit = prices.unit_price(row.price_cents, row.content_amount, row.content_unit)
    shelf = queries.categories()[row.category_slug]
    says = answer(shop, kind=row.kind, count=count, now=now)
    page = render_template(
        "marketplace/storefront/offers/offer.html",
        offer=row,
        shop=shop,
        shelf=shelf,
        artwork=category_artwork(shelf.slug),
        says=says,
        **_four_answers(shop, place, says),
        unit=str(unit) if unit else "",
        content=prices.content_text(row.content_amount, row.content_unit),
        struck=prices.struck(row.id, row.price_cents, row.reduced_at),
        vat=f"{row.vat_rate_bp // 100}" if row.vat_rate_bp else "",
        ingredients=pieces(row.ingredients) if row.ingredients else [],
        stock=_stock_words(row, count),
        sellable=sellable,
        variant_options=[(one["id"], f"{one['label']}, {one['price']}") for one in sellable],
        details=_details(row, shop),
        most=min(MOST_AT_ONCE, count or 1),
        tiles=offer_tiles(elsewhere, shops, counts, now=now, place=place),
    )
    return make_response(page)


def _four_answers(shop: Shop, place: Place | None, says: Answer) -> dict[str, Markup]:
    """Where is it, how do I get it, how do I pay, whom can I ask."""
    away = f" · {distance_text(kilometres(place.latitude, place.longitude, shop))}" if place else ""
    gets = listed(shop.handover_kinds, HANDOVER)
    how = f"{as_sentence(says.text)}. " + (
        _("Sie können es %(ways)s.", ways=gets) if gets else _("Es ist nur im Laden zu haben.")
    )
    return {
        "where": Markup('<a href="/laden/{}">{}</a>, {}, {}{}').format(
            shop.slug, shop.name, shop.street, shop.town, away
        ),
        "how": escape(how),
        "pay": escape(as_sentence(listed(shop.payment_kinds, PAYMENT))),
        "ask": Markup('{} <a href="tel:{}">{}</a>').format(_("Den Laden:"), shop.phone.replace(" ", ""), shop.phone),
    }


def _details(row: Any, shop: Shop) -> list[tuple[str, str]]:
    """What else there is to know, in rows; the seller by name and kind (UWG § 5b)."""
    attributes = [(str(name), str(value)) for name, value in row.attributes.items()]
    pairs = [
        *attributes,
        (_("Fasern"), row.fibres),
        (_("Hersteller"), row.manufacturer),
        (_("Lagerung"), str(STORAGE[row.storage_class]) if row.storage_class != "ambient" else None),
        (_("GTIN"), row.gtin),
        (_("Artikelnummer"), row.sku),
        (_("Verkäufer"), _("%(name)s (gewerblich)", name=shop.legal_name)),
    ]
    return [(name, value) for name, value in pairs if value]


def _sellable(row: Any, variants: list[Any], counts: dict[UUID, int | None], shop: Shop) -> list[dict[str, object]]:
    """What can go into the basket: the offer itself or its variants. Nothing when one has to ask or go there."""
    if not shop.sells_online or row.kind == "service":
        return []
    wanted = variants if row.has_variants else [row]
    return [
        {
            "id": one.id,
            "label": ", ".join(str(value) for value in one.attributes.values()) or one.name,
            "price": euro(one.price_cents),
            "left": counts.get(one.id),
        }
        for one in wanted
        if counts.get(one.id)
    ]


def _stock_words(row: Any, count: int | None) -> str:
    """Honest words about stock: few are counted out, an unknown number is said to be one."""
    if row.kind == "service" or count is None:
        return _("Bitte fragen Sie im Laden nach, ob es da ist.")
    if count == 0:
        return _("Zurzeit ausverkauft. Der Laden sagt Ihnen, wann es wiederkommt.")
    if count <= FEW_LEFT:
        return _("Noch %(count)s vorrätig.", count=count)
    return _("Vorrätig.")
