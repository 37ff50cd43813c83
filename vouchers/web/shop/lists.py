"""A list of recipients: upload, look at every line, confirm. Nothing is written before."""

import secrets
from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for
from marshmallow import ValidationError
from werkzeug.wrappers import Response

from foundation import clock
from foundation.database import transact
from foundation.errors import Invalid
from foundation.languages import _, current_language
from foundation.security import limit
from people.web.guards import current_person
from vouchers.purchases import addresses
from vouchers.purchases.models import DESIGNS
from vouchers.sales import lists, selling
from vouchers.sales.lists import Common, Plan
from vouchers.stored_value.models import Programme
from vouchers.web.shop.blueprint import pages, programme_of
from vouchers.web.shop.forms import KEY_LIMIT, BuyerForm


@pages.get("/<slug>/liste")
def upload(slug: str) -> str:
    """The form for the file."""
    programme = programme_of(slug)
    person = current_person()
    values = {"buyer_email": person.email, "buyer_name": person.name} if person else {}
    return _form(programme, values | {"design": programme.design}, {})


@pages.post("/<slug>/liste")
@limit("20 per minute")
def check(slug: str) -> str | tuple[str, int]:
    """Every line as it would be ordered, or what is wrong in which line."""
    programme = programme_of(slug)
    try:
        common = _common(programme)
        file = request.files.get("list")
        text = lists.text_of(file.read(lists.MOST_BYTES + 1) if file else b"")
        plan = lists.plan(text, common)
    except ValidationError as error:
        return _form(programme, request.form, error.normalized_messages()), 422
    except Invalid as error:
        return _form(programme, request.form, {str(error.details.get("field", "list")): str(error.sentence)}), 422
    page = _checked(programme, common, text, plan, secrets.token_urlsafe(18))
    return (page, 422) if plan.wrong else page


@pages.post("/<slug>/liste/bestellen")
@limit("20 per minute")
def confirm(slug: str) -> Response | tuple[str, int]:
    """Write the whole list down as one order and go on to its summary; read and checked again, for forms can lie."""
    programme = programme_of(slug)
    key = request.form.get("form_key", "")[:KEY_LIMIT]
    try:
        common = _common(programme)
        text = lists.text_of(request.form.get("text", "").encode("utf-8", "replace"))
        plan = lists.plan(text, common)
        if len(key) < 16 or not key.isascii():
            raise Invalid(_("Bitte laden Sie die Liste noch einmal hoch."), field="list")
        if plan.wrong:
            return _checked(programme, common, text, plan, key), 422
        order_id = transact(selling.draft_list, plan.wishes, form_key=key, person_id=_person_id())
    except ValidationError as error:
        return _form(programme, request.form, error.normalized_messages()), 422
    except Invalid as error:
        return _form(programme, request.form, {str(error.details.get("field", "list")): str(error.sentence)}), 422
    return redirect(url_for("voucher_shop.order", link=addresses.sign_order(order_id)))


def _common(programme: Programme) -> Common:
    data = BuyerForm().load(request.form.to_dict())
    return Common(
        programme_id=programme.id,
        language=current_language(),
        buyer_email=data["buyer_email"],
        buyer_name=data["buyer_name"],
        design=data["design"],
        postcode=data["postcode"] or None,
    )


def _form(programme: Programme, values: Any, errors: dict[str, Any]) -> str:
    least, most = selling.amounts(programme)
    return render_template(
        "vouchers/shop/lists/upload.html",
        programme=programme,
        values=values,
        errors=errors,
        designs=DESIGNS,
        least=least,
        most=most,
        most_lines=lists.MOST_LINES,
        year=clock.today().year,
    )


def _checked(programme: Programme, common: Common, text: str, plan: Plan, form_key: str) -> str:
    return render_template(
        "vouchers/shop/lists/check.html",
        programme=programme,
        common=common,
        text=text,
        plan=plan,
        form_key=form_key,
    )


def _person_id() -> UUID | None:
    person = current_person()
    return person.id if person else None
