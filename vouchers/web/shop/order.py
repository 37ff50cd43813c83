"""The buyer's order: the summary with the button, then what became of it, and what can still be put right."""

from flask import Response, flash, redirect, render_template, request, url_for
from marshmallow import ValidationError
from werkzeug.wrappers import Response as Answer

from foundation.database import transact
from foundation.errors import Invalid, Refused
from foundation.forms import accept_fields
from foundation.http import status_of
from foundation.languages import _, lazy
from foundation.security import limit
from money.payments import links as payment_links
from money.payments import methods, starting
from money.payments.methods import MethodOffer
from money.payments.states import PaymentState
from money.web.method_choice import find_chosen, list_choices
from people.web.guards import current_person, require_signed_in
from vouchers.purchases import errors, links, queries
from vouchers.purchases.models import VoucherOrder, VoucherSale
from vouchers.purchases.states import ORDER_DECIDED
from vouchers.sales import address_correction, drafts, mail, ordering, withdrawal_period
from vouchers.sales import errors as sales_errors
from vouchers.sales.payable import VoucherOrderPayable
from vouchers.web.fields import read_refusal
from vouchers.web.shop.blueprint import load_linked_order, pages
from vouchers.web.shop.forms import read_address
from vouchers.web.shop.order_notice import describe_order

UNCONFIRMED_SENTENCE = lazy(
    "Die Zahlung ist noch nicht bestätigt. Sobald das Geld sicher ist, schicken wir den Gutschein. "
    "Sie müssen nichts tun."
)


@pages.get("/bestellung/<link>")
def order(link: str) -> str:
    """Show the order as it stands: first the summary with the button, then what became of it."""
    return _show_page(link, load_linked_order(link))


def _show_page(
    link: str, order: VoucherOrder, errors: dict[str, object] | None = None, refused: str | None = None
) -> str:
    """Show it. `refused`: the number of the voucher whose address could not be corrected."""
    sales, waiting, offers = queries.list_sales(order.id), _describe_waiting(order), _list_offers(order)
    return render_template(
        "vouchers/shop/order/order.html",
        order=order,
        link=link,
        sales=sales,
        sold=mail.group_by_issuer(sales),
        total=sum(sale.cents for sale in sales),
        choices=list_choices(offers),
        chosen=find_chosen(offers, request.form.get("method")),
        errors=errors or {},
        refused=refused,
        values=request.form,
        field_ids={"email": f"email-{refused}"},
        notice=describe_order(order, sales),
        waiting=waiting,
        is_open=order.is_draft or (order.is_ordered and not waiting),
        absences=_list_absences(order),
        pictures={s.id: links.build_picture_path(s.picture_id) for s in sales if s.picture_id},
        until={s.id: withdrawal_period.find_last_day(s) for s in sales},
        may={s.id: address_correction.find_options(s) for s in sales},
        events=queries.list_events([s.id for s in sales]),
        may_add=order.is_draft and len(sales) < drafts.MAX_ORDER_SALES,
    )


def _list_absences(order: VoucherOrder) -> list[str]:
    if order.state in ORDER_DECIDED:
        return []
    return methods.list_absences(VoucherOrderPayable().load_due(order.id))


def _list_offers(order: VoucherOrder) -> list[MethodOffer]:
    if order.state in ORDER_DECIDED:
        return []
    return methods.list_offers(VoucherOrderPayable().load_due(order.id))


def _describe_waiting(order: VoucherOrder) -> dict[str, object] | None:
    """Describe what the buyer waits for: a sentence, and the payment's page with its QR code and account."""
    payment = queries.load_payment(order)
    external = payment.external_tender if payment else None
    if payment is None or not order.is_ordered:
        return None
    waits_for_bank = external is not None and methods.of(external.method).traits.waits_for_bank
    if not (queries.is_waiting_for_money(order) or (waits_for_bank and payment.state == PaymentState.OPEN)):
        return None
    page = payment_links.status_url(payment.id)
    texts = methods.texts_of(external.method, payment.rail) if external else methods.MethodTexts()
    return {"sentence": texts.waiting or UNCONFIRMED_SENTENCE, "has_details": waits_for_bank, "page": page}


@pages.post("/bestellung/<link>")
@limit("20 per minute")
@accept_fields("shown_cents", "method")
def pay(link: str) -> Answer | tuple[str, int]:
    """Order with obligation to pay. A second press leads to the same payment."""
    order = load_linked_order(link)
    shown = request.form.get("shown_cents", "")
    try:
        if not shown.isdecimal() or not shown.isascii():
            raise sales_errors.page_incomplete()
        payment_id = transact(
            ordering.place_order, order.id, method=request.form.get("method", "")[:40], shown_cents=int(shown[:12])
        )
    except (Invalid, Refused) as error:
        return _show_page(link, order, read_refusal(error)), status_of(error)
    return redirect(starting.lead_on(payment_id), 303)


@pages.post("/bestellung/<link>/<number>/entfernen")
@limit("30 per minute")
@accept_fields()
def remove(link: str, number: str) -> Answer:
    """Take one voucher out of an order that is not placed yet."""
    return _act(link, number, drafts.remove_sale, _("Der Gutschein ist herausgenommen."))


@pages.post("/bestellung/<link>/<number>/noch-einmal")
@limit("10 per minute")
@accept_fields()
def resend(link: str, number: str) -> Answer:
    """Send a voucher once more, with new codes: the mail before is worth nothing then."""
    return _act(link, number, address_correction.resend, _("Der Gutschein ist noch einmal unterwegs, mit neuem Code."))


@pages.post("/bestellung/<link>/<number>/adresse")
@limit("10 per minute")
@accept_fields("email")
def correct(link: str, number: str) -> Answer | tuple[str, int]:
    """Correct a mistyped address: the old link stops working at once."""
    try:
        email = read_address(request.form.get("email", "")[:300])
    except ValidationError as error:
        order = load_linked_order(link)
        return _show_page(link, order, {"email": str(error.messages[0])}, number[:40]), 422
    return _act(
        link,
        number,
        address_correction.correct_address,
        _("Die Adresse ist berichtigt. Der alte Link gilt nicht mehr."),
        email,
    )


def _act(link: str, number: str, action: object, sentence: str, *arguments: str) -> Answer:
    sale = _find_sale(link, number)
    try:
        transact(action, sale.id, *arguments)  # type: ignore[arg-type]
        flash(sentence, "ok")
    except (Refused, Invalid) as error:
        flash(str(error.sentence), "warn")
    return redirect(url_for("voucher_shop.order", link=link), 303)


def _find_sale(link: str, number: str) -> VoucherSale:
    return queries.load_sale_by_number(load_linked_order(link).id, number[:40])


@pages.get("/bild/<signed>")
def picture(signed: str) -> Response:
    """Show a buyer's own picture, drawn anew by us: a JPEG and nothing else."""
    found = queries.load_picture(links.read_picture_link(signed))
    if found is None:
        raise errors.picture_unknown()
    headers = {"Cache-Control": "private, max-age=86400", "Content-Disposition": "inline; filename=bild.jpg"}
    return Response(found.data, mimetype="image/jpeg", headers=headers)


@pages.get("/meine")
def mine() -> str:
    """Show what the person who is signed in has bought."""
    require_signed_in()
    person = current_person()
    assert person is not None
    bought = [(order, queries.list_sales(order.id)) for order in queries.list_orders(person.id)]
    return render_template(
        "vouchers/shop/order/mine.html",
        orders=[
            (order, sales, sum(sale.cents for sale in sales), links.sign_order(order.id)) for order, sales in bought
        ],
    )
