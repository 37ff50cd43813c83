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
from foundation.forms import accept_fields
from foundation.languages import current_language
from foundation.security import limit
from people.web.guards import current_person
from vouchers.purchases import links
from vouchers.sales import drafts, errors, recipient_lists, requests
from vouchers.sales.recipient_lists import CheckedList, ListDefaults
from vouchers.stored_value.models import Programme
from vouchers.web.shop.blueprint import find_programme, pages
from vouchers.web.shop.forms import DESIGN_CHOICES, MAX_KEY_CHARACTERS, BuyerForm


@pages.get("/<slug>/liste")
def upload(slug: str) -> str:
    """Show the form for the file of recipients."""
    programme = find_programme(slug)
    person = current_person()
    values = {"buyer_email": person.email, "buyer_name": person.name} if person else {}
    return _show_form(programme, values | {"design": programme.design}, {})


@pages.post("/<slug>/liste")
@limit("20 per minute")
@accept_fields(BuyerForm, "list")
def check(slug: str) -> str | tuple[str, int]:
    """Show every line as it would be ordered, or what is wrong in which line."""
    programme = find_programme(slug)
    try:
        common = _read_defaults(programme)
        file = request.files.get("list")
        text = recipient_lists.decode_file(file.read(recipient_lists.MAX_FILE_BYTES + 1) if file else b"")
        plan = recipient_lists.check_list(text, common)
    except ValidationError as error:
        return _show_form(programme, request.form, error.normalized_messages()), 422
    except Invalid as error:
        return _show_form(programme, request.form, {str(error.details.get("field", "list")): str(error.sentence)}), 422
    page = _show_checked(programme, common, text, plan, secrets.token_urlsafe(18))
    return (page, 422) if plan.wrong else page


@pages.post("/<slug>/liste/bestellen")
@limit("20 per minute")
@accept_fields(BuyerForm, "form_key", "text")
def confirm(slug: str) -> Response | tuple[str, int]:
    """Write the whole list down as one order and go on to its summary; read and checked again, for forms can lie."""
    programme = find_programme(slug)
    key = request.form.get("form_key", "")[:MAX_KEY_CHARACTERS]
    try:
        common = _read_defaults(programme)
        text = recipient_lists.decode_file(request.form.get("text", "").encode("utf-8", "replace"))
        plan = recipient_lists.check_list(text, common)
        if len(key) < 16 or not key.isascii():
            raise errors.list_gone()
        if plan.wrong:
            return _show_checked(programme, common, text, plan, key), 422
        order_id = transact(drafts.draft_list, plan.requests, form_key=key, person_id=_find_person_id())
    except ValidationError as error:
        return _show_form(programme, request.form, error.normalized_messages()), 422
    except Invalid as error:
        return _show_form(programme, request.form, {str(error.details.get("field", "list")): str(error.sentence)}), 422
    return redirect(url_for("voucher_shop.order", link=links.sign_order(order_id)))


def _read_defaults(programme: Programme) -> ListDefaults:
    data = BuyerForm().load(request.form.to_dict())
    return ListDefaults(
        programme_id=programme.id,
        language=current_language(),
        buyer_email=data["buyer_email"],
        buyer_name=data["buyer_name"],
        design=data["design"],
        postcode=data["postcode"] or None,
    )


def _show_form(programme: Programme, values: Any, errors: dict[str, Any]) -> str:
    minimum, maximum = requests.find_amount_range(programme)
    return render_template(
        "vouchers/shop/lists/upload.html",
        programme=programme,
        values=values,
        errors=errors,
        designs=DESIGN_CHOICES,
        minimum=minimum,
        maximum=maximum,
        max_lines=recipient_lists.MAX_LIST_LINES,
        year=clock.today().year,
    )


def _show_checked(programme: Programme, common: ListDefaults, text: str, plan: CheckedList, form_key: str) -> str:
    return render_template(
        "vouchers/shop/lists/check.html",
        programme=programme,
        common=common,
        text=text,
        plan=plan,
        form_key=form_key,
    )


def _find_person_id() -> UUID | None:
    person = current_person()
    return person.id if person else None
