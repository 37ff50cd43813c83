"""How the pages about cards and counters plug into the application: of clerks, and of the issuer's office."""

from flask import Flask

from foundation.languages import lazy
from foundation.wiring import MenuEntry, Package
from vouchers.web.counter import account, selling, stock
from vouchers.web.office import cards, counters

PACKAGE = Package(
    pages=(selling.pages, stock.pages, account.pages, cards.pages, counters.pages),
    menu=(
        MenuEntry("counter", "counter.sell", lazy("Karte verkaufen"), 10, "cards.sell"),
        MenuEntry("counter", "counter_stock.stock", lazy("Kartenbestand"), 20, "cards.sell"),
        MenuEntry("counter", "counter_account.account", lazy("Abrechnung"), 30, "cards.sell"),
        MenuEntry(
            "account",
            "counter.sell",
            lazy("Verkaufsstelle"),
            30,
            "cards.sell",
            note=lazy("Gutscheinkarten verkaufen und abrechnen."),
            symbol="hand-coins",
        ),
        MenuEntry(
            "office",
            "office_cards.cards",
            lazy("Gutscheinkarten"),
            42,
            "cards.manage",
            lazy("Gutscheine"),
            note=lazy("Karten drucken lassen und verschicken."),
            symbol="layers",
        ),
        MenuEntry(
            "office",
            "office_counters.counters",
            lazy("Verkaufsstellen"),
            44,
            "cards.manage",
            lazy("Gutscheine"),
            note=lazy("Wer Karten gegen Geld verkauft."),
            symbol="store",
        ),
    ),
)


def plug(app: Flask) -> None:
    """Register the pages and their entries in menus."""
    PACKAGE.plug(app)
