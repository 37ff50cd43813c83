"""The form for one voucher: amount, motif, for whom, and how it gets there. New, one more, or changed."""

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
from money import amount
from money.errors import order_unknown
from people.web.guards import current_person
from vouchers.network import acceptances
from vouchers.purchases import links, queries
from vouchers.purchases.models import VoucherOrder, VoucherSale
from vouchers.sales import drafts, pictures, requests
from vouchers.sales.pictures import DrawnPicture
from vouchers.stored_value.models import Programme
from vouchers.web.shop.blueprint import find_basket, find_programme, pages
from vouchers.web.shop.forms import DELIVERY_HOURS, DESIGN_CHOICES, MAX_KEY_CHARACTERS, VoucherRequestForm

SUGGESTED_CENTS = (2000, 2500, 5000, 10000)


@pages.get("/<slug>")
def voucher_form(slug: str) -> str:
    """Show the form. With `bestellung` it is one more voucher of that order, with `nr` a changed one."""
    programme = find_programme(slug)
    _link, order = find_basket()
    sale = _find_sale(order, programme)
    if sale:
        return _show_page(programme, _list_values(sale), {})
    person = current_person()
    values = {"buyer_email": person.email, "buyer_name": person.name} if person else {}
    return _show_page(programme, values | {"design": programme.design}, {})


@pages.post("/<slug>")
@limit("30 per minute")
@accept_fields(VoucherRequestForm, "form_key", "bestellung", "nr", "picture", "no_picture")
def note(slug: str) -> Response | tuple[str, int]:
    """Draft the voucher and go on to the summary; what is wrong is said at its place."""
    programme = find_programme(slug)
    _link, order = find_basket()
    sale = _find_sale(order, programme)
    try:
        data = VoucherRequestForm().load(_read_form(order if sale is None else None))
        drawn = _read_picture()
        order_id = transact(
            _write_sale,
            programme.id,
            data,
            drawn,
            order.id if order else None,
            sale.id if sale else None,
            _find_person_id(),
        )
    except ValidationError as error:
        return _show_page(programme, request.form, error.normalized_messages()), 422
    except Invalid as error:
        field = str(error.details.get("field", "amount"))
        return _show_page(programme, request.form, {field: str(error.sentence)}), 422
    return redirect(url_for("voucher_shop.order", link=links.sign_order(order_id)))


def _write_sale(
    programme_id: UUID,
    data: dict[str, Any],
    drawn: DrawnPicture | None,
    order_id: UUID | None,
    sale_id: UUID | None,
    person_id: UUID | None,
) -> UUID:
    picture_id = pictures.store_picture(drawn) if drawn else None
    wanted = requests.VoucherRequest(
        programme_id=programme_id, language=current_language(), picture_id=picture_id, **data
    )
    if sale_id:
        drafts.change_sale(sale_id, wanted)
        if request.form.get("no_picture") and drawn is None:
            drafts.drop_picture(sale_id)
    else:
        key = request.form.get("form_key", "")[:MAX_KEY_CHARACTERS]
        form_key = key if len(key) >= 16 and key.isascii() else None
        sale_id = drafts.draft_sale(wanted, order_id=order_id, form_key=form_key, person_id=person_id)
    return queries.load_sale(sale_id).order_id


def _show_page(programme: Programme, values: Any, errors: dict[str, Any]) -> str:
    link, order = find_basket()
    sale = _find_sale(order, programme)
    minimum, maximum = requests.find_amount_range(programme)
    return render_template(
        "vouchers/shop/voucher_form/voucher_form.html",
        programme=programme,
        values=values,
        errors=errors,
        designs=DESIGN_CHOICES,
        hours=DELIVERY_HOURS,
        whole_euros=[cents // 100 for cents in SUGGESTED_CENTS if minimum <= cents <= maximum],
        minimum=minimum,
        maximum=maximum,
        accepting=acceptances.list_towns(programme.id),
        link=link,
        order=order,
        sale=sale,
        picture=links.build_picture_path(sale.picture_id) if sale and sale.picture_id else None,
        form_key=values.get("form_key") or secrets.token_urlsafe(18),
        today=clock.today(),
    )


def _find_sale(order: VoucherOrder | None, programme: Programme) -> VoucherSale | None:
    """Find the line of the order that is being changed, if the page names one."""
    number = (request.form.get("nr") or request.args.get("nr") or "")[:40]
    if order is None or not number:
        return None
    sale = queries.load_sale_by_number(order.id, number)
    if sale.programme_id != programme.id:
        raise order_unknown()
    return sale


def _read_form(order: VoucherOrder | None) -> dict[str, str]:
    """Read what was typed; one more voucher has the buyer of the others."""
    typed = request.form.to_dict()
    if order:
        typed |= {"buyer_email": order.buyer_email, "buyer_name": order.buyer_name}
    return typed


def _read_picture() -> DrawnPicture | None:
    file = request.files.get("picture")
    data = file.read(pictures.MAX_UPLOAD_BYTES + 1) if file else b""
    return pictures.draw_upload(data) if data else None


def _list_values(sale: VoucherSale) -> dict[str, str]:
    """List a line's values as its form holds them."""
    at = clock.berlin(sale.deliver_at) if sale.deliver_at else None
    way = {"mail": "gift"}.get(sale.delivery, sale.delivery) if sale.gift else "self"
    return {
        "amount": amount.plain(sale.cents),
        "design": sale.design,
        "gift": way,
        "recipient_name": sale.recipient_name or "",
        "recipient_email": sale.recipient_email or "",
        "recipient_language": sale.recipient_language,
        "street": sale.street or "",
        "town_line": sale.town_line or "",
        "message": sale.message,
        "deliver_on": f"{at:%Y-%m-%d}" if at else "",
        "deliver_hour": f"{at:%H}" if at else "08",
        "buyer_email": sale.buyer_email,
        "buyer_name": sale.buyer_name,
        "postcode": sale.postcode or "",
    }


def _find_person_id() -> UUID | None:
    person = current_person()
    return person.id if person else None
