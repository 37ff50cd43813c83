"""The issuer's office: propose goodwill on a voucher that support has found, or a correction downwards."""

from collections.abc import Callable
from uuid import UUID, uuid4

from flask import flash, redirect, render_template, request, url_for
from marshmallow import ValidationError
from werkzeug.wrappers import Response

from foundation.database import transact
from foundation.errors import Invalid, NotFound, Refused
from foundation.forms import accept_fields
from foundation.languages import _
from foundation.wiring import audience
from people.web.guards import acting_person_id, requires
from vouchers.adjustments import goodwill
from vouchers.approvals.proposing import MAX_REASON_LENGTH
from vouchers.support import lookup, queries
from vouchers.web.fields import read_errors, read_refusal
from vouchers.web.office.forms import GoodwillForm, ReductionForm

PERMISSION = "vouchers.propose"

pages = audience("office_goodwill", __name__, guard=requires(PERMISSION), url_prefix="/office/gutscheine/kulanz")


@pages.get("/<uuid:lookup_id>")
def form(lookup_id: UUID, errors: dict[str, object] | None = None) -> str:
    """Both forms, beside how the voucher stands."""
    seen = queries.load_voucher_view(_voucher(lookup_id))
    return render_template(
        "vouchers/office/goodwill/form.html",
        lookup_id=lookup_id,
        seen=seen,
        lots=[lot for lot in seen.lots if lot.free and lot.kind in goodwill.CREDIT_ACCOUNTS],
        values=request.form,
        errors=errors or {},
        key=str(uuid4()),
        most=MAX_REASON_LENGTH,
    )


@pages.post("/<uuid:lookup_id>/dazu")
@accept_fields(GoodwillForm)
def add(lookup_id: UUID) -> Response | tuple[str, int]:
    """Propose goodwill on a voucher; a second person approves it."""
    voucher_id = _voucher(lookup_id)

    def propose() -> None:
        data = GoodwillForm().load(request.form)
        adjustment = goodwill.AdjustmentRequest(voucher_id, data["amount"], data["reason"], data["key"] or None)
        transact(goodwill.propose, adjustment, acting_person_id())

    return _answer(lookup_id, propose, {})


@pages.post("/<uuid:lookup_id>/ab")
@accept_fields(ReductionForm)
def reduce(lookup_id: UUID) -> Response | tuple[str, int]:
    """Propose to take value off a voucher; a second person approves it."""
    voucher_id = _voucher(lookup_id)

    def propose() -> None:
        data = ReductionForm().load(request.form)
        adjustment = goodwill.AdjustmentRequest(voucher_id, data["off"], data["why"], data["key"] or None)
        transact(goodwill.propose_reduction, adjustment, data["lot"], acting_person_id())

    return _answer(lookup_id, propose, {"amount": "off", "reason": "why"})


def _voucher(lookup_id: UUID) -> UUID:
    voucher_id = lookup.load_recent_lookup(lookup_id, acting_person_id()).voucher_id
    assert voucher_id is not None
    return voucher_id


def _answer(lookup_id: UUID, propose: Callable[[], None], names: dict[str, str]) -> Response | tuple[str, int]:
    try:
        propose()
    except ValidationError as error:
        return form(lookup_id, read_errors(error)), 422
    except Invalid as error:
        return form(lookup_id, read_refusal(error, names)), 422
    except (NotFound, Refused) as error:
        return form(lookup_id, {"form": str(error.sentence)}), 409
    flash(_("Vorgeschlagen. Eine zweite Person muss freigeben."), "ok")
    return redirect(url_for("office_approvals.worklist"), 303)
