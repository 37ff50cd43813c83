"""The draft of an order with everything a page or the placing needs to see at once. Decision 0502."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from foundation.database import session, uuid7
from foundation.languages import _
from marketplace.cart.models import Cart
from marketplace.cart.queries import Bag, Basket, load_basket
from marketplace.checkout import errors
from marketplace.checkout.amount_due import DuePart, calculate_amount_due
from marketplace.checkout.models import Checkout, CheckoutPart
from marketplace.checkout.options import find_place
from marketplace.handover import windows
from marketplace.handover.models import HandoverWindow
from marketplace.handover.places import HandoverPlace
from money.payments.payables import AmountDue


@dataclass(frozen=True)
class DraftPart:
    """One shop's part of a draft, with the chosen window or none."""

    bag: Bag
    order_id: UUID
    window: HandoverWindow | None
    place: HandoverPlace | None


@dataclass(frozen=True)
class CheckoutDraft:
    """A draft, its basket, and a part for each shop. `cart` says until when the goods are held."""

    row: Checkout
    cart: Cart
    basket: Basket
    parts: tuple[DraftPart, ...]

    @property
    def is_chosen(self) -> bool:
        """Whether every shop has its window and the shopper a name and an address."""
        return bool(self.row.name and self.row.email and all(part.window for part in self.parts))

    def calculate_amount_due(self, language: str) -> AmountDue:
        """Work out what is to be paid, before there are orders."""
        return calculate_amount_due(
            [
                DuePart(
                    part.order_id,
                    part.bag.outlet,
                    part.bag.cents,
                    bool(part.window and part.window.point_id),
                    frozenset(part.bag.storefront.payment_kinds),
                )
                for part in self.parts
            ],
            title=_("Bestellung"),
            email=self.row.email,
            language=language,
        )


def find_draft(cart_id: UUID) -> UUID | None:
    """Find the draft of a basket, if it was begun."""
    return session.scalar(sa.select(Checkout.id).where(Checkout.cart_id == cart_id))


def find_row(cart_id: UUID) -> Checkout | None:
    """Find the row of a basket's draft, as it is now."""
    query = sa.select(Checkout).where(Checkout.cart_id == cart_id)
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def load_row(checkout_id: UUID) -> Checkout:
    """Load a draft's row as it is now. Refuses (`checkout_unknown`) ids of none."""
    row = session.get(Checkout, checkout_id, populate_existing=True)
    if row is None:
        raise errors.checkout_unknown()
    return row


def load_draft(checkout_id: UUID) -> CheckoutDraft:
    """Load the draft as it stands. Refuses unknown ones, and baskets with a shop that the draft does not know."""
    row, cart = _load_with_cart(checkout_id)
    basket = load_basket(row.cart_id)
    known = {part.outlet_id: part for part in list_parts(row.id)}
    chosen = windows.load_windows(part.window_id for part in known.values() if part.window_id)
    parts = []
    for bag in basket.bags:
        part = known.get(bag.outlet.id)
        if part is None:
            raise errors.checkout_outdated()
        window = chosen.get(part.window_id) if part.window_id else None
        parts.append(DraftPart(bag, part.order_id, window, find_place(bag, window)))
    return CheckoutDraft(row, cart, basket, tuple(parts))


def _load_with_cart(checkout_id: UUID) -> tuple[Checkout, Cart]:
    query = sa.select(Checkout, Cart).join(Cart, Cart.id == Checkout.cart_id).where(Checkout.id == checkout_id)
    found = session.execute(query.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise errors.checkout_unknown()
    return found[0], found[1]


def list_parts(checkout_id: UUID) -> list[CheckoutPart]:
    """List the parts of a draft as they are now."""
    query = sa.select(CheckoutPart).where(CheckoutPart.checkout_id == checkout_id)
    return list(session.scalars(query.execution_options(populate_existing=True)))


def keep_parts(checkout_id: UUID, outlet_ids: Iterable[UUID]) -> list[CheckoutPart]:
    """Keep one part for each of these shops, and give them back: others go, new ones get the id that their order will
    have."""
    known = {part.outlet_id: part for part in list_parts(checkout_id)}
    shops = set(outlet_ids)
    for outlet_id, part in known.items():
        if outlet_id not in shops:
            session.delete(part)
    new = [CheckoutPart(checkout_id=checkout_id, outlet_id=shop, order_id=uuid7()) for shop in shops - set(known)]
    session.add_all(new)
    session.flush()
    return [*(known[shop] for shop in shops & set(known)), *new]
