"""The retailer's desk: vouchers to practise with. Their codes are shown on this one sheet and never again."""

from flask import flash, redirect, render_template, request, url_for
from marshmallow import ValidationError
from werkzeug.wrappers import Response as Answer

from foundation import qr
from foundation.database import transact
from foundation.errors import DomainError
from foundation.languages import _
from people.web.guards import require_outlet
from vouchers.practice import setup
from vouchers.web.desk.forms import DeskForm
from vouchers.web.desk.tills import PERMISSION, desk


@desk.post("/uebung")
def practice_sheet() -> str | Answer:
    """Four vouchers to practise with, on one sheet to print."""
    try:
        data = DeskForm().load(request.form)
    except ValidationError:
        return redirect(url_for("desk_tills.tills"))
    outlet = require_outlet(data["outlet"], PERMISSION)
    try:
        sheet = transact(setup.make_vouchers, outlet.organisation_id)
    except DomainError as error:
        flash(str(error.sentence), "bad")
        return redirect(url_for("desk_tills.tills"))
    vouchers = [(voucher, qr.draw_svg(voucher.token)) for voucher in sheet]
    return render_template("vouchers/desk/practice/practice_sheet.html", vouchers=vouchers)


@desk.post("/uebung/loeschen")
def clear_practice() -> Answer:
    """Throw the practice vouchers of this retailer away."""
    try:
        data = DeskForm().load(request.form)
    except ValidationError:
        return redirect(url_for("desk_tills.tills"))
    outlet = require_outlet(data["outlet"], PERMISSION)
    transact(setup.delete_vouchers, outlet.organisation_id)
    flash(_("Die Übungsgutscheine sind gelöscht."), "ok")
    return redirect(url_for("desk_tills.tills"))
