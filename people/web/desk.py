"""The owner's page about who works in the shop."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from foundation.database import transact
from foundation.errors import Invalid, Refused
from foundation.languages import _
from foundation.wiring import audience
from people import errors, staffing
from people.models import MemberRole, Organisation
from people.web.guards import current_person, list_memberships, requires

pages = audience("desk_people", __name__, guard=requires("members.manage"), url_prefix="/desk/mitarbeit")


def _own() -> list[Organisation]:
    """The shops this person owns; an operator's own organisation is no shop."""
    return [m.organisation for m in list_memberships("members.manage") if m.role == MemberRole.RETAILER_OWNER]


def _require_own(organisation_id: UUID) -> Organisation:
    for organisation in _own():
        if organisation.id == organisation_id:
            return organisation
    raise errors.outlet_of_others()


@pages.get("")
def members() -> str:
    """Show who has access, and the form to let somebody in."""
    return _page({}, {})


def _page(values: dict[str, str], errors: dict[str, str]) -> str:
    shops = [(organisation, staffing.list_members(organisation.id)) for organisation in _own()]
    person = current_person()
    return render_template("people/desk/members.html", shops=shops, values=values, errors=errors, person=person)


@pages.post("/<uuid:organisation>")
def invite(organisation: UUID) -> Response | tuple[str, int]:
    """Mail somebody an invitation to work for one of the owner's shops."""
    _require_own(organisation)
    form_input = {name: request.form.get(name, "").strip()[:300] for name in ("email", "name", "role")}
    try:
        transact(staffing.invite, organisation, **form_input)
    except Invalid as error:
        return _page(form_input, {str(error.details.get("field", "email")): str(error.sentence)}), 422
    except Refused as error:
        return _page(form_input, {"email": str(error.sentence)}), 409
    flash(_("Die Einladung an %(email)s ist unterwegs. Sie gilt sieben Tage.", email=form_input["email"]), "ok")
    return redirect(url_for("desk_people.members"), 303)


@pages.post("/<uuid:organisation>/<uuid:person>/entfernen")
def remove(organisation: UUID, person: UUID) -> Response:
    """Take away all roles that somebody has in one of the owner's shops."""
    _require_own(organisation)
    owner = current_person()
    assert owner is not None
    transact(staffing.remove_member, organisation, person, by=owner.id)
    flash(_("Der Zugang ist entfernt."), "ok")
    return redirect(url_for("desk_people.members"), 303)
