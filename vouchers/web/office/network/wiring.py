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
        "office", "office_programmes.programmes", lazy("Programme"), order=14, permission="programmes.manage"
    )
    navigation.add("office", "office_issuers.own", lazy("Herausgeber"), order=16, permission="programmes.manage")
