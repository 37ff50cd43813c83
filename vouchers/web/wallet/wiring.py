"""How the holder's pages plug in: tables, jobs, pages, the forms of credentials that a wallet shows."""

from flask import Flask

from foundation.languages import lazy
from foundation.wiring import MenuEntry, Package
from vouchers.passes import offers
from vouchers.wallet import lapse_notice, models, proof_by_mail, reminders, rotating_code, sealed_note
from vouchers.web import passes
from vouchers.web.wallet import actions, blueprint, devices, finder, items, proof, voucher

PACKAGE = Package(
    modules=(models, proof_by_mail, reminders, lapse_notice, actions, items),
    pages=(voucher.pages, proof.pages, finder.pages, devices.pages, passes.pages, blueprint.pages),
    menu=(
        MenuEntry(
            "account",
            "wallet_items.overview",
            lazy("Geldbörse"),
            10,
            note=lazy("Ihre Gutscheine und was noch darauf ist."),
            symbol="wallet",
        ),
        MenuEntry("footer", "wallet.find", lazy("Guthaben ansehen"), 5),
    ),
)


def plug(app: Flask) -> None:
    """Register tables, jobs, pages and forms of credentials."""
    PACKAGE.plug(app)
    for room in (rotating_code, sealed_note):
        room.plug()
    devices.plug(app)
    app.jinja_env.globals["passes_offered"] = offers.list_offered
