"""The checkout: where and when, how to pay, and on to the provider's page. Works for guests and without script."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from foundation.database import transact
from foundation.errors import DomainError, Invalid, NotEnough, NotFound, Refused
from foundation.languages import _, current_language
from foundation.security import limit
from marketplace.cart.queries import Bag
from marketplace.checkout import amount_due, placing, steps
from marketplace.checkout.draft import CheckoutDraft, find_draft, load_draft
from marketplace.checkout.options import list_all_options
from marketplace.checkout.placing import Placement
from marketplace.checkout.vouchers import apply_voucher, list_applied_vouchers, list_voucher_offers, remove_voucher
from marketplace.handover.places import HandoverPlace
from marketplace.handover.windows import Window
from marketplace.orders.queries import find_pending_group
from marketplace.web.forms import ContactForm, PlacingForm, VoucherForm, load_form, load_form_or_refuse, parse_id
from marketplace.web.storefront.blueprint import pages
from marketplace.web.storefront.cart import find_current_cart
from money.payments import links, starting
from money.payments import methods as registry
from people.web.guards import current_person

Choices = list[tuple[Bag, list[tuple[HandoverPlace, list[Window]]]]]

UNDER_WAY = {"order_being_paid", "cart_being_paid", "payment_under_way"}
TO_CART = {"cart_empty", "cart_changed", "checkout_outdated", "stock_short", "cart_closed"} | UNDER_WAY
TO_WHERE = {"window_gone", "window_full", "window_missing", "not_chosen"}


@pages.post("/bestellen", endpoint="checkout_begin")
@limit("60 per minute")
def begin() -> ResponseReturnValue:
    """From the basket to the till: goods are put aside for 15 minutes."""
    cart_id = find_current_cart()
    if cart_id is None:
        flash(_("Ihr Warenkorb ist leer."), "info")
        return _to("cart_show")
    try:
        transact(steps.begin, cart_id)
    except Refused as error:
        return _refused(error, cart_id)
    return _to("checkout_where")


@pages.get("/bestellen", endpoint="checkout_where")
def where() -> ResponseReturnValue:
    """First page: who, and for each shop where and when."""
    try:
        draft = _draft()
    except (NotFound, Refused):
        return _to("cart_show")
    return _where_page(draft, _values(draft), {})


@pages.post("/bestellen/abholung", endpoint="checkout_choose")
@limit("60 per minute")
def choose() -> ResponseReturnValue:
    """Take down the first page. Wrong or gone choices come back with the page as it was filled in."""
    try:
        draft = _draft()
    except (NotFound, Refused):
        return _to("cart_show")
    try:
        contact = load_form(ContactForm)
        transact(steps.choose, draft.row.id, chosen=_chosen(draft), **contact)
    except ValidationError as error:
        return _where_page(_draft(), request.form.to_dict(), error.normalized_messages()), 422
    except Invalid as error:
        return _where_page(_draft(), request.form.to_dict(), _named(error)), 422
    except Refused as error:
        if error.code == "window_full":
            full: list[str] = error.details["outlets"]  # type: ignore[assignment]
            named = {f"window-{outlet}": str(error.sentence) for outlet in full}
            return _where_page(_draft(), request.form.to_dict(), named), 409
        return _refused(error, draft.row.cart_id)
    return _to("checkout_pay")


@pages.get("/bestellen/bezahlen", endpoint="checkout_pay")
def pay() -> ResponseReturnValue:
    """Second page: how to pay, the whole order once more, and the button."""
    try:
        draft = _draft()
    except (NotFound, Refused):
        return _to("cart_show")
    group = find_pending_group(draft.row.cart_id)
    if group and group.payment_id:
        return redirect(links.status_url(group.payment_id), 303)
    if not draft.is_chosen:
        return _to("checkout_where")
    if draft.basket.troubles:
        return _to("cart_show")
    return _pay_page(draft, {})


@pages.post("/bestellen/gutschein", endpoint="checkout_voucher")
@limit("20 per minute")
def voucher() -> ResponseReturnValue:
    """Lay a voucher down: token, address, or code and PIN."""
    draft_id = _draft_id()
    try:
        given = load_form_or_refuse(VoucherForm)
        typed = f"{given['voucher'].strip()} {given['pin'].strip()}".strip()
        transact(apply_voucher, draft_id, typed, current_language())
    except (Invalid, NotFound, Refused) as error:
        return _pay_again({"voucher": str(error.sentence)})
    return _to("checkout_pay", _anchor="gutschein")


@pages.post("/bestellen/gutschein/entfernen", endpoint="checkout_voucher_back")
def voucher_back() -> ResponseReturnValue:
    """Take a voucher off again."""
    transact(remove_voucher, _draft_id(), parse_id(request.form.get("reference", "")))
    return _to("checkout_pay", _anchor="gutschein")


@pages.post("/bestellen/absenden", endpoint="checkout_place")
@limit("30 per minute")
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
            payment_id = transact(placing.place, _draft_id(), placement)
    except (Invalid, NotEnough) as error:
        return _pay_again(_named(error))
    except Refused as error:
        return _refused(error, cart_id)
    return redirect(starting.start(payment_id).url, 303)


@pages.post("/bestellen/verlassen", endpoint="checkout_leave")
def leave() -> ResponseReturnValue:
    """Back to the basket; what was put aside is free again."""
    cart_id = find_current_cart()
    draft_id = find_draft(cart_id) if cart_id else None
    if draft_id:
        transact(steps.leave, draft_id)
    return _to("cart_show")


def _draft_id() -> UUID:
    cart_id = find_current_cart()
    draft_id = find_draft(cart_id) if cart_id else None
    if draft_id is None:
        raise NotFound(_("Diese Bestellung ist nicht mehr offen."), "checkout_unknown")
    return draft_id


def _draft() -> CheckoutDraft:
    return load_draft(_draft_id())


def _to(view: str, **values: Any) -> ResponseReturnValue:
    return redirect(url_for(f"storefront.{view}", **values), 303)


def _refused(error: Refused, cart_id: UUID | None) -> ResponseReturnValue:
    """Say why, and lead to where it can be put right."""
    if error.code in UNDER_WAY and cart_id:
        group = find_pending_group(cart_id)
        if group and group.payment_id:
            return redirect(links.status_url(group.payment_id), 303)
    flash(str(error.sentence), "warn")
    if error.code in TO_CART:
        return _to("cart_show")
    return _to("checkout_where" if error.code in TO_WHERE else "checkout_pay")


def _named(error: DomainError) -> dict[str, str]:
    return {str(error.details.get("field") or "form"): str(error.sentence)}


def _chosen(draft: CheckoutDraft) -> dict[UUID, UUID | None]:
    found: dict[UUID, UUID | None] = {}
    for part in draft.parts:
        raw = request.form.get(f"window-{part.bag.outlet.id}", "")
        try:
            found[part.bag.outlet.id] = UUID(raw[:40])
        except ValueError:
            found[part.bag.outlet.id] = None
    return found


def _values(draft: CheckoutDraft) -> dict[str, str]:
    """What the first page is filled in with: what was chosen, else what we know of who is signed in."""
    person = current_person()
    values = {
        "name": draft.row.name or (person.name if person else ""),
        "email": draft.row.email or (person.email if person else ""),
        "phone": draft.row.phone,
    }
    for part in draft.parts:
        if part.window:
            values[f"window-{part.bag.outlet.id}"] = str(part.window.id)
    return values


def _all_at(choices: Choices) -> dict[str, str]:
    """With ?ort=…: the first time at that one place, for each shop that delivers there."""
    wanted = request.args.get("ort", "")
    return {
        f"window-{bag.outlet.id}": str(found[0].id)
        for bag, places in choices
        for place, found in places
        if found and str(place.id) == wanted
    }


def _shared(choices: Choices) -> list[HandoverPlace]:
    """The pick-up points at which everything can be collected at once, when there are several shops."""
    if len(choices) < 2:
        return []
    ids = [{place.id for place, found in places if found} for _bag, places in choices]
    return [place for place, _found in choices[0][1] if place.is_point and place.id in set.intersection(*ids)]


def _where_page(draft: CheckoutDraft, values: dict[str, Any], errors: dict[str, Any]) -> str:
    bags = [part.bag for part in draft.parts]
    choices = list(zip(bags, list_all_options(draft.row.id, bags), strict=True))
    return render_template(
        "marketplace/storefront/checkout/where.html",
        draft=draft,
        choices=choices,
        shared=_shared(choices),
        values=values | (_all_at(choices) if request.method == "GET" else {}),
        errors=errors,
    )


def _pay_again(errors: dict[str, str]) -> ResponseReturnValue:
    """The second page with what was wrong; who has not chosen where and when yet does that first."""
    draft = _draft()
    return (_pay_page(draft, errors), 422) if draft.is_chosen else _to("checkout_where")


def _pay_page(draft: CheckoutDraft, errors: dict[str, Any]) -> str:
    owes = draft.calculate_amount_due(current_language())
    vouchers = list_applied_vouchers(draft.row.id)
    offers = list_voucher_offers(draft.row.id, owes)
    pays, rest = amount_due.split_amount_due(owes, offers, None)
    methods = []
    for offer in registry.list_offers(owes) if rest else []:
        part = amount_due.split_amount_due(owes, offers, offer.method)[1] if offers else rest
        methods.append((offer, part))
    return render_template(
        "marketplace/storefront/checkout/pay.html",
        draft=draft,
        owes=owes,
        vouchers=[(row, pays.get(row.reference, 0)) for row in vouchers],
        takes_vouchers=registry.find_stored_value(owes) is not None,
        rest=rest,
        methods=methods,
        method=request.form.get("method") or draft.row.method or (methods[0][0].method if len(methods) == 1 else None),
        hints=[offer.hint for offer, _part in methods if offer.hint],
        at_point=any(part.window and part.window.point_id for part in draft.parts),
        errors=errors,
    )
