"""How this package plugs into the application: its tables, pages, menus and jobs."""

from flask import Flask
from flask_login import user_logged_out

from foundation.languages import lazy
from foundation.wiring import MenuEntry, Package
from marketplace.cart import models as cart_models
from marketplace.catalogue import models as catalogue_models
from marketplace.checkout import cleanup, vouchers
from marketplace.checkout import models as checkout_models
from marketplace.checkout.payable import PAYABLE
from marketplace.handover import models as handover_models
from marketplace.orders import models as order_models
from marketplace.orders import proofs
from marketplace.shops import models as shop_models
from marketplace.stock import models as stock_models
from marketplace.web import point
from marketplace.web.desk import blueprint as desk
from marketplace.web.desk import offer_imports
from marketplace.web.desk import offers as desk_offers
from marketplace.web.desk import orders as desk_orders
from marketplace.web.storefront import blueprint as storefront
from marketplace.web.storefront import cart, checkout, checkout_pay, home, offers, order, pages, search, shops
from marketplace.web.storefront.cart_cookie import count_from_cookie, forget_on_sign_out
from money.payments import methods, payables

TABLES = (
    shop_models,
    catalogue_models,
    stock_models,
    handover_models,
    order_models,
    cart_models,
    checkout_models,
)
JOBS = (cleanup,)
VIEWS = (
    home,
    search,
    shops,
    offers,
    pages,
    cart,
    checkout,
    checkout_pay,
    order,
    desk_orders,
    desk_offers,
    offer_imports,
)
SELLING = lazy("Verkaufen")  # a group of the desk's menu
MENU = (
    MenuEntry("main", "storefront.directory_page", lazy("Läden"), 10),
    MenuEntry("main", "storefront.results", lazy("Angebote"), 20),
    MenuEntry("main", "storefront.help_page", lazy("Hilfe"), 90),
    MenuEntry("footer", "storefront.ranking", lazy("Reihenfolge der Treffer"), 50),
    MenuEntry(
        "account",
        "storefront.order_list",
        lazy("Meine Bestellungen"),
        15,
        note=lazy("Was Sie bestellt haben und wie weit es ist."),
        symbol="package",
    ),
    MenuEntry(
        "account",
        "desk.overview",
        lazy("Mein Laden"),
        25,
        "orders.handle",
        note=lazy("Bestellungen, Angebote und Einlösungen."),
        symbol="store",
    ),
    MenuEntry(
        "account",
        "point.overview",
        lazy("Abholstelle"),
        28,
        "point.see",
        note=lazy("Pakete annehmen und ausgeben."),
        symbol="package-check",
    ),
    MenuEntry("desk", "desk.overview", lazy("Heute"), 10, "orders.handle", SELLING),
    MenuEntry("desk", "desk.orders_search", lazy("Bestellungen"), 20, "orders.handle", SELLING),
    MenuEntry("desk", "desk.offer_list", lazy("Angebote"), 25, "offers.see", SELLING),
    MenuEntry("desk", "point.overview", lazy("Abholstelle"), 30, "point.see", SELLING),
)
PACKAGE = Package(modules=(*TABLES, *JOBS, *VIEWS), pages=(storefront.pages, desk.pages, point.pages), menu=MENU)


def plug(app: Flask) -> None:
    """Register tables, pages, menus and jobs, what can be paid here, and what is always true of orders."""
    PACKAGE.plug(app)
    proofs.plug()
    payables.register(PAYABLE)
    methods.on_take_back(vouchers.remove_renewed_voucher)
    app.context_processor(count_from_cookie)
    user_logged_out.connect(forget_on_sign_out, app)
