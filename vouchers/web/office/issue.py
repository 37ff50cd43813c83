"""The issuer's office: propose a voucher out of a credit on the trust account."""

from flask import flash, redirect, render_template, request, url_for
from marshmallow import ValidationError
from werkzeug.wrappers import Response

from foundation.database import transact
from foundation.errors import Invalid, Refused
from foundation.forms import accept_fields
from foundation.languages import _
from foundation.wiring import audience
from money.amount import euro
from money.bank import queries
from people.web.guards import acting_person_id, requires
from vouchers.adjustments import manual_issue
from vouchers.web.fields import read_errors, read_refusal
from vouchers.web.office.access import list_issuers, list_options, list_own_programmes, load_own_programme
from vouchers.web.office.forms import IssueForm

PERMISSION = "vouchers.propose"

pages = audience("office_issue", __name__, guard=requires(PERMISSION), url_prefix="/office/ausgabe")


@pages.get("")
def form(errors: dict[str, object] | None = None) -> str:
    """Show the form for a manual issue."""
    return render_template(
        "vouchers/office/issue/form.html",
        programmes=list_options(list_own_programmes(PERMISSION)),
        receipts=[
            (str(one.receipt.id), f"{manual_issue.describe_receipt(one.receipt)} – {_('frei')} {euro(one.rest_cents)}")
            for one in queries.list_for_value(list_issuers(PERMISSION))
        ],
        values=request.form,
        errors=errors or {},
    )


@pages.post("")
@accept_fields(IssueForm)
def propose() -> Response | tuple[str, int]:
    """Write the proposal down; nothing is issued yet."""
    try:
        data = IssueForm().load(request.form)
        programme = load_own_programme(data["programme"], PERMISSION)
        order = manual_issue.ManualIssueRequest(
            programme.id, data["amount"], data["email"], data["receipt"], data["reason"], data["language"]
        )
        transact(manual_issue.propose, order, acting_person_id())
    except ValidationError as error:
        return form(read_errors(error)), 422
    except Invalid as error:
        return form(read_refusal(error)), 422
    except Refused as error:
        return form({"form": str(error.sentence)}), 409
    flash(_("Vorgeschlagen. Sobald eine zweite Person freigibt, geht der Gutschein per E-Mail hinaus."), "ok")
    return redirect(url_for("office_approvals.worklist"), 303)
