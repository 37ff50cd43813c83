"""How cards and counters plug into the application."""

from flask import Flask

from foundation.languages import lazy
from foundation.wiring import navigation
from vouchers.cards import counters, models, numbers, proof, telling
from vouchers.web.counter import account, selling, stock
from vouchers.web.office import cards as office_cards
from vouchers.web.office import counters as office_counters


def plug(app: Flask) -> None:
    """Register tables, pages, the command, sentences and proofs."""
    assert models
    proof.plug()
    telling.plug()
    counters.plug()
    app.jinja_env.filters["card_number"] = numbers.shown
    for blueprint in (selling.pages, stock.pages, account.pages, office_cards.pages, office_counters.pages):
        app.register_blueprint(blueprint)
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
