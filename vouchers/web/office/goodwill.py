"""The issuer's office: propose goodwill on a voucher that support has found, or a correction downwards."""

from uuid import UUID, uuid4

from flask import flash, redirect, render_template, request, url_for
from marshmallow import EXCLUDE, Schema, ValidationError
from werkzeug.wrappers import Response

from foundation.database import transact
from foundation.errors import Invalid, NotFound, Refused
from foundation.languages import _, lazy
from foundation.wiring import audience
from people.web.guards import current_person, requires
from vouchers import goodwill
from vouchers.approvals.proposing import LONGEST
from vouchers.support import looking, queries
from vouchers.web.office.forms import choice, money, sentences, text

PERMISSION = "vouchers.propose"

pages = audience("office_goodwill", __name__, guard=requires(PERMISSION), url_prefix="/office/kulanz")


class GoodwillForm(Schema):
    """How much and why. `key` makes a form that is sent twice one proposal."""

    class Meta:
        unknown = EXCLUDE

    amount = money()
    reason = text(LONGEST)
    key = text(64)


class ReductionForm(GoodwillForm):
    """Also off which part."""

    lot = choice(lazy("Bitte wählen Sie den Anteil."))


def _me() -> UUID:
    person = current_person()
    assert person is not None
    return person.id


@pages.get("/<uuid:look_id>")
def form(look_id: UUID, errors: dict[str, object] | None = None, which: str = "") -> str:
    """Both forms, beside how the voucher stands."""
    look = looking.looked(look_id, _me())
    assert look.voucher_id is not None
    return render_template(
        "vouchers/office/goodwill/form.html",
        look=look,
        seen=queries.seen(look.voucher_id),
        values=request.form,
        errors=errors or {},
        which=which,
        key=str(uuid4()),
        reducible=goodwill.BACK_TO,
        most=LONGEST,
    )


@pages.post("/<uuid:look_id>/dazu")
def add(look_id: UUID) -> Response | tuple[str, int]:
    """Propose goodwill."""
    return _propose(look_id, "add")


@pages.post("/<uuid:look_id>/ab")
def reduce(look_id: UUID) -> Response | tuple[str, int]:
    """Propose a correction downwards."""
    return _propose(look_id, "reduce")


def _propose(look_id: UUID, which: str) -> Response | tuple[str, int]:
    look = looking.looked(look_id, _me())
    assert look.voucher_id is not None
    try:
        given = (GoodwillForm if which == "add" else ReductionForm)().load(request.form)
        wish = goodwill.Wish(look.voucher_id, given["amount"], given["reason"], given["key"] or None)
        if which == "add":
            transact(goodwill.propose, wish, _me())
        else:
            transact(goodwill.propose_reduction, wish, given["lot"], _me())
    except ValidationError as error:
        return form(look_id, sentences(error), which), 422
    except Invalid as error:
        return form(look_id, {str(error.details.get("field", "form")): str(error.sentence)}, which), 422
    except (NotFound, Refused) as error:
        return form(look_id, {"form": str(error.sentence)}, which), 409
    flash(_("Vorgeschlagen. Eine zweite Person muss freigeben."), "ok")
    return redirect(url_for("office_approvals.worklist"), 303)
