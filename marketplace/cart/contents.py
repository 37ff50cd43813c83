"""Putting into a basket, changing, taking out, agreeing to what changed. The basket is locked first.

A basket that changes gives back what it held; it is held anew at the checkout. Decision 0501.
"""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from foundation.clock import now
from foundation.database import lock, session
from foundation.errors import NotFound, Refused
from marketplace.cart import errors
from marketplace.cart.models import MAX_CART_LINES, MAX_LINE_QUANTITY, Cart, CartLine
from marketplace.cart.queries import is_on_sale
from marketplace.catalogue.models import Offer
from marketplace.orders.queries import find_pending_group
from marketplace.shops.models import Storefront
from marketplace.stock import reservations
from marketplace.stock.queries import count_available


@dataclass(frozen=True)
class CartChange:
    """What came of it: how many pieces of this offer are in the basket now, how many in all, and whether fewer than
    wished because there are no more."""

    cart_id: UUID
    name: str
    quantity: int
    count: int
    capped: bool


def create(person_id: UUID | None = None) -> UUID:
    """Make an empty basket for a person or a guest."""
    cart = Cart(person_id=person_id)
    session.add(cart)
    session.flush()
    return cart.id


def add(cart_id: UUID, offer_id: UUID, quantity: int) -> CartChange:
    """Add pieces of an offer; more than there are is capped at what is there.

    Refuses unknown or unsaleable offers, a quantity outside 1 to 99, a 51st line, what is sold out, and every change
    while a payment for this basket is under way.
    """
    _check(quantity, minimum=1)
    cart = _lock(cart_id)
    lines = list_lines(cart_id)
    line = next((each for each in lines if each.offer_id == offer_id), None)
    return _set(cart, _load_saleable(offer_id), lines, line, (line.quantity if line else 0) + quantity)


def change(cart_id: UUID, line_id: UUID, quantity: int) -> CartChange:
    """Set how many pieces; 0 takes the line out. Refuses other people's lines."""
    _check(quantity, minimum=0)
    cart = _lock(cart_id)
    lines = list_lines(cart_id)
    line = _find(lines, line_id)
    if quantity == 0:
        return _remove(cart, lines, line)
    return _set(cart, _load_saleable(line.offer_id), lines, line, quantity)


def remove(cart_id: UUID, line_id: UUID) -> CartChange:
    """Take a line out. Refuses other people's lines."""
    cart = _lock(cart_id)
    lines = list_lines(cart_id)
    return _remove(cart, lines, _find(lines, line_id))


def agree(cart_id: UUID, line_id: UUID) -> CartChange:
    """Agree to the price and to the number of pieces that there are now; what is gone is taken out."""
    cart = _lock(cart_id)
    lines = list_lines(cart_id)
    line = _find(lines, line_id)
    try:
        return _set(cart, _load_saleable(line.offer_id), lines, line, line.quantity)
    except (NotFound, Refused):
        return _remove(cart, lines, line)


def list_lines(cart_id: UUID) -> list[CartLine]:
    """List the rows of a basket as they are now, in the order they were added."""
    query = sa.select(CartLine).where(CartLine.cart_id == cart_id).order_by(CartLine.id)
    return list(session.scalars(query.execution_options(populate_existing=True)))


def give_back_holds(cart: Cart) -> None:
    """Release the pieces that are held for a locked basket."""
    reservations.drop_holds(cart.id)
    cart.held_until = None


def _check(quantity: int, *, minimum: int) -> None:
    if not minimum <= quantity <= MAX_LINE_QUANTITY:
        raise errors.quantity_not_valid()


def _lock(cart_id: UUID) -> Cart:
    rows = lock(Cart, [cart_id])
    if not rows or rows[0].closed_at is not None:
        raise errors.cart_unknown()
    if find_pending_group(cart_id):
        raise errors.cart_being_paid()
    rows[0].touched_at = now()
    return rows[0]


def _load_saleable(offer_id: UUID) -> Offer:
    query = sa.select(Offer, Storefront).join(Storefront, Storefront.outlet_id == Offer.outlet_id)
    found = session.execute(query.where(Offer.id == offer_id)).unique().one_or_none()
    if found is None:
        raise errors.offer_unknown()
    offer, front = found
    if not is_on_sale(offer, front):
        raise errors.offer_not_sold()
    return offer


def _find(lines: list[CartLine], line_id: UUID) -> CartLine:
    for line in lines:
        if line.id == line_id:
            return line
    raise errors.line_unknown()


def _set(cart: Cart, offer: Offer, lines: list[CartLine], line: CartLine | None, requested: int) -> CartChange:
    left = count_available([offer.id], besides=cart.id)[offer.id]
    quantity = min(requested, MAX_LINE_QUANTITY, MAX_LINE_QUANTITY if left is None else left)
    if quantity < 1:
        raise errors.sold_out(offer.name)
    if line is None:
        if len(lines) >= MAX_CART_LINES:
            raise errors.cart_full()
        line = CartLine(cart_id=cart.id, offer_id=offer.id, outlet_id=offer.outlet_id)
        session.add(line)
        lines.append(line)
    line.name, line.quantity = offer.name, quantity
    line.price_cents, line.deposit_cents = offer.price_cents, offer.deposit_cents
    give_back_holds(cart)
    session.flush()
    return CartChange(cart.id, offer.name, quantity, sum(each.quantity for each in lines), quantity < requested)


def _remove(cart: Cart, lines: list[CartLine], line: CartLine) -> CartChange:
    session.delete(line)
    give_back_holds(cart)
    session.flush()
    return CartChange(cart.id, line.name, 0, sum(each.quantity for each in lines if each is not line), False)
