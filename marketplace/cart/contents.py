"""Putting into a basket, changing, taking out, agreeing to what changed, merging two. The basket is locked first."""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from foundation.clock import now
from foundation.database import lock, session
from foundation.errors import Invalid, NotFound, Refused
from foundation.languages import _
from marketplace.cart.models import MAX_CART_LINES, MAX_LINE_QUANTITY, Cart, CartLine, Checkout
from marketplace.cart.queries import is_on_sale
from marketplace.catalogue.models import Offer
from marketplace.orders.models import OrderGroup
from marketplace.shops.models import Storefront
from marketplace.stock import reservations


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
    """An empty basket of a person or of a guest."""
    cart = Cart(person_id=person_id)
    session.add(cart)
    session.flush()
    return cart.id


def add(cart_id: UUID, offer_id: UUID, quantity: int) -> CartChange:
    """Add pieces of an offer; more than there are is capped at what is there.

    Refuses unknown or unsaleable offers, a quantity outside 1 to 99, a 51st line, what is sold out, and every change
    while a payment for this basket is under way.
    """
    _check(quantity, least=1)
    _lock(cart_id)
    lines = _lines(cart_id)
    line = next((each for each in lines if each.offer_id == offer_id), None)
    return _set(cart_id, _saleable(offer_id), lines, line, (line.quantity if line else 0) + quantity)


def change(cart_id: UUID, line_id: UUID, quantity: int) -> CartChange:
    """Set how many; 0 takes the line out. Refuses other people's lines."""
    _check(quantity, least=0)
    _lock(cart_id)
    lines = _lines(cart_id)
    line = _own(lines, line_id)
    if quantity == 0:
        return _remove(cart_id, lines, line)
    return _set(cart_id, _saleable(line.offer_id), lines, line, quantity)


def remove(cart_id: UUID, line_id: UUID) -> CartChange:
    """Take a line out."""
    _lock(cart_id)
    lines = _lines(cart_id)
    return _remove(cart_id, lines, _own(lines, line_id))


def agree(cart_id: UUID, line_id: UUID) -> CartChange:
    """Agree to the price and to the number of pieces that there are now; what is gone is taken out."""
    _lock(cart_id)
    lines = _lines(cart_id)
    line = _own(lines, line_id)
    try:
        return _set(cart_id, _saleable(line.offer_id), lines, line, line.quantity)
    except (NotFound, Refused):
        return _remove(cart_id, lines, line)


def merge(guest_cart_id: UUID, person_id: UUID) -> UUID:
    """Give a guest's basket to the person who signed in. Of an offer in both the larger number counts: none is lost,
    none doubled. The guest's basket is closed; merging it again does nothing."""
    target = session.scalar(sa.select(Cart.id).where(Cart.person_id == person_id, Cart.closed_at.is_(None)))
    rows = {row.id: row for row in lock(Cart, [guest_cart_id, *([target] if target else [])])}
    guest = rows.get(guest_cart_id)
    if guest is None or guest.person_id is not None or guest.closed_at is not None:
        return target or create(person_id)
    if target is None:
        guest.person_id, guest.touched_at = person_id, now()
        session.flush()
        return guest.id
    mine = {line.offer_id: line for line in _lines(target)}
    for line in _lines(guest.id):
        have = mine.get(line.offer_id)
        if have:
            have.quantity = max(have.quantity, line.quantity)
            session.delete(line)
        elif len(mine) < MAX_CART_LINES:
            line.cart_id = target
            mine[line.offer_id] = line
    guest.closed_at = now()
    _forget(_draft_of(guest.id))
    _forget(_draft_of(target))
    session.flush()
    return target


def _draft_of(cart_id: UUID) -> UUID | None:
    found: UUID | None = session.scalar(sa.select(Checkout.id).where(Checkout.cart_id == cart_id))
    return found


def _forget(draft: UUID | None) -> None:
    """A basket that changes gives back what its draft had put aside; the draft is made anew at the till."""
    if draft:
        reservations.drop_holds(draft)
        session.execute(sa.update(Checkout).where(Checkout.id == draft).values(held_until=None))


def _check(quantity: int, *, least: int) -> None:
    if not least <= quantity <= MAX_LINE_QUANTITY:
        raise Invalid(_("Bitte geben Sie eine Menge von 1 bis 99 an."), "quantity_not_valid", field="quantity")


def _lock(cart_id: UUID) -> Cart:
    rows = lock(Cart, [cart_id])
    if not rows or rows[0].closed_at is not None:
        raise NotFound(_("Diesen Warenkorb gibt es nicht mehr."), "cart_unknown")
    if session.scalar(sa.select(OrderGroup.id).where(OrderGroup.cart_id == cart_id, OrderGroup.state == "pending")):
        raise Refused(
            _("Für diesen Warenkorb läuft eine Zahlung. Bringen Sie sie bitte zu Ende oder brechen Sie sie ab."),
            "payment_under_way",
        )
    rows[0].touched_at = now()
    return rows[0]


def _saleable(offer_id: UUID) -> Offer:
    query = sa.select(Offer, Storefront).join(Storefront, Storefront.outlet_id == Offer.outlet_id)
    found = session.execute(query.where(Offer.id == offer_id)).unique().one_or_none()
    if found is None:
        raise NotFound(_("Dieses Angebot gibt es nicht (mehr)."), "offer_unknown")
    if not is_on_sale(found[0], found[1]):
        raise Refused(_("Dieses Angebot kann gerade nicht bestellt werden."), "offer_not_sold")
    offer: Offer = found[0]
    return offer


def _lines(cart_id: UUID) -> list[CartLine]:
    query = sa.select(CartLine).where(CartLine.cart_id == cart_id).order_by(CartLine.id)
    return list(session.scalars(query.execution_options(populate_existing=True)))


def _own(lines: list[CartLine], line_id: UUID) -> CartLine:
    for line in lines:
        if line.id == line_id:
            return line
    raise NotFound(_("Das liegt nicht (mehr) in Ihrem Warenkorb."), "line_unknown")


def _set(cart_id: UUID, offer: Offer, lines: list[CartLine], line: CartLine | None, wished: int) -> CartChange:
    draft = _draft_of(cart_id)
    left = reservations.count_available([offer.id], besides=draft)[offer.id]
    quantity = min(wished, MAX_LINE_QUANTITY, MAX_LINE_QUANTITY if left is None else left)
    if quantity < 1:
        raise Refused(_("„%(name)s“ ist gerade nicht da.", name=offer.name), "sold_out", left=0)
    if line is None:
        if len(lines) >= MAX_CART_LINES:
            raise Refused(
                _("In den Warenkorb passen 50 verschiedene Artikel. Bitte bestellen Sie diese zuerst."), "cart_full"
            )
        line = CartLine(cart_id=cart_id, offer_id=offer.id, outlet_id=offer.outlet_id)
        session.add(line)
        lines.append(line)
    line.name, line.quantity = offer.name, quantity
    line.price_cents, line.deposit_cents = offer.price_cents, offer.deposit_cents
    _forget(draft)
    session.flush()
    return CartChange(cart_id, offer.name, quantity, sum(each.quantity for each in lines), quantity < wished)


def _remove(cart_id: UUID, lines: list[CartLine], line: CartLine) -> CartChange:
    session.delete(line)
    _forget(_draft_of(cart_id))
    session.flush()
    return CartChange(cart_id, line.name, 0, sum(each.quantity for each in lines if each is not line), False)
