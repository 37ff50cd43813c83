"""How the voucher shop plugs into the application, and the office's page about the letters that it sold."""

from flask import Flask

from foundation.languages import lazy
from foundation.wiring import navigation
from money.payments import withdrawals
from vouchers.sales.withdrawing import SaleContracts
from vouchers.web.office import letters
from vouchers.web.shop import choosing, lists, order, voucher_form
from vouchers.web.shop.blueprint import pages


def plug(app: Flask) -> None:
    """Register pages, and the contracts for "Vertrag widerrufen"."""
    assert all((choosing, lists, order, voucher_form))
    withdrawals.register(SaleContracts())
    app.register_blueprint(pages)
    app.register_blueprint(letters.pages)
    navigation.add(
        "office",
        "office_letters.worklist",
        lazy("Briefe"),
        order=24,
        permission=letters.PERMISSION,
        group=lazy("Tägliche Arbeit"),
        note=lazy("Gekaufte Karten zur Post geben."),
        symbol="mail",
    )
    navigation.add(
        "account",
        "voucher_shop.mine",
        lazy("Gekaufte Gutscheine"),
        order=22,
        note=lazy("Empfänger, Versand und Belege."),
        symbol="gift",
    )
