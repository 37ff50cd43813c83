"""The page of one offer: the four answers first, then the basket, then all that the law and good manners ask for."""

from typing import Any
from uuid import UUID

from flask import make_response, redirect, render_template, url_for
from markupsafe import Markup, escape
from werkzeug.wrappers import Response as AnyResponse

from foundation import clock
from foundation.languages import _, lazy
from marketplace.catalogue import prices, queries
from marketplace.catalogue.allergens import split_ingredients
from marketplace.catalogue.availability import describe_availability
from marketplace.catalogue.categories import load_categories
from marketplace.catalogue.rows import OfferDetails
from marketplace.catalogue.states import OfferKind, StorageClass
from marketplace.shops import directory
from marketplace.shops.directory import Shop, measure_kilometres
from marketplace.shops.locations import Location
from marketplace.shops.opening import StatusLine
from marketplace.stock.queries import count_for_display
from marketplace.web import errors
from marketplace.web.storefront.blueprint import pages
from marketplace.web.storefront.tiles import format_distance, make_offer_tiles, make_offer_url
from marketplace.web.storefront.whereabouts import read_location
from marketplace.web.storefront.words import HANDOVER, PAYMENT, capitalise, find_category_artwork, join_words
from money.amount import euro

MAX_PIECES_AT_ONCE = 20
FEW_LEFT = 5
STORAGE = {StorageClass.COOL.value: lazy("gekühlt"), StorageClass.FROZEN.value: lazy("tiefgekühlt")}


@pages.get("/angebot/<uuid:offer_id>", endpoint="short")
def redirect_short(offer_id: UUID) -> AnyResponse:
    """Redirect the address without a name to the one with it."""
    row, _variants, _others = queries.load_offer_with_relatives(offer_id)
    return redirect(make_offer_url(row), 301)


@pages.get("/angebot/<uuid:offer_id>-<slug>", endpoint="offer")
def show_offer(offer_id: UUID, slug: str) -> AnyResponse:
    """Show one offer, its variants and who else has it."""
    row, variants, others = queries.load_offer_with_relatives(offer_id)
    if row.variant_of:
        return redirect(url_for("storefront.short", offer_id=row.variant_of), 301)
    if slug != row.slug:
        return redirect(make_offer_url(row), 301)
    shops = directory.load_shops()
    shop = shops.get(row.outlet_id)
    if shop is None:
        raise errors.shop_offers_nothing()
    _typed, place = read_location()
    elsewhere = [other for other in others if other.outlet_id in shops]
    counts = count_for_display([row.id, *(v.id for v in variants), *(o.id for o in elsewhere)])
    now = clock.now()
    count = max((counts[v.id] or 0 for v in variants), default=0) if variants else counts.get(row.id)
    says = describe_availability(shop, kind=row.kind, count=count, now=now)
    page = render_template(
        "marketplace/storefront/offers/offer.html",
        offer=row,
        shop=shop,
        says=says,
        **_four_answers(shop, place, says),
        **_describe_goods(row),
        **_list_sellable(row, variants, counts, shop),
        stock=_stock_words(row, count),
        details=_details(row, shop),
        most=min(MAX_PIECES_AT_ONCE, count or 1),
        tiles=make_offer_tiles(elsewhere, shops, counts, now=now, place=place),
    )
    return make_response(page)


def _describe_goods(row: OfferDetails) -> dict[str, object]:
    """What the offer costs, by the unit too, and before; what is in it; the shelf on which it lies."""
    unit = prices.calculate_unit_price(row.price_cents, row.content_amount, row.content_unit)
    shelf = load_categories()[row.category_slug]
    return {
        "shelf": shelf,
        "artwork": find_category_artwork(shelf.slug),
        "unit": str(unit) if unit else "",
        "content": prices.format_content(row.content_amount, row.content_unit),
        "struck": prices.find_struck_price(row.id, row.price_cents, row.reduced_at),
        "vat": f"{row.vat_rate_bp // 100}" if row.vat_rate_bp else "",
        "ingredients": split_ingredients(row.ingredients) if row.ingredients else [],
    }


def _four_answers(shop: Shop, place: Location | None, says: StatusLine) -> dict[str, Markup]:
    """Where is it, how do I get it, how do I pay, whom can I ask."""
    away = f" · {format_distance(measure_kilometres(place.latitude, place.longitude, shop))}" if place else ""
    gets = join_words(shop.handover_kinds, HANDOVER)
    how = f"{capitalise(says.text)}. " + (
        _("Sie können es %(ways)s.", ways=gets) if gets else _("Es ist nur im Laden zu haben.")
    )
    return {
        "where": Markup('<a href="/laden/{}">{}</a>, {}, {}{}').format(
            shop.slug, shop.name, shop.street, shop.town, away
        ),
        "how": escape(how),
        "pay": escape(capitalise(join_words(shop.payment_kinds, PAYMENT))),
        "ask": Markup('{} <a href="tel:{}">{}</a>').format(_("Den Laden:"), shop.phone.replace(" ", ""), shop.phone),
    }


def _details(row: OfferDetails, shop: Shop) -> list[tuple[str, str]]:
    """What else there is to know, in rows; the seller by name and kind (UWG § 5b)."""
    attributes = [(str(name), str(value)) for name, value in row.attributes.items()]
    pairs = [
        *attributes,
        (_("Fasern"), row.fibres),
        (_("Hersteller"), row.manufacturer),
        (_("Lagerung"), str(STORAGE[row.storage_class]) if row.storage_class != StorageClass.AMBIENT else None),
        (_("GTIN"), row.gtin),
        (_("Artikelnummer"), row.sku),
        (_("Verkäufer"), _("%(name)s (gewerblich)", name=shop.legal_name)),
    ]
    return [(name, value) for name, value in pairs if value]


def _list_sellable(
    row: OfferDetails, variants: list[OfferDetails], counts: dict[UUID, int | None], shop: Shop
) -> dict[str, list[Any]]:
    """What can go into the basket: the offer itself or its variants. Nothing when one has to ask or go there."""
    candidates = variants if row.has_variants else [row]
    if not shop.sells_online or row.kind == OfferKind.SERVICE:
        candidates = []
    sellable = [
        {
            "id": one.id,
            "label": ", ".join(str(value) for value in one.attributes.values()) or one.name,
            "price": euro(one.price_cents),
            "left": counts.get(one.id),
        }
        for one in candidates
        if counts.get(one.id)
    ]
    options = [(one["id"], f"{one['label']}, {one['price']}") for one in sellable]
    return {"sellable": sellable, "variant_options": options}


def _stock_words(row: OfferDetails, count: int | None) -> str:
    """Honest words about stock: few are counted out, an unknown number is said to be one."""
    if row.kind == OfferKind.SERVICE or count is None:
        return _("Bitte fragen Sie im Laden nach, ob es da ist.")
    if count == 0:
        return _("Zurzeit ausverkauft. Der Laden sagt Ihnen, wann es wiederkommt.")
    if count <= FEW_LEFT:
        return _("Noch %(count)s vorrätig.", count=count)
    return _("Vorrätig.")
