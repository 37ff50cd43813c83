"""The second page of the checkout: how to pay, vouchers, and on to the provider's page."""

from typing import Any

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from foundation.database import transact
from foundation.errors import Invalid, NotEnough, NotFound, Refused
from foundation.forms import accept_fields
from foundation.languages import current_language
from foundation.security import limit
from marketplace.checkout import amount_due, placing
from marketplace.checkout.draft import CheckoutDraft
from marketplace.checkout.placing import Placement
from marketplace.checkout.vouchers import apply_voucher, list_applied_vouchers, list_voucher_offers, remove_voucher
from marketplace.orders.queries import find_pending_group
from marketplace.web.forms import (
    PlacingForm,
    VoucherForm,
    load_form_or_refuse,
    name_errors,
    parse_id,
)
from marketplace.web.storefront.blueprint import pages
from marketplace.web.storefront.cart_cookie import find_current_cart
from marketplace.web.storefront.checkout_flow import find_current_draft_id, lead_back, lead_to, load_current_draft
from money.payments import links, starting
from money.payments import methods as registry
from money.web.method_choice import find_chosen, list_choices
from people.web.guards import current_person


@pages.get("/bestellen/bezahlen", endpoint="checkout_pay")
def show_pay() -> ResponseReturnValue:
    """Show the second page: how to pay, the whole order once more, and the button."""
    try:
        draft = load_current_draft()
    except (NotFound, Refused):
        return lead_to("cart_show")
    group = find_pending_group(draft.row.cart_id)
    if group and group.payment_id:
        return redirect(links.status_url(group.payment_id), 303)
    if not draft.is_chosen:
        return lead_to("checkout_where")
    if draft.basket.troubles:
        return lead_to("cart_show")
    return _pay_page(draft, {})


@pages.post("/bestellen/gutschein", endpoint="checkout_voucher")
@limit("20 per minute")
@accept_fields(VoucherForm)
def enter_voucher() -> ResponseReturnValue:
    """Apply a voucher: token, address, or code and PIN."""
    draft_id = find_current_draft_id()
    try:
        given = load_form_or_refuse(VoucherForm)
        typed = f"{given['voucher'].strip()} {given['pin'].strip()}".strip()
        transact(apply_voucher, draft_id, typed, current_language())
    except (Invalid, NotFound, Refused) as error:
        return _pay_again({"voucher": str(error.sentence)})
    return lead_to("checkout_pay", _anchor="gutschein")


@pages.post("/bestellen/gutschein/entfernen", endpoint="checkout_voucher_back")
@accept_fields("reference")
def take_voucher_off() -> ResponseReturnValue:
    """Take a voucher off the draft again."""
    transact(remove_voucher, find_current_draft_id(), parse_id(request.form.get("reference", "")))
    return lead_to("checkout_pay", _anchor="gutschein")


@pages.post("/bestellen/absenden", endpoint="checkout_place")
@limit("30 per minute")
@accept_fields(PlacingForm)
def place() -> ResponseReturnValue:
    """Order and pay. A second click leads to the same payment; what stands in the way is said in a sentence."""
    cart_id = find_current_cart()
    person = current_person()
    try:
        given = load_form_or_refuse(PlacingForm)
        payment_id = placing.find_payment(given["key"])
        if payment_id is None:
            placement = Placement(
                key=given["key"],
                shown_cents=given["shown_cents"],
                method=given["method"] or None,
                person_id=person.id if person else None,
                language=current_language(),
                of_age=given["of_age"],
            )
            payment_id = transact(placing.place, find_current_draft_id(), placement)
    except (Invalid, NotEnough) as error:
        return _pay_again(name_errors(error))
    except Refused as error:
        return lead_back(error, cart_id)
    return redirect(starting.lead_on(payment_id), 303)


def _pay_again(errors: dict[str, str]) -> ResponseReturnValue:
    """The second page with what was wrong; who has not chosen where and when yet does that first."""
    draft = load_current_draft()
    return (_pay_page(draft, errors), 422) if draft.is_chosen else lead_to("checkout_where")


def _pay_page(draft: CheckoutDraft, errors: dict[str, Any]) -> str:
    owes = draft.calculate_amount_due(current_language())
    vouchers = list_applied_vouchers(draft.row.id)
    offers = list_voucher_offers(draft.row.id, owes)
    pays, rest = amount_due.split_amount_due(owes, offers, None)
    ways = registry.list_offers(owes) if rest else []
    parts = [amount_due.split_amount_due(owes, offers, way.method)[1] if offers else rest for way in ways]
    return render_template(
        "marketplace/storefront/checkout_pay/pay.html",
        draft=draft,
        vouchers=[(row, pays.get(row.reference, 0)) for row in vouchers],
        takes_vouchers=registry.find_stored_value(owes) is not None,
        rest=rest,
        methods=[choice | {"cents": part} for choice, part in zip(list_choices(ways), parts, strict=True)],
        method=find_chosen(ways, request.form.get("method"), draft.row.method),
        hints=[way.hint for way in ways if way.hint],
        at_point=any(part.window and part.window.point_id for part in draft.parts),
        errors=errors,
    )
