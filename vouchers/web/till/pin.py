"""Who is at the till: choose a name, type the PIN; lock when leaving."""

from uuid import UUID

from flask import Response, flash, g, make_response, redirect, render_template, request, url_for

from foundation.database import transact
from foundation.languages import _
from foundation.security import limit
from vouchers.tills import staff
from vouchers.tills.states import PinCheck
from vouchers.web.till import blueprint
from vouchers.web.till.blueprint import pin


@pin.get("/person")
def unlock(errors: dict[str, str] | None = None) -> str:
    """Show the names of this shop's till staff and a field for the PIN."""
    members = staff.list_staff(g.till_session.till.outlet_id)
    return render_template(
        "vouchers/till/pin/unlock.html",
        staff=members,
        staff_options=[(member.id, member.alias) for member in members],
        errors=errors or {},
        chosen=members[0].id if len(members) == 1 else request.form.get("staff"),
    )


@pin.post("/person")
@limit("20 per minute")
def check() -> Response | tuple[str, int]:
    """Unlock, or say that the PIN is wrong, or that it must wait."""
    try:
        staff_id = UUID(request.form.get("staff", ""))
    except ValueError:
        return unlock({"staff": _("Bitte wählen Sie Ihren Namen.")}), 422
    till = g.till_session.till
    checked = transact(staff.check_pin, staff_id, till.outlet_id, request.form.get("pin", "")[:10])
    if checked == PinCheck.RIGHT:
        response = make_response(redirect(url_for("till.scan")))
        blueprint.unlock(response, till.id, staff_id)
        return response
    if checked == PinCheck.LOCKED:
        return unlock({"pin": _("Zu viele falsche PINs. Dieser Name ist zehn Minuten gesperrt.")}), 429
    return unlock({"pin": _("Die PIN stimmt nicht.")}), 422


@pin.post("/sperren")
def lock() -> Response:
    """Lock the till; the device stays enrolled."""
    flash(_("Die Kasse ist gesperrt."), "info")
    response = make_response(redirect(url_for("till_pin.unlock")))
    response.delete_cookie(blueprint.STAFF_COOKIE, path=blueprint.PATH)
    return response
