"""The retailer's desk: enrol devices, revoke them, people and PINs at the tills."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from marshmallow import ValidationError
from werkzeug.wrappers import Response as Answer

from foundation import qr
from foundation.database import transact
from foundation.errors import DomainError, Invalid
from foundation.languages import _
from foundation.links import absolute_url
from foundation.wiring import audience
from people.models import Outlet
from people.web.guards import current_person, list_current_outlets, require_outlet, requires
from vouchers.practice import setup
from vouchers.tills import devices, pausing, redemption_log, staff
from vouchers.tills.models import Till, TillStaff
from vouchers.web.desk.forms import StaffForm, TillForm
from vouchers.web.fields import place, read_errors, read_refusal

PERMISSION = "tills.manage"

desk = audience("desk_tills", __name__, guard=requires(PERMISSION), url_prefix="/desk/kassen")


@dataclass(frozen=True)
class TillShop:
    """A place of business with its tills and the people at them."""

    outlet: Outlet
    tills: Sequence[Till]
    staff: Sequence[TillStaff]
    used: dict[UUID, datetime]
    in_practice: set[UUID]
    pauses: dict[UUID, str]


@desk.get("")
def tills(errors: dict[str, object] | None = None) -> str:
    """Show the tills and the people of every shop of this retailer."""
    shops = [_shop(outlet) for outlet in list_current_outlets(PERMISSION)]
    return render_template("vouchers/desk/tills/tills.html", shops=shops, errors=errors or {}, values=request.form)


@desk.post("/anmelden")
def invite() -> str | tuple[str, int]:
    """Show the one-time code for a new device."""
    try:
        data = TillForm().load(request.form)
    except ValidationError as error:
        return _refuse(read_errors(error), "name")
    outlet, person = require_outlet(data["outlet"], PERMISSION), current_person()
    try:
        secret = transact(devices.invite_device, outlet.id, name=data["name"], person_id=person.id if person else None)
    except DomainError as error:
        return _refuse(read_refusal(error), "name")
    link = absolute_url("till_enrolment.enrol", secret=secret)
    return render_template(
        "vouchers/desk/tills/invite.html", outlet=outlet, name=data["name"], link=link, picture=qr.draw_svg(link)
    )


@desk.post("/zugang")
def access() -> str | tuple[str, int]:
    """Add a till without a page, for a cash system that uses the interface. Its token is shown once."""
    try:
        data = TillForm().load(request.form)
    except ValidationError as error:
        return _refuse(read_errors(error), "name")
    outlet, person = require_outlet(data["outlet"], PERMISSION), current_person()
    try:
        _till_id, bearer = transact(
            devices.add_till, outlet.id, name=data["name"], person_id=person.id if person else None
        )
    except DomainError as error:
        return _refuse(read_refusal(error), "name")
    return render_template("vouchers/desk/tills/access.html", outlet=outlet, name=data["name"], bearer=bearer)


@desk.post("/<uuid:till_id>/abmelden")
def revoke(till_id: UUID) -> Answer:
    """Revoke a device: it is no till any more."""
    transact(devices.revoke_till, till_id, _mine())
    flash(_("Das Gerät ist abgemeldet und kann nichts mehr einlösen."), "ok")
    return redirect(url_for("desk_tills.tills"))


@desk.post("/personen")
def add_staff() -> str | Answer | tuple[str, int]:
    """Add somebody who works at the tills, with a PIN."""
    try:
        data = StaffForm().load(request.form)
    except ValidationError as error:
        return _refuse(read_errors(error), "alias", "pin")
    outlet = require_outlet(data["outlet"], PERMISSION)
    try:
        transact(staff.add_staff, outlet.id, alias=data["alias"], pin=data["pin"], role=data["role"])
    except DomainError as error:
        return _refuse(read_refusal(error), "alias", "pin")
    flash(_("%(name)s kann jetzt kassieren.", name=data["alias"]), "ok")
    return redirect(url_for("desk_tills.tills"))


@desk.post("/personen/<uuid:staff_id>/pin")
def change_pin(staff_id: UUID) -> str | Answer | tuple[str, int]:
    """Set a new PIN, which also ends a lock."""
    try:
        transact(staff.change_pin, staff_id, _mine(), pin=request.form.get("pin", "")[:10])
    except Invalid as error:
        return tills(place(read_refusal(error), {"pin": f"pin-{staff_id}"})), 422
    flash(_("Die neue PIN gilt ab jetzt."), "ok")
    return redirect(url_for("desk_tills.tills"))


@desk.post("/personen/<uuid:staff_id>/entfernen")
def remove_staff(staff_id: UUID) -> Answer:
    """Remove somebody who no longer works at the tills."""
    transact(staff.remove_staff, staff_id, _mine())
    flash(_("Die Person ist ausgetragen."), "ok")
    return redirect(url_for("desk_tills.tills"))


def _refuse(errors: dict[str, object], *names: str) -> tuple[str, int]:
    """The page once more, with what was wrong at the fields of that shop's form."""
    return tills(place(errors, {name: f"{name}-{request.form.get('outlet')}" for name in names})), 422


def _shop(outlet: Outlet) -> TillShop:
    tills = devices.list_tills(outlet.id)
    in_practice = setup.list_in_practice([till.id for till in tills])
    told = {till.id: pausing.describe(till.paused_until, till.pause_reason) for till in tills}
    return TillShop(
        outlet,
        tills,
        staff.list_staff(outlet.id),
        redemption_log.last_used(outlet.id),
        in_practice,
        pauses={till_id: sentence for till_id, sentence in told.items() if sentence},
    )


def _mine() -> list[UUID]:
    return [outlet.id for outlet in list_current_outlets(PERMISSION)]
