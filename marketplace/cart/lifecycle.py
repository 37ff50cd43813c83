"""A basket's life besides its contents: joining a person's, closing when it was ordered, opening again.

Decision 0502.
"""

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa

from foundation.clock import now
from foundation.database import lock, session
from marketplace.cart import errors
from marketplace.cart.contents import create, give_back_holds, list_lines
from marketplace.cart.models import MAX_CART_LINES, Cart, CartLine


def lock_open_cart(cart_id: UUID) -> Cart:
    """Lock a basket. Refuses (`cart_closed`) one that was ordered."""
    rows = lock(Cart, [cart_id])
    if not rows or rows[0].closed_at is not None:
        raise errors.cart_closed()
    return rows[0]


def merge(guest_cart_id: UUID, person_id: UUID) -> UUID:
    """Give a guest's basket to the person who signed in; gives back the id of the person's basket.

    Of an offer in both the larger number counts: none is lost, none doubled. The guest's basket is closed; merging it
    again does nothing.
    """
    target_id = session.scalar(sa.select(Cart.id).where(Cart.person_id == person_id, Cart.closed_at.is_(None)))
    rows = {row.id: row for row in lock(Cart, [guest_cart_id, *([target_id] if target_id else [])])}
    guest = rows.get(guest_cart_id)
    if guest is None or guest.person_id is not None or guest.closed_at is not None:
        return target_id or create(person_id)
    if target_id is None:
        guest.person_id, guest.touched_at = person_id, now()
        session.flush()
        return guest.id
    _move_lines(guest.id, target_id)
    guest.closed_at = now()
    for cart in rows.values():
        give_back_holds(cart)
    session.flush()
    return target_id


def close(cart_id: UUID, ordered: Iterable[UUID]) -> None:
    """Close a basket whose offers were `ordered`.

    What came into a person's basket meanwhile (signing in merges) waits in a new one.
    """
    for cart in lock(Cart, [cart_id]):
        was_open, cart.closed_at = cart.closed_at is None, now()
        session.flush()
        rest = sa.select(CartLine).where(CartLine.cart_id == cart.id, CartLine.offer_id.not_in(list(ordered)))
        lines = list(session.scalars(rest)) if was_open and cart.person_id else []
        if lines:
            new_id = create(cart.person_id)
            for line in lines:
                line.cart_id = new_id


def reopen(cart_id: UUID) -> None:
    """Open a basket that was set aside for a debit again, unless its owner has filled another one meanwhile."""
    for cart in lock(Cart, [cart_id]):
        other = sa.select(Cart.id).where(Cart.person_id == cart.person_id, Cart.closed_at.is_(None), Cart.id != cart.id)
        if cart.person_id is None or session.scalar(other) is None:
            cart.closed_at = None
    session.flush()


def _move_lines(source_id: UUID, target_id: UUID) -> None:
    mine = {line.offer_id: line for line in list_lines(target_id)}
    for line in list_lines(source_id):
        have = mine.get(line.offer_id)
        if have:
            have.quantity = max(have.quantity, line.quantity)
            session.delete(line)
        elif len(mine) < MAX_CART_LINES:
            line.cart_id = target_id
            mine[line.offer_id] = line
