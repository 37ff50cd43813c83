"""How this package plugs into the application."""

from flask import Flask
from flask_login import user_logged_out

from foundation.languages import lazy
from foundation.wiring import navigation
from marketplace.cart import models as cart_models
from marketplace.catalogue import models as catalogue_models
from marketplace.checkout import cleanup
from marketplace.checkout.payable import PAYABLE
from marketplace.checkout.vouchers import remove_renewed_voucher
from marketplace.handover import models as handover_models
from marketplace.orders import models as order_models
from marketplace.orders import proof
from marketplace.shops import models as shop_models
from marketplace.web import point
from marketplace.web.desk import blueprint as desk
from marketplace.web.desk import offers as desk_offers
from marketplace.web.desk import orders as desk_orders
from marketplace.web.storefront import blueprint as storefront
from marketplace.web.storefront import cart, checkout, home, offers, order, search, shops
from marketplace.web.storefront import pages as texts
from money.payments import methods, payables


def plug(app: Flask) -> None:
    """Register tables, pages, commands and jobs."""
    assert shop_models
    assert catalogue_models
    assert cart_models
    assert handover_models
    assert order_models
    assert all((home, search, shops, offers, texts))
    assert cleanup
    assert checkout
    assert order
    assert desk_orders
    assert desk_offers
    proof.plug()
    payables.register(PAYABLE)
    methods.on_take_back(remove_renewed_voucher)
    app.context_processor(cart.count_from_cookie)
    user_logged_out.connect(cart.forget_on_sign_out, app)
    for pages in (storefront.pages, desk.pages, point.pages):
        app.register_blueprint(pages)
    navigation.add("main", "storefront.directory_page", lazy("Läden"), order=10)
    navigation.add("main", "storefront.results", lazy("Angebote"), order=20)
    navigation.add("main", "storefront.help_page", lazy("Hilfe"), order=90)
    navigation.add("footer", "storefront.ranking", lazy("Reihenfolge der Treffer"), order=50)
    navigation.add(
        "account",
        "storefront.order_list",
        lazy("Meine Bestellungen"),
        order=15,
        note=lazy("Was Sie bestellt haben und wie weit es ist."),
        symbol="package",
    )
    navigation.add(
        "account",
        "desk.overview",
        lazy("Mein Laden"),
        order=25,
        permission="orders.handle",
        note=lazy("Bestellungen, Angebote und Einlösungen."),
        symbol="store",
    )
    navigation.add(
        "account",
        "point.overview",
        lazy("Abholstelle"),
        order=28,
        permission="point.see",
        note=lazy("Pakete annehmen und ausgeben."),
        symbol="package-check",
    )
    navigation.add(
        "desk", "desk.overview", lazy("Heute"), order=10, permission="orders.handle", group=lazy("Verkaufen")
    )
    navigation.add(
        "desk",
        "desk.orders_search",
        lazy("Bestellungen"),
        order=20,
        permission="orders.handle",
        group=lazy("Verkaufen"),
    )
    navigation.add(
        "desk", "desk.offer_list", lazy("Angebote"), order=25, permission="offers.see", group=lazy("Verkaufen")
    )
    navigation.add(
        "desk", "point.overview", lazy("Abholstelle"), order=30, permission="point.see", group=lazy("Verkaufen")
    )
