"""How the pages about cards and counters plug into the application: of clerks, and of the issuer's office."""

from flask import Flask

from foundation.languages import lazy
from foundation.wiring import navigation
from vouchers.web.counter import account, selling, stock
from vouchers.web.office import cards, counters

PAGES = (selling, stock, account, cards, counters)


def plug(app: Flask) -> None:
    """Register the pages and their entries in menus."""
    for page in PAGES:
        app.register_blueprint(page.pages)
    navigation.add("counter", "counter.sell", lazy("Karte verkaufen"), order=10, permission="cards.sell")
    navigation.add("counter", "counter_stock.stock", lazy("Kartenbestand"), order=20, permission="cards.sell")
    navigation.add("counter", "counter_account.account", lazy("Abrechnung"), order=30, permission="cards.sell")
    navigation.add(
        "account",
        "counter.sell",
        lazy("Verkaufsstelle"),
        order=30,
        permission="cards.sell",
        note=lazy("Gutscheinkarten verkaufen und abrechnen."),
        symbol="hand-coins",
    )
    navigation.add(
        "office",
        "office_cards.cards",
        lazy("Gutscheinkarten"),
        order=42,
        permission="cards.manage",
        group=lazy("Gutscheine"),
        note=lazy("Karten drucken lassen und verschicken."),
        symbol="layers",
    )
    navigation.add(
        "office",
        "office_counters.counters",
        lazy("Verkaufsstellen"),
        order=44,
        permission="cards.manage",
        group=lazy("Gutscheine"),
        note=lazy("Wer Karten gegen Geld verkauft."),
        symbol="store",
    )
