"""How the holder's pages plug in: tables, jobs, pages, the way of presenting."""

from flask import Flask

from foundation.languages import lazy
from foundation.wiring import navigation
from vouchers.passes import offers
from vouchers.wallet import lapse_notice, models, proof_by_mail, reminders, rotating_code, sealed_note
from vouchers.web import passes
from vouchers.web.wallet import actions, devices, finder, items, proof, voucher
from vouchers.web.wallet.blueprint import pages


def plug(app: Flask) -> None:
    """Register tables, jobs, pages, forms of credentials and entries in menus."""
    assert all((models, proof_by_mail, reminders, lapse_notice, actions, items))
    rotating_code.plug()
    sealed_note.plug()
    devices.plug(app)
    for blueprint in (voucher.pages, proof.pages, finder.pages, devices.pages, passes.pages, pages):
        app.register_blueprint(blueprint)
    app.jinja_env.globals["passes_offered"] = offers.list_offered
    navigation.add(
        "account",
        "wallet_items.overview",
        lazy("Geldbörse"),
        order=10,
        note=lazy("Ihre Gutscheine und was noch darauf ist."),
        symbol="wallet",
    )
    navigation.add("footer", "wallet.find", lazy("Guthaben ansehen"), order=5)
