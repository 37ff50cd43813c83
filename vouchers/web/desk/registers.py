"""The retailer's desk: cash systems that use the interface: tokens with scopes, practice keys, the DSFinV-K export."""

from datetime import date
from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from marshmallow import ValidationError
from werkzeug.wrappers import Response as Answer

from foundation.clock import today
from foundation.database import transact
from foundation.errors import DomainError, date_not_valid
from foundation.languages import _
from foundation.wiring import audience
from people.models import Outlet
from people.web.guards import current_person, list_current_outlets, require_outlet, requires
from vouchers.partners import access as granting
from vouchers.partners import dsfinvk, queries
from vouchers.partners import errors as errors_of_partners
from vouchers.partners.access import AccessRequest
from vouchers.practice import setup
from vouchers.tills import redemption_log
from vouchers.tills.states import TokenScope
from vouchers.web.desk.devices import SCOPES as SCOPE_WORDS
from vouchers.web.desk.errors import outlet_not_chosen
from vouchers.web.desk.forms import NEW, AccessForm, PracticeKeyForm
from vouchers.web.fields import place, read_errors, read_refusal

PERMISSION = "tills.manage"
ACCESS_FIELDS = {"till": "till", "name": "name", "scopes": "scopes"}
PRACTICE_FIELDS = {"name": "practice"}

desk = audience("desk_registers", __name__, guard=requires(PERMISSION), url_prefix="/desk/kassensysteme")


@desk.get("")
def registers(errors: dict[str, object] | None = None) -> str:
    """Show the cash systems of every shop of this retailer, with what they may do."""
    shops = [queries.load_cash_systems(outlet) for outlet in list_current_outlets(PERMISSION)]
    return render_template(
        "vouchers/desk/registers/registers.html",
        shops=shops,
        errors=errors or {},
        values=request.form,
        chosen=request.form.getlist("scopes") if errors else list(TokenScope),
        scopes=SCOPE_WORDS,
        first=today().replace(day=1),
        last=today(),
    )


@desk.post("")
def access() -> str | tuple[str, int]:
    """Make a token with the chosen scopes, shown once."""
    typed = {**request.form.to_dict(), "scopes": request.form.getlist("scopes")}
    try:
        data = AccessForm().load(typed)
    except ValidationError as error:
        return _refuse(read_errors(error), ACCESS_FIELDS)
    outlet = require_outlet(data["outlet"], PERMISSION)
    asked = AccessRequest(None if data["till"] == NEW else data["till"], data["name"], data["scopes"])
    try:
        bearer = transact(granting.grant_access, outlet.id, asked, _person_id())
    except DomainError as error:
        return _refuse(read_refusal(error), ACCESS_FIELDS)
    return _show_once(outlet, asked.name, bearer, practice=False)


@desk.post("/uebung")
def practice_key() -> str | tuple[str, int]:
    """Make a key to practise with, shown once."""
    try:
        data = PracticeKeyForm().load(request.form)
    except ValidationError as error:
        return _refuse(read_errors(error), PRACTICE_FIELDS)
    outlet = require_outlet(data["outlet"], PERMISSION)
    try:
        bearer = transact(granting.grant_practice, outlet.id, data["name"], _person_id())
    except DomainError as error:
        return _refuse(read_refusal(error), PRACTICE_FIELDS)
    return _show_once(outlet, " ".join(data["name"].split()), bearer, practice=True)


@desk.post("/uebung/<uuid:key_id>/sperren")
def revoke_practice_key(key_id: UUID) -> Answer:
    """Revoke a practice key: it opens nothing any more."""
    transact(setup.revoke_key, key_id, {outlet.id for outlet in list_current_outlets(PERMISSION)})
    flash(_("Der Übungsschlüssel ist gesperrt."), "ok")
    return redirect(url_for("desk_registers.registers"), 303)


@desk.get("/dsfinvk")
def export() -> Response:
    """Each redemption of a period in the fields of the DSFinV-K, as CSV."""
    outlet = require_outlet(_uuid(request.args.get("outlet", "")), PERMISSION)
    first, last = _day(request.args.get("von", "")), _day(request.args.get("bis", ""))
    mapping = request.args.get("art", dsfinvk.MAPPINGS[0])
    if mapping not in dsfinvk.MAPPINGS:
        raise errors_of_partners.mapping_unknown()
    dsfinvk.require_period(first, last)
    text = dsfinvk.write_csv(redemption_log.LIVE_LOG.lines(outlet.id, first, last), mapping)
    answer = Response("\ufeff" + text, content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f"attachment; filename=dsfinvk-{mapping}-{first}-{last}.csv"
    return answer


def _refuse(errors: dict[str, object], ids: dict[str, str]) -> tuple[str, int]:
    """Show the page again, with what was wrong at the fields of that shop's form. `ids`: how their ids begin."""
    return registers(place(errors, {name: f"{begin}-{request.form.get('outlet')}" for name, begin in ids.items()})), 422


def _show_once(outlet: Outlet, name: str, bearer: str, *, practice: bool) -> str:
    return render_template(
        "vouchers/desk/registers/access.html", outlet=outlet, name=name, bearer=bearer, practice=practice
    )


def _day(text: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError as error:
        raise date_not_valid() from error
    return found


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise outlet_not_chosen() from error


def _person_id() -> UUID | None:
    person = current_person()
    return person.id if person else None
