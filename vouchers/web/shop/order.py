"""The buyer's order: the summary with the button, then what became of it, and what can still be put right."""

from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from marshmallow import ValidationError
from werkzeug.wrappers import Response as Answer

from foundation.database import transact
from foundation.errors import Invalid, NotFound, Refused
from foundation.languages import _, lazy
from foundation.security import limit
from money.methods import transfer
from money.payments import deciding, methods, starting
from money.payments import links as payment_links
from money.payments.methods import MethodOffer
from people.web.guards import current_person, require_signed_in
from vouchers.purchases import addresses, queries
from vouchers.purchases.models import VoucherOrder, VoucherSale
from vouchers.sales import address_correction, mail, selling, withdrawing
from vouchers.sales.payable import DECIDED, OrderPayable
from vouchers.web.shop.blueprint import order_of, pages
from vouchers.web.shop.forms import address_of

WAITING = {
    "sepa_debit": lazy(
        "Ihre Bank zieht den Betrag ein, das dauert einige Werktage. Danach kommt der Gutschein von selbst."
    ),
    "transfer": lazy("Wir warten auf Ihre Überweisung. Sobald sie da ist, kommt der Gutschein von selbst."),
}
CHECKED = lazy(
    "Die Zahlung ist noch nicht bestätigt. Sobald das Geld sicher ist, schicken wir den Gutschein. "
    "Sie müssen nichts tun."
)


@pages.get("/bestellung/<link>")
def order(link: str) -> str:
    """The order as it stands: first the summary with the button, then what became of it."""
    return _page(link, order_of(link))


def _page(link: str, order: VoucherOrder, error: str | None = None) -> str:
    sales = queries.list_sales(order.id)
    return render_template(
        "vouchers/shop/order/order.html",
        order=order,
        link=link,
        sales=sales,
        sold=mail.by_issuer(sales),
        total=sum(sale.cents for sale in sales),
        offers=_offers(order),
        error=error,
        waiting=_waiting(order),
        no_transfer=transfer.not_because(OrderPayable().owed(order.id)) if order.state not in DECIDED else None,
        pictures={s.id: addresses.picture_path(s.picture_id) for s in sales if s.picture_id},
        until={s.id: withdrawing.last_day(s) for s in sales},
        may={s.id: address_correction.may(s) for s in sales},
        events=queries.list_events([s.id for s in sales]),
        may_add=order.state == "draft" and len(sales) < selling.MOST_IN_BASKET,
    )


def _offers(order: VoucherOrder) -> list[MethodOffer]:
    if order.state in DECIDED:
        return []
    return methods.offers(OrderPayable().owed(order.id))


def _waiting(order: VoucherOrder) -> dict[str, object] | None:
    """What the buyer waits for: a sentence, and the payment's page with its QR code and account."""
    payment = queries.load_payment(order)
    external = deciding.find_external_tender(payment) if payment else None
    if payment is None or order.state != "ordered":
        return None
    method = external.method if external else ""
    if not (queries.is_waiting_for_money(order) or (method == "transfer" and payment.state == "open")):
        return None
    page = payment_links.status_url(payment.id)
    return {"sentence": WAITING.get(method, CHECKED), "method": method, "page": page}


@pages.post("/bestellung/<link>")
@limit("20 per minute")
def pay(link: str) -> Answer | tuple[str, int]:
    """Order with obligation to pay. A second press leads to the same payment."""
    order = order_of(link)
    shown = request.form.get("shown_cents", "")
    try:
        if not shown.isdecimal() or not shown.isascii():
            raise Invalid(_("Bitte laden Sie die Seite neu und bestellen Sie noch einmal."))
        payment_id = transact(
            selling.order, order.id, method=request.form.get("method", "")[:40], shown_cents=int(shown[:12])
        )
    except Invalid as error:
        return _page(link, order, str(error.sentence)), 422
    return redirect(starting.start(payment_id).url, 303)


@pages.post("/bestellung/<link>/<number>/entfernen")
@limit("30 per minute")
def remove(link: str, number: str) -> Answer:
    """Take one voucher out of an order that is not placed yet."""
    return _done(link, number, selling.remove, _("Der Gutschein ist herausgenommen."))


@pages.post("/bestellung/<link>/<number>/noch-einmal")
@limit("10 per minute")
def resend(link: str, number: str) -> Answer:
    """Send a voucher once more, with new codes: the mail before is worth nothing then."""
    return _done(link, number, address_correction.resend, _("Der Gutschein ist noch einmal unterwegs, mit neuem Code."))


@pages.post("/bestellung/<link>/<number>/adresse")
@limit("10 per minute")
def correct(link: str, number: str) -> Answer:
    """Correct a mistyped address: the old link is dead at once."""
    try:
        email = address_of(request.form.get("email", "")[:300])
    except ValidationError as error:
        flash(str(error.messages[0]), "warn")
        return redirect(url_for("voucher_shop.order", link=link), 303)
    return _done(
        link, number, address_correction.correct, _("Die Adresse ist berichtigt. Der alte Link gilt nicht mehr."), email
    )


def _done(link: str, number: str, action: object, sentence: str, *given: str) -> Answer:
    sale = _line(link, number)
    try:
        transact(action, sale.id, *given)  # type: ignore[arg-type]
        flash(sentence, "ok")
    except (Refused, Invalid) as error:
        flash(str(error.sentence), "warn")
    return redirect(url_for("voucher_shop.order", link=link), 303)


def _line(link: str, number: str) -> VoucherSale:
    order: UUID = order_of(link).id
    for sale in queries.list_sales(order):
        if sale.number == number:
            return sale
    raise NotFound(_("Diese Bestellung gibt es nicht."))


@pages.get("/bild/<signed>")
def picture(signed: str) -> Response:
    """A buyer's own picture, drawn anew by us: a JPEG and nothing else."""
    found = queries.load_picture(addresses.read_picture_link(signed))
    if found is None:
        raise NotFound(_("Dieses Bild gibt es nicht (mehr)."))
    headers = {"Cache-Control": "private, max-age=86400", "Content-Disposition": "inline; filename=bild.jpg"}
    return Response(found.data, mimetype="image/jpeg", headers=headers)


@pages.get("/meine")
def mine() -> str:
    """What the person who is signed in has bought."""
    require_signed_in()
    person = current_person()
    assert person is not None
    orders = queries.list_orders(person.id)
    return render_template(
        "vouchers/shop/order/mine.html",
        orders=[(order, queries.list_sales(order.id), addresses.sign_order(order.id)) for order in orders],
    )
