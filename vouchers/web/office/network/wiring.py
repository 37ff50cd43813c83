"""How the office's pages about networks plug in."""

from flask import Flask

from foundation.languages import lazy
from foundation.wiring import navigation
from vouchers.web.office.network import agreements, charters, issuers, partners, programmes


def plug(app: Flask) -> None:
    """Register pages and their places in the menu."""
    for page in (programmes, charters, agreements, partners, issuers):
        app.register_blueprint(page.pages)
    navigation.add(
        "office",
        "office_programmes.programmes",
        lazy("Programme"),
        order=50,
        permission="programmes.manage",
        group=lazy("Grundlagen"),
        note=lazy("Welche Gutscheine es gibt und wo sie gelten."),
        symbol="ticket",
    )
    navigation.add(
        "office",
        "office_issuers.own",
        lazy("Herausgeber"),
        order=52,
        permission="programmes.manage",
        group=lazy("Grundlagen"),
        note=lazy("Deckung und Treuhandkonto."),
        symbol="scale",
    )
