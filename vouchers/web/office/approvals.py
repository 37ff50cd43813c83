"""The issuer's office: what waits for a second person, and the decision."""

from collections.abc import Callable
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from foundation.database import transact
from foundation.errors import DomainError, Invalid, NotFound
from foundation.languages import _
from foundation.wiring import audience
from people.web.guards import current_person, list_memberships, requires
from vouchers.approvals import deciding, queries
from vouchers.approvals.proposing import MAX_REASON_LENGTH

PERMISSION = deciding.PERMISSION

pages = audience("office_approvals", __name__, guard=requires(PERMISSION), url_prefix="/office/freigaben")


def _issuers() -> list[UUID]:
    return [m.organisation_id for m in list_memberships(PERMISSION)]


@pages.get("")
def worklist(errors: dict[str, str] | None = None) -> str:
    """What waits, and what was decided lately."""
    person = current_person()
    return render_template(
        "vouchers/office/approvals/worklist.html",
        waiting=queries.list_waiting(_issuers()),
        decided=queries.list_decided(_issuers()),
        mine=person.id if person else None,
        errors=errors or {},
        most=MAX_REASON_LENGTH,
    )


@pages.post("/<uuid:proposal_id>/freigeben")
def approve(proposal_id: UUID) -> Response | tuple[str, int]:
    """Approve, which does it at once."""
    return _decide(proposal_id, _("Freigegeben."), deciding.approve)


@pages.post("/<uuid:proposal_id>/ablehnen")
def decline(proposal_id: UUID) -> Response | tuple[str, int]:
    """Decline, with a reason."""
    reason = request.form.get("reason", "")[: MAX_REASON_LENGTH + 1]
    return _decide(proposal_id, _("Abgelehnt. Es ist nichts geschehen."), deciding.decline, reason)


def _decide(proposal_id: UUID, done: str, action: Callable[..., None], *more: str) -> Response | tuple[str, int]:
    person = current_person()
    assert person is not None
    queries.load_one(proposal_id, _issuers())
    try:
        transact(action, proposal_id, person.id, *more)
    except NotFound:
        raise
    except DomainError as error:
        return worklist({"form": str(error.sentence)}), 422 if isinstance(error, Invalid) else 409
    flash(done, "ok")
    return redirect(url_for("office_approvals.worklist"), 303)
