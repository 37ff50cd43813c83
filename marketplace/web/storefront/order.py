"""A shopper's orders: the page behind the signed link, the list in the account, and withdrawing from a contract."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from foundation import qr
from foundation.clock import now
from foundation.database import transact
from foundation.errors import Invalid, Refused
from foundation.forms import accept_fields
from foundation.languages import _, current_language
from foundation.security import limit
from marketplace.orders import codes, links, progress, queries, states, withdrawing
from marketplace.orders.models import Order, OrderGroup
from marketplace.orders.states import GroupState
from marketplace.web.forms import WithdrawalForm, load_form_or_refuse, name_errors
from marketplace.web.storefront.blueprint import pages
from marketplace.web.storefront.cart_cookie import begin_new_cart
from money.errors import order_unknown
from money.payments import links as payment_links
from money.payments import queries as payments
from people.web.guards import current_person, require_signed_in


@pages.get("/bestellung/<signed>", endpoint="order_show")
def show(signed: str) -> ResponseReturnValue:
    """Show what was ordered where, how it stands, the pick-up codes, and what can be done now."""
    group = queries.load_group(links.read_signature(signed))
    if group.state == GroupState.FAILED:
        return redirect(url_for("storefront.cart_show"), 303)
    if group.state == GroupState.PLACED:
        begin_new_cart(group.cart_id)
    orders = queries.list_orders(group.id)
    shown = {order.id: codes.reveal_code(order) for order in orders}
    return render_template(
        "marketplace/storefront/order/show.html",
        group=group,
        signed=signed,
        orders=orders,
        codes=shown,
        pictures={id: qr.draw_svg(code.replace(" ", "")) for id, code in shown.items() if code},
        events=queries.list_events(order.id for order in orders),
        labels=states.LABELS,
        kinds=states.SIGNALS,
        returned_cents=_returned_cents(group, orders),
        payment_page=payment_links.status_url(group.payment_id) if group.payment_id else None,
        guest=group.person_id is None and current_person() is None,
    )


@pages.post("/bestellung/<signed>/<uuid:order>/stornieren", endpoint="order_cancel")
@limit("20 per minute")
@accept_fields()
def cancel(signed: str, order: UUID) -> ResponseReturnValue:
    """Cancel one shop's part before the shop has begun."""
    group_id = links.read_signature(signed)
    if order not in {each.id for each in queries.list_orders(group_id)}:
        raise order_unknown()
    try:
        done = transact(progress.cancel, order)
        flash(_("Storniert: %(number)s. Was Sie bezahlt haben, geht denselben Weg zurück.", number=done.number), "ok")
    except Refused as error:
        flash(str(error.sentence), "warn")
    return redirect(url_for("storefront.order_show", signed=signed), 303)


@pages.get("/konto/bestellungen", endpoint="order_list")
def list_mine() -> str:
    """List the orders of who is signed in."""
    require_signed_in()
    person = current_person()
    assert person is not None
    groups = queries.list_groups(person.id)
    return render_template(
        "marketplace/storefront/order/list_mine.html",
        groups=[(group, queries.list_orders(group.id), links.make_page_url(group.id)) for group in groups],
        labels=states.LABELS,
        kinds=states.SIGNALS,
    )


@pages.get("/widerruf", endpoint="withdrawal")
def withdraw() -> str:
    """First step: name, contract, address. No login. A link may bring the number of the order along."""
    values = {"contract": request.args.get("bestellung", "")[:80]}
    return render_template("marketplace/storefront/order/withdraw.html", values=values, errors={})


@pages.post("/widerruf", endpoint="withdrawal_check")
@limit("20 per minute")
@accept_fields(WithdrawalForm)
def check_withdrawal() -> ResponseReturnValue:
    """Second step: everything once more, and the button that makes it valid."""
    try:
        given = withdrawing.normalise(**load_form_or_refuse(WithdrawalForm))
    except Invalid as error:
        return _withdraw_again(error), 422
    return render_template("marketplace/storefront/order/withdraw_check.html", given=given)


@pages.post("/widerruf/bestaetigen", endpoint="withdrawal_confirm")
@limit("10 per minute")
@accept_fields(WithdrawalForm)
def confirm_withdrawal() -> ResponseReturnValue:
    """Take it down and acknowledge it by mail."""
    try:
        given = load_form_or_refuse(WithdrawalForm)
        transact(withdrawing.record_withdrawal, language=current_language(), **given)
    except Invalid as error:
        return _withdraw_again(error), 422
    return render_template("marketplace/storefront/order/withdraw_confirm.html", given=given, at=now())


def _withdraw_again(error: Invalid) -> str:
    return render_template("marketplace/storefront/order/withdraw.html", values=request.form, errors=name_errors(error))


def _returned_cents(group: OrderGroup, orders: list[Order]) -> dict[UUID, int]:
    """What was given back of each order, or is on its way back."""
    if group.payment_id is None:
        return {}
    paid = payments.list_tenders_by_share(group.payment_id)
    return {order.id: sum(back for _tender, _cents, back in paid.get(order.id, [])) for order in orders}
