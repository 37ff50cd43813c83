"""The retailer's desk: which vouchers the shops take, by which terms, and withdrawing from an agreement."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from foundation.clock import now
from foundation.database import transact
from foundation.errors import DomainError
from foundation.languages import _
from foundation.wiring import audience
from people.errors import outlet_not_yours
from people.web.guards import current_person, list_memberships, require_fresh_sign_in, requires
from vouchers.network import agreements as actions
from vouchers.network import queries
from vouchers.network.notice import calculate_notice_end

PERMISSION = "agreements.manage"
_holds = requires(PERMISSION)


def owner() -> None:
    """A guard for owners; whoever ends something has signed in lately."""
    _holds()
    if request.method == "POST":
        require_fresh_sign_in()


owner.permission = PERMISSION  # type: ignore[attr-defined]
desk = audience("desk_agreements", __name__, guard=owner, url_prefix="/desk/gutscheine")


def _mine() -> set[UUID]:
    """The places of business of the own organisations, suspended ones too: they keep their agreements to read."""
    return queries.list_outlet_ids({m.organisation_id for m in list_memberships(PERMISSION)})


@desk.get("")
def agreements(errors: dict[str, object] | None = None, refused: tuple[UUID, UUID] | None = None) -> str:
    """Show every agreement of one's shops, also those that ended. `refused`: which programme and shop."""
    rows, present = queries.list_agreements_of_shops(_mine()), now()
    holding = [row for row in rows if row[0].valid_until is None or row[0].valid_until > present]
    ids = [f"e-{row.id}" for row, *_rest in holding if (row.programme_id, row.outlet_id) == refused]
    return render_template(
        "vouchers/desk/agreements/agreements.html",
        holding=holding,
        ended=[row for row in rows if row not in holding],
        notice=calculate_notice_end(),
        errors=errors or {},
        refused=refused,
        values=request.form,
        field_ids={"reason": ids[0]} if ids else {},
    )


@desk.post("/<uuid:programme_id>/<uuid:outlet_id>/beenden")
def end(programme_id: UUID, outlet_id: UUID) -> str | Response | tuple[str, int]:
    """Withdraw, at once or with notice of four weeks."""
    if outlet_id not in _mine():
        raise outlet_not_yours()
    person = current_person()
    try:
        transact(
            actions.end,
            programme_id,
            outlet_id,
            by="shop",
            reason=request.form.get("reason", "")[: actions.MAX_REASON_LENGTH + 1],
            person_id=person.id if person else None,
            at=calculate_notice_end() if request.form.get("when") == "notice" else None,
        )
    except DomainError as error:
        field = str(error.details.get("field", "form"))
        return agreements({field: str(error.sentence)}, refused=(programme_id, outlet_id)), 422
    flash(_("Die Vereinbarung ist beendet. Was eingelöst wurde, wird noch ausgezahlt."), "ok")
    return redirect(url_for("desk_agreements.agreements"), 303)
