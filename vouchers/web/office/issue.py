"""The issuer's office: propose a voucher against money that arrived in the trust account."""

from flask import flash, redirect, render_template, request, url_for
from marshmallow import EXCLUDE, Schema, ValidationError, fields
from werkzeug.wrappers import Response

from foundation.database import transact
from foundation.errors import Invalid, Refused
from foundation.languages import _, lazy
from foundation.wiring import audience
from people.web.guards import current_person, requires
from vouchers.adjustments import manual_issue
from vouchers.approvals.proposing import MAX_REASON_LENGTH
from vouchers.web.office.forms import choice, money, options, own_programme, own_programmes, sentences, text

PERMISSION = "vouchers.propose"

pages = audience("office_issue", __name__, guard=requires(PERMISSION), url_prefix="/office/ausgabe")


class IssueForm(Schema):
    """What may come in."""

    class Meta:
        unknown = EXCLUDE

    programme = choice(lazy("Bitte wählen Sie ein Programm."))
    amount = money()
    email = text(254)
    language = fields.String(load_default="de")
    reference = text(manual_issue.MAX_REFERENCE_LENGTH)
    reason = text(MAX_REASON_LENGTH)


@pages.get("")
def form(errors: dict[str, object] | None = None) -> str:
    """The form."""
    return render_template(
        "vouchers/office/issue/form.html",
        programmes=options(own_programmes(PERMISSION)),
        values=request.form,
        errors=errors or {},
    )


@pages.post("")
def propose() -> Response | tuple[str, int]:
    """Write the proposal down; nothing is issued yet."""
    person = current_person()
    assert person is not None
    try:
        wish = IssueForm().load(request.form)
        programme = own_programme(wish["programme"], PERMISSION)
        wanted = manual_issue.ManualIssueRequest(
            programme.id, wish["amount"], wish["email"], wish["reference"], wish["reason"], wish["language"]
        )
        transact(manual_issue.propose, wanted, person.id)
    except ValidationError as error:
        return form(sentences(error)), 422
    except Invalid as error:
        return form({str(error.details.get("field", "form")): str(error.sentence)}), 422
    except Refused as error:
        return form({"form": str(error.sentence)}), 409
    flash(_("Vorgeschlagen. Sobald eine zweite Person freigibt, geht der Gutschein per E-Mail hinaus."), "ok")
    return redirect(url_for("office_approvals.worklist"), 303)
