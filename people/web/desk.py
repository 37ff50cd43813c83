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


def _chosen(organisation_id: UUID) -> Organisation:
    for organisation in _own():
        if organisation.id == organisation_id:
            return organisation
    raise errors.outlet_of_others()


@pages.get("")
def members() -> str:
    """Who has access, and the form to let somebody in."""
    return _page({}, {})


def _page(values: dict[str, str], errors: dict[str, str]) -> str:
    shops = [(organisation, staffing.list_members(organisation.id)) for organisation in _own()]
    person = current_person()
    return render_template("people/desk/members.html", shops=shops, values=values, errors=errors, person=person)


@pages.post("/<uuid:organisation>")
def invite(organisation: UUID) -> Response | tuple[str, int]:
    """Invite somebody."""
    _chosen(organisation)
    given = {name: request.form.get(name, "").strip()[:300] for name in ("email", "name", "role")}
    try:
        transact(staffing.invite, organisation, **given)
    except Invalid as error:
        return _page(given, {str(error.details.get("field", "email")): str(error.sentence)}), 422
    except Refused as error:
        return _page(given, {"email": str(error.sentence)}), 409
    flash(_("Die Einladung an %(email)s ist unterwegs. Sie gilt sieben Tage.", email=given["email"]), "ok")
    return redirect(url_for("desk_people.members"), 303)


@pages.post("/<uuid:organisation>/<uuid:person>/entfernen")
def remove(organisation: UUID, person: UUID) -> Response:
    """Take somebody's access away."""
    _chosen(organisation)
    acting = current_person()
    assert acting is not None
    transact(staffing.remove_member, organisation, person, by=acting.id)
    flash(_("Der Zugang ist entfernt."), "ok")
    return redirect(url_for("desk_people.members"), 303)
