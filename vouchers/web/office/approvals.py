"""The issuer's office: what waits for a second person, and the decision."""

from collections.abc import Callable
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from foundation.database import transact
from foundation.errors import DomainError, Invalid, NotFound
from foundation.forms import accept_fields
from foundation.languages import _
from foundation.wiring import audience
from people.web.guards import acting_person_id, requires
from vouchers.approvals import deciding, queries
from vouchers.approvals.proposing import MAX_REASON_LENGTH
from vouchers.web.fields import place, read_refusal
from vouchers.web.office.access import list_issuers

PERMISSION = deciding.PERMISSION

pages = audience("office_approvals", __name__, guard=requires(PERMISSION), url_prefix="/office/freigaben")


@pages.get("")
def worklist(errors: dict[str, object] | None = None) -> str:
    """Show what waits, and what was decided lately."""
    return render_template(
        "vouchers/office/approvals/worklist.html",
        waiting=queries.list_waiting(list_issuers(PERMISSION)),
        decided=queries.list_decided(list_issuers(PERMISSION)),
        mine=acting_person_id(),
        errors=errors or {},
        most=MAX_REASON_LENGTH,
        values=request.form,
    )


@pages.post("/<uuid:proposal_id>/freigeben")
@accept_fields()
def approve(proposal_id: UUID) -> Response | tuple[str, int]:
    """Approve, which does it at once."""
    return _decide(proposal_id, _("Freigegeben."), deciding.approve)


@pages.post("/<uuid:proposal_id>/ablehnen")
@accept_fields("reason")
def decline(proposal_id: UUID) -> Response | tuple[str, int]:
    """Decline a proposal, with a reason its author reads."""
    reason = request.form.get("reason", "")[: MAX_REASON_LENGTH + 1]
    return _decide(proposal_id, _("Abgelehnt. Es ist nichts geschehen."), deciding.decline, reason)


def _decide(proposal_id: UUID, done: str, action: Callable[..., None], *more: str) -> Response | tuple[str, int]:
    queries.load_one(proposal_id, list_issuers(PERMISSION))
    try:
        transact(action, proposal_id, acting_person_id(), *more)
    except NotFound:
        raise
    except DomainError as error:
        return worklist(place(read_refusal(error), {"reason": f"reason-{proposal_id}"})), 422 if isinstance(
            error, Invalid
        ) else 409
    flash(done, "ok")
    return redirect(url_for("office_approvals.worklist"), 303)
