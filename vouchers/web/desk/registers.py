"""The retailer's desk: cash systems that use the interface: tokens with scopes, sandbox keys, the DSFinV-K export."""

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from flask import Response, flash, redirect, render_template, request, url_for
from marshmallow import EXCLUDE, Schema, ValidationError, fields
from werkzeug.wrappers import Response as Answer

from foundation.clock import now, today
from foundation.database import session, transact
from foundation.errors import DomainError, Invalid
from foundation.languages import _
from foundation.wiring import audience
from people.models import Outlet
from people.web.guards import current_person, list_current_outlets, require_outlet, requires
from vouchers.partners import dsfinvk, endpoints
from vouchers.practice import making
from vouchers.practice.models import TrainingToken
from vouchers.tills import devices, redemption_log, tokens
from vouchers.tills.models import TillToken
from vouchers.tills.names import MAX_NAME_CHARACTERS
from vouchers.tills.states import TokenScope
from vouchers.web.desk.devices import SCOPES as SCOPE_WORDS

PERMISSION = "tills.manage"
NEW = "neu"
MOST_SANDBOX_KEYS = 10

desk = audience("desk_registers", __name__, guard=requires(PERMISSION), url_prefix="/desk/kassensysteme")


class AccessForm(Schema):
    """A token: for a cash system that is new here, or for one that is known."""

    class Meta:
        unknown = EXCLUDE

    outlet = fields.UUID(required=True)
    till = fields.String(load_default=NEW)
    name = fields.String(required=True)
    scopes = fields.List(fields.String(), load_default=list)


class SandboxForm(Schema):
    """A sandbox key."""

    class Meta:
        unknown = EXCLUDE

    outlet = fields.UUID(required=True)
    name = fields.String(required=True)


@desk.get("")
def registers(errors: dict[str, object] | None = None) -> str:
    """The cash systems of every shop of this retailer, with what they may do."""
    shops = [_shop(outlet) for outlet in list_current_outlets(PERMISSION)]
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


def _shop(outlet: Outlet) -> dict[str, object]:
    alive = sa.and_(
        TillToken.revoked_at.is_(None), sa.or_(TillToken.expires_at.is_(None), TillToken.expires_at > now())
    )
    found = devices.list_tills(outlet.id)
    query = sa.select(TillToken).where(TillToken.till_id.in_([till.id for till in found]), alive)
    tokens: dict[UUID, list[TillToken]] = {}
    for token in session.scalars(query.order_by(TillToken.created_at.desc())):
        tokens.setdefault(token.till_id, []).append(token)
    return {
        "outlet": outlet,
        "tills": found,
        "tokens": tokens,
        "used": redemption_log.last_used(outlet.id),
        "sandbox": _sandbox_keys(outlet.id),
        "endpoints": endpoints.list_endpoints(outlet.id),
    }


def _sandbox_keys(outlet_id: UUID) -> list[TrainingToken]:
    query = sa.select(TrainingToken).where(TrainingToken.outlet_id == outlet_id, TrainingToken.revoked_at.is_(None))
    return list(session.scalars(query.order_by(TrainingToken.created_at.desc())))


@desk.post("")
def access() -> str | tuple[str, int]:
    """A token with the chosen scopes, shown once."""
    given = {**request.form.to_dict(), "scopes": request.form.getlist("scopes")}
    try:
        wish = AccessForm().load(given)
    except ValidationError as error:
        return registers(error.messages), 422  # type: ignore[arg-type]
    outlet, person = require_outlet(wish["outlet"], PERMISSION), current_person()
    try:
        bearer = transact(_give_access, outlet.id, wish, person.id if person else None)
    except DomainError as error:
        return registers({str(error.details.get("field", "form")): str(error.sentence)}), 422
    return _shown_once(outlet, wish["name"], bearer, sandbox=False)


def _give_access(outlet_id: UUID, wish: dict[str, object], person_id: UUID | None) -> str:
    name, scopes = str(wish["name"]), wish["scopes"]
    assert isinstance(scopes, list)
    if wish["till"] == NEW:
        till_id, full = devices.add_till(outlet_id, name=name, person_id=person_id)
        if set(scopes) == set(TokenScope):
            return full
        bearer = tokens.add_token(till_id, name, scopes)
        tokens.revoke_token(tokens.hash_bearer(full))
        return bearer
    for till in devices.list_tills(outlet_id):
        if str(till.id) == wish["till"]:
            return tokens.add_token(till.id, name, scopes)
    raise Invalid(_("Diese Kasse gibt es hier nicht."), field="till")


@desk.post("/uebung")
def sandbox() -> str | tuple[str, int]:
    """A sandbox key, shown once."""
    try:
        wish = SandboxForm().load(request.form)
    except ValidationError as error:
        return registers(error.messages), 422  # type: ignore[arg-type]
    outlet, person = require_outlet(wish["outlet"], PERMISSION), current_person()
    name = " ".join(wish["name"].split())
    if not 1 <= len(name) <= MAX_NAME_CHARACTERS or not name.isprintable():
        return registers({"name": _("Bitte geben Sie einen Namen mit 1 bis 40 Zeichen ein.")}), 422
    if len(_sandbox_keys(outlet.id)) >= MOST_SANDBOX_KEYS:
        return registers({"form": _("Mehr als zehn Übungsschlüssel sind je Geschäft nicht möglich.")}), 422
    bearer = transact(making.new_token, outlet.id, name, person_id=person.id if person else None)
    return _shown_once(outlet, name, bearer, sandbox=True)


@desk.post("/uebung/<uuid:key_id>/sperren")
def revoke_sandbox(key_id: UUID) -> Answer:
    """This sandbox key opens nothing any more."""
    transact(making.revoke_token, key_id, {outlet.id for outlet in list_current_outlets(PERMISSION)})
    flash(_("Der Übungsschlüssel ist gesperrt."), "ok")
    return redirect(url_for("desk_registers.registers"), 303)


@desk.get("/dsfinvk")
def export() -> Response:
    """Each redemption of a period in the fields of the DSFinV-K, as CSV."""
    outlet = require_outlet(_uuid(request.args.get("outlet", "")), PERMISSION)
    first, last = _day(request.args.get("von", "")), _day(request.args.get("bis", ""))
    mapping = request.args.get("art", dsfinvk.MAPPINGS[0])
    if mapping not in dsfinvk.MAPPINGS:
        raise Invalid(_("Bitte wählen Sie, wie Ihre Kasse Gutscheine bucht."))
    dsfinvk.require_period(first, last)
    text = dsfinvk.write_csv(redemption_log.LIVE.lines(outlet.id, first, last), mapping)
    answer = Response("\ufeff" + text, content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f"attachment; filename=dsfinvk-{mapping}-{first}-{last}.csv"
    return answer


def _shown_once(outlet: Outlet, name: str, bearer: str, *, sandbox: bool) -> str:
    return render_template(
        "vouchers/desk/registers/access.html", outlet=outlet, name=name, bearer=bearer, sandbox=sandbox
    )


def _day(text: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError as error:
        raise Invalid(_("Bitte wählen Sie einen gültigen Tag.")) from error
    return found


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Invalid(_("Bitte wählen Sie ein Geschäft.")) from error
