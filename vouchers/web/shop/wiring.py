"""How the voucher shop plugs into the application."""

from flask import Flask

from money.payments import withdrawals
from vouchers.sales.withdrawing import SaleContracts
from vouchers.web.shop import choosing, lists, order, wishing
from vouchers.web.shop.blueprint import pages


def plug(app: Flask) -> None:
    """Its pages, and its contracts for "Vertrag widerrufen"."""
    assert all((choosing, lists, order, wishing))
    withdrawals.register(SaleContracts())
    app.register_blueprint(pages)
