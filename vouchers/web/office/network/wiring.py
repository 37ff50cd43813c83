"""What the office's pages about networks add to the application."""

from foundation.languages import lazy
from foundation.wiring import MenuEntry, Package
from vouchers.web.office.network import agreements, charters, issuers, partners, programmes
from vouchers.web.office.network.access import PERMISSION

GROUP = lazy("Grundlagen")
MENU = (
    MenuEntry(
        "office",
        "office_programmes.programmes",
        lazy("Programme"),
        50,
        PERMISSION,
        GROUP,
        note=lazy("Welche Gutscheine es gibt und wo sie gelten."),
        symbol="ticket",
    ),
    MenuEntry(
        "office",
        "office_issuers.own",
        lazy("Herausgeber"),
        52,
        PERMISSION,
        GROUP,
        note=lazy("Deckung und Treuhandkonto."),
        symbol="scale",
    ),
)
PACKAGE = Package(
    pages=(programmes.pages, charters.pages, agreements.pages, partners.pages, issuers.pages),
    menu=MENU,
)
