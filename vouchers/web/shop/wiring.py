"""How the voucher shop plugs into the application, and the office's page about the letters that it sold."""

from flask import Flask

from foundation.languages import lazy
from foundation.wiring import MenuEntry, Package
from money.payments import withdrawals
from vouchers.sales.withdrawing import SaleContracts
from vouchers.web.office import letters
from vouchers.web.shop import blueprint, choosing, lists, order, voucher_form

PACKAGE = Package(
    modules=(choosing, lists, order, voucher_form),
    pages=(blueprint.pages, letters.pages),
    menu=(
        MenuEntry(
            "office",
            "office_letters.worklist",
            lazy("Briefe"),
            24,
            letters.PERMISSION,
            lazy("Tägliche Arbeit"),
            note=lazy("Gekaufte Karten zur Post geben."),
            symbol="mail",
        ),
        MenuEntry(
            "account",
            "voucher_shop.mine",
            lazy("Gekaufte Gutscheine"),
            22,
            note=lazy("Empfänger, Versand und Belege."),
            symbol="gift",
        ),
    ),
)


def plug(app: Flask) -> None:
    """Register pages, and the contracts for "Vertrag widerrufen"."""
    PACKAGE.plug(app)
    withdrawals.register(SaleContracts())
