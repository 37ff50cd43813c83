"""The basket's pages. A guest's basket is named by a signed cookie; the header reads the count from another one."""

from collections.abc import Callable
from typing import TypedDict
from urllib.parse import urlsplit
from uuid import UUID

from flask import after_this_request, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from foundation.config import settings
from foundation.database import transact
from foundation.errors import DomainError, Invalid, NotFound, Refused
from foundation.http import wants_json
from foundation.languages import _
from foundation.links import keep_own_path, sign, unsign
from foundation.security import limit
from marketplace.cart import contents, queries
from marketplace.cart.contents import CartChange
from marketplace.cart.lifecycle import merge
from marketplace.checkout import steps
from marketplace.orders.queries import find_pending_group
from marketplace.web.forms import parse_id
from marketplace.web.storefront.blueprint import pages
from money.payments import links
from people.web.guards import current_person

COOKIE, COUNT = "basket", "basket_count"
COOKIE_TTL_SECONDS = 90 * 86400


class CookieOptions(TypedDict):
    """What both cookies of the basket have in common."""

    max_age: int
    httponly: bool
    samesite: str
    secure: bool


def count_from_cookie() -> dict[str, int]:
    """How many pieces the header shows: from the cookie alone, no question to the database."""
    shown = request.cookies.get(COUNT, "")
    return {"cart_count": int(shown) if shown.isdecimal() and len(shown) <= 4 else 0}


def find_current_cart() -> UUID | None:
    """The visitor's open basket, or nothing. A guest's basket joins the person's at the first look after sign-in."""
    person = current_person()
    guest = _from_cookie()
    if person is None:
        return queries.find_open_guest_cart(guest) if guest else None
    if guest and queries.find_open_guest_cart(guest):
        merged = transact(merge, guest, person.id)
        _remember(merged, queries.count_pieces(merged))
        return merged
    return queries.find_open_cart(person.id)


def begin_new_cart(cart_id: UUID) -> None:
    """The basket with this id became an order: the browser that filled it begins a new one."""
    if _from_cookie() == cart_id or (COUNT in request.cookies and find_current_cart() is None):
        _remember(None, 0)


def forget_on_sign_out(sender: object, **extra: object) -> None:
    """Whoever sits down next must not see the basket of who signed out."""
    after_this_request(delete_cookies)


def delete_cookies(response: Response) -> Response:
    """Take the basket's cookies away."""
    response.delete_cookie(COOKIE)
    response.delete_cookie(COUNT)
    return response


@pages.get("/warenkorb", endpoint="cart_show")
def show() -> ResponseReturnValue:
    """The basket, one bag per shop."""
    cart_id = find_current_cart()
    if cart_id is None:
        _remember(None, 0)
        return render_template("marketplace/storefront/cart/show.html", basket=None, pending=None)
    basket = queries.load_basket(cart_id)
    pending = find_pending_group(cart_id)
    if pending and transact(steps.set_cart_aside, cart_id):
        flash(
            _("Bestellung %(number)s wartet auf die Lastschrift. Hier ist Platz für Neues.", number=pending.number),
            "info",
        )
        return redirect(url_for("storefront.cart_show"), 303)
    _remember(cart_id, basket.count)
    page = links.status_url(pending.payment_id) if pending and pending.payment_id else None
    return render_template("marketplace/storefront/cart/show.html", basket=basket, pending=pending, payment_page=page)


@pages.post("/warenkorb/hinein", endpoint="cart_add")
@limit("120 per minute")
def add() -> ResponseReturnValue:
    """Put an offer into the basket: form fields `offer_id` and `quantity`. Answers machines with the count.

    People who asked for what cannot be had are back where they were, with the sentence.
    """
    try:
        chosen = request.form.get("offer_id", "").strip()
        if not chosen:
            raise Invalid(_("Bitte wählen Sie eine Ausführung."), "offer_missing", field="offer_id")
        put = transact(_add, find_current_cart(), parse_id(chosen), _quantity(request.form.get("quantity", "1")))
    except (Invalid, Refused) as error:
        if wants_json():
            raise
        flash(str(error.sentence), "bad")
        return redirect(_where_from(), 303)
    _remember(put.cart_id, put.count)
    if wants_json():
        return jsonify(count=put.count, quantity=put.quantity, sentence=_sentence(put))
    flash(_sentence(put), "warn" if put.capped else "ok")
    return redirect(url_for("storefront.cart_show"), 303)


@pages.post("/warenkorb/<uuid:line>/menge", endpoint="cart_change")
@limit("120 per minute")
def change(line: UUID) -> ResponseReturnValue:
    """Set how many of a line; 0 takes it out."""
    return _back(lambda cart_id: transact(contents.change, cart_id, line, _quantity(request.form.get("quantity", ""))))


@pages.post("/warenkorb/<uuid:line>/entfernen", endpoint="cart_remove")
def remove(line: UUID) -> ResponseReturnValue:
    """Take a line out."""
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
        raise NotFound(_("Diesen Warenkorb gibt es nicht mehr."), "cart_unknown")
    try:
        put = act(cart_id)
    except (Invalid, Refused) as error:
        flash(str(error.sentence), "bad")
    else:
        _remember(cart_id, put.count)
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
        raise Invalid(_("Bitte geben Sie eine Menge von 1 bis 99 an."), "quantity_not_valid", field="quantity")
    return int(tidy)


def _from_cookie() -> UUID | None:
    raw = request.cookies.get(COOKIE)
    if not raw:
        return None
    try:
        return UUID(unsign(COOKIE, raw))
    except (DomainError, ValueError):
        return None


def _remember(cart_id: UUID | None, count: int) -> None:
    """Give the browser the cookies with this answer."""
    options = CookieOptions(max_age=COOKIE_TTL_SECONDS, httponly=True, samesite="Lax", secure=settings().secure_cookies)

    @after_this_request
    def set_cookies(response: Response) -> Response:
        if cart_id is None:
            return delete_cookies(response) if COUNT in request.cookies or COOKIE in request.cookies else response
        response.set_cookie(COOKIE, sign(COOKIE, str(cart_id)), **options)
        response.set_cookie(COUNT, str(min(count, 9999)), **options)
        return response
