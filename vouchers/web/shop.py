"""The voucher shop: choose, say for whom, check, pay. No account is needed."""

from typing import Any

from flask import redirect, render_template, request, url_for
from marshmallow import ValidationError
from werkzeug.wrappers import Response

from foundation.database import transact
from foundation.errors import Invalid, NotFound
from foundation.languages import _, current_language
from foundation.security import limit
from foundation.wiring import audience
from money.methods import registry
from money.payments import starting
from people.web.guards import anyone, current_person
from vouchers import programmes as programmes_on_offer
from vouchers.models import Programme
from vouchers.sales import addresses, queries, selling
from vouchers.sales.models import DESIGNS, VoucherSale
from vouchers.web.shop_forms import HOURS, WishForm

pages = audience("voucher_shop", __name__, guard=anyone, url_prefix="/gutscheine")
AMOUNTS = (2000, 2500, 5000, 10000)


@pages.get("")
def programmes() -> str:
    """Which vouchers there are and where they are accepted."""
    offered = programmes_on_offer.on_sale()
    counts = queries.accepting_outlets([p.id for p in offered])
    return render_template("vouchers/shop/programmes.html", programmes=offered, counts=counts)


def _programme(slug: str) -> Programme:
    for programme in programmes_on_offer.on_sale():
        if programme.slug == slug:
            return programme
    raise NotFound(_("Diesen Gutschein gibt es gerade nicht zu kaufen."))


def _wish_page(programme: Programme, values: Any, errors: dict[str, Any]) -> str:
    return render_template(
        "vouchers/shop/wish.html",
        programme=programme,
        values=values,
        errors=errors,
        designs=DESIGNS,
        hours=HOURS,
        amounts=[a for a in AMOUNTS if programme.min_cents <= a <= programme.max_cents],
        accepting=queries.accepting_towns(programme.id),
    )


@pages.get("/<slug>")
def wish(slug: str) -> str:
    """Amount, design, and for whom."""
    person = current_person()
    values = {"buyer_email": person.email, "buyer_name": person.name} if person else {}
    return _wish_page(_programme(slug), values | {"design": _programme(slug).design}, {})


@pages.post("/<slug>")
@limit("30 per minute")
def note(slug: str) -> Response | tuple[str, int]:
    """Write the wish down and go on to the summary; what is wrong is said at its place."""
    programme = _programme(slug)
    try:
        data = WishForm().load(request.form.to_dict())
        sale_id = transact(
            selling.draft, selling.Wanted(programme_id=programme.id, language=current_language(), **data)
        )
    except ValidationError as error:
        return _wish_page(programme, request.form, error.normalized_messages()), 422
    except Invalid as error:
        field = str(error.details.get("field", "amount"))
        return _wish_page(programme, request.form, {field: str(error.sentence)}), 422
    return redirect(url_for("voucher_shop.order", link=addresses.link_of(sale_id)))


@pages.get("/<slug>/laeden")
def shops(slug: str) -> str:
    """Where the voucher is accepted, by town, with telephone. Also for vouchers that are no longer sold."""
    programme = programmes_on_offer.by_slug(slug[:80])
    accepting = queries.accepting_shops(programme.id)
    return render_template("vouchers/shop/shops.html", programme=programme, shops=accepting)


@pages.get("/bestellung/<link>")
def order(link: str) -> str:
    """The order as it stands: first the summary with the button, then what became of it."""
    sale = selling.sale_of(link)
    return _order_page(link, sale)


def _order_page(link: str, sale: VoucherSale, error: str | None = None) -> str:
    offers = registry.offers(selling.SalePayable().owed(sale.id)) if sale.state in {"draft", "ordered"} else []
    return render_template(
        "vouchers/shop/order.html",
        sale=sale,
        link=link,
        programme=queries.programme(sale.programme_id),
        offers=offers,
        error=error,
        waiting=queries.waiting(sale),
    )


@pages.post("/bestellung/<link>")
@limit("20 per minute")
def pay(link: str) -> Response | tuple[str, int]:
    """Order with obligation to pay. A second press leads to the same payment."""
    sale = selling.sale_of(link)
    shown = request.form.get("shown_cents", "")
    try:
        if not shown.isdecimal():
            raise Invalid(_("Bitte laden Sie die Seite neu und bestellen Sie noch einmal."))
        payment_id = transact(
            selling.order, sale.id, method=request.form.get("method", "")[:40], shown_cents=int(shown[:12])
        )
    except Invalid as error:
        return _order_page(link, sale, str(error.sentence)), 422
    return redirect(starting.start(payment_id).url, 303)
