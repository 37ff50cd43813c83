"""Whose basket it is: a guest's is named by a signed cookie; the header reads the count from another one."""

from typing import TypedDict
from uuid import UUID

from flask import after_this_request, request
from werkzeug.wrappers import Response

from foundation.config import settings
from foundation.database import transact
from foundation.errors import DomainError
from foundation.links import sign, unsign
from marketplace.cart import queries
from marketplace.cart.lifecycle import merge
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
    """Count the pieces that the header shows: from the cookie alone, no question to the database."""
    shown = request.cookies.get(COUNT, "")
    return {"cart_count": int(shown) if shown.isdecimal() and len(shown) <= 4 else 0}


def find_current_cart() -> UUID | None:
    """Find the visitor's open basket. A guest's basket joins the person's at the first look after sign-in."""
    person = current_person()
    guest = _from_cookie()
    if person is None:
        return queries.find_open_guest_cart(guest) if guest else None
    if guest and queries.find_open_guest_cart(guest):
        merged = transact(merge, guest, person.id)
        remember_cart(merged, queries.count_pieces(merged))
        return merged
    return queries.find_open_cart(person.id)


def begin_new_cart(cart_id: UUID) -> None:
    """Begin a new basket in the browser that filled this one: it became an order."""
    if _from_cookie() == cart_id or (COUNT in request.cookies and find_current_cart() is None):
        remember_cart(None, 0)


def forget_on_sign_out(sender: object, **extra: object) -> None:
    """Forget the basket on signing out: whoever sits down next must not see it."""
    after_this_request(delete_cookies)


def delete_cookies(response: Response) -> Response:
    """Take the cookies of the basket out of the browser."""
    response.delete_cookie(COOKIE)
    response.delete_cookie(COUNT)
    return response


def remember_cart(cart_id: UUID | None, count: int) -> None:
    """Give the browser the cookies with this answer."""
    options = CookieOptions(max_age=COOKIE_TTL_SECONDS, httponly=True, samesite="Lax", secure=settings().secure_cookies)

    @after_this_request
    def set_cookies(response: Response) -> Response:
        if cart_id is None:
            return delete_cookies(response) if COUNT in request.cookies or COOKIE in request.cookies else response
        response.set_cookie(COOKIE, sign(COOKIE, str(cart_id)), **options)
        response.set_cookie(COUNT, str(min(count, 9999)), **options)
        return response


def _from_cookie() -> UUID | None:
    raw = request.cookies.get(COOKIE)
    if not raw:
        return None
    try:
        return UUID(unsign(COOKIE, raw))
    except (DomainError, ValueError):
        return None
