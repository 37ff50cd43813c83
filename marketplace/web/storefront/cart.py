"""The pages of the basket."""

from collections.abc import Callable
from urllib.parse import urlsplit
from uuid import UUID

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from foundation.database import transact
from foundation.errors import Invalid, Refused
from foundation.http import wants_json
from foundation.languages import _
from foundation.links import keep_own_path
from foundation.security import limit
from marketplace.cart import contents, errors, queries
from marketplace.cart.contents import CartChange
from marketplace.checkout import steps
from marketplace.orders.queries import find_pending_group
from marketplace.web.forms import parse_id
from marketplace.web.storefront.blueprint import pages
from marketplace.web.storefront.cart_cookie import find_current_cart, remember_cart
from money.payments import links
from people.web.guards import current_person


@pages.get("/warenkorb", endpoint="cart_show")
def show() -> ResponseReturnValue:
    """Show the basket, one bag per shop."""
    return _show_page({})


def _show_page(errors: dict[str, str]) -> ResponseReturnValue:
    """Show it, with sentences at the fields of these ids."""
    cart_id = find_current_cart()
    if cart_id is None:
        remember_cart(None, 0)
        return render_template("marketplace/storefront/cart/show.html", basket=None, pending=None, errors={})
    basket = queries.load_basket(cart_id)
    pending = find_pending_group(cart_id)
    if pending and transact(steps.set_cart_aside, cart_id):
        flash(
            _("Bestellung %(number)s wartet auf die Lastschrift. Hier ist Platz für Neues.", number=pending.number),
            "info",
        )
        return redirect(url_for("storefront.cart_show"), 303)
    remember_cart(cart_id, basket.count)
    page = links.status_url(pending.payment_id) if pending and pending.payment_id else None
    return render_template(
        "marketplace/storefront/cart/show.html",
        basket=basket,
        pending=pending,
        payment_page=page,
        errors=errors,
        typed=request.form.get("quantity"),
    )


@pages.post("/warenkorb/hinein", endpoint="cart_add")
@limit("120 per minute")
def add() -> ResponseReturnValue:
    """Put an offer into the basket: form fields `offer_id` and `quantity`. Answers machines with the count.

    People who asked for what cannot be had are back where they were, with the sentence.
    """
    try:
        chosen = request.form.get("offer_id", "").strip()
        if not chosen:
            raise errors.offer_missing()
        put = transact(_add, find_current_cart(), parse_id(chosen), _quantity(request.form.get("quantity", "1")))
    except (Invalid, Refused) as error:
        if wants_json():
            raise
        flash(str(error.sentence), "bad")
        return redirect(_where_from(), 303)
    remember_cart(put.cart_id, put.count)
    if wants_json():
        return jsonify(count=put.count, quantity=put.quantity, sentence=_sentence(put))
    flash(_sentence(put), "warn" if put.capped else "ok")
    return redirect(url_for("storefront.cart_show"), 303)


@pages.post("/warenkorb/<uuid:line>/menge", endpoint="cart_change")
@limit("120 per minute")
def change(line: UUID) -> ResponseReturnValue:
    """Set how many of a line; 0 takes it out."""
    try:
        quantity = _quantity(request.form.get("quantity", ""))
    except Invalid as error:
        page = _show_page({f"menge-{line}": str(error.sentence)})
        return (page, 422) if isinstance(page, str) else page
    return _back(lambda cart_id: transact(contents.change, cart_id, line, quantity))


@pages.post("/warenkorb/<uuid:line>/entfernen", endpoint="cart_remove")
def remove(line: UUID) -> ResponseReturnValue:
    """Take a line out of the basket."""
    return _back(lambda cart_id: transact(contents.remove, cart_id, line))


@pages.post("/warenkorb/<uuid:line>/zustimmen", endpoint="cart_agree")
def agree(line: UUID) -> ResponseReturnValue:
    """Agree to the new price or the smaller number."""
    return _back(lambda cart_id: transact(contents.agree, cart_id, line))


def _add(cart_id: UUID | None, offer_id: UUID, quantity: int) -> CartChange:
    person = current_person()
    return contents.add(cart_id or contents.create(person.id if person else None), offer_id, quantity)


def _where_from() -> str:
    """The page of ours that the form was on."""
    return keep_own_path(urlsplit(request.referrer or "").path, url_for("storefront.cart_show"))


def _back(act: Callable[[UUID], CartChange]) -> ResponseReturnValue:
    cart_id = find_current_cart()
    if cart_id is None:
        raise errors.cart_unknown()
    try:
        put = act(cart_id)
    except (Invalid, Refused) as error:
        flash(str(error.sentence), "bad")
    else:
        remember_cart(cart_id, put.count)
        if put.capped:
            flash(_sentence(put), "warn")
    return redirect(url_for("storefront.cart_show"), 303)


def _sentence(put: CartChange) -> str:
    if put.capped:
        return _("Von „%(name)s“ sind nur %(n)s da; so viele liegen im Warenkorb.", name=put.name, n=put.quantity)
    return _("„%(name)s“ liegt im Warenkorb.", name=put.name)


def _quantity(text: str) -> int:
    tidy = text.strip()
    if not tidy.isdecimal() or len(tidy) > 4:
        raise errors.quantity_not_valid()
    return int(tidy)
