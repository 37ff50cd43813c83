"""From a draft to orders: one group, one order per shop, one payment for all. Decisions 0501 and 0502.

Everything is checked again under locks. The pieces and places that were held now belong to the orders, until these
are handed over or end; so an order whose payment takes long cannot lose them.
"""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from foundation.database import lock, session
from marketplace.cart.lifecycle import lock_open_cart
from marketplace.cart.models import Cart
from marketplace.checkout import errors, making
from marketplace.checkout.amount_due import calculate_group_due
from marketplace.checkout.draft import CheckoutDraft, DraftPart, load_draft, load_row
from marketplace.checkout.options import Options, list_all_options
from marketplace.checkout.vouchers import list_voucher_offers
from marketplace.handover import booking
from marketplace.orders.models import Order, OrderGroup
from marketplace.orders.queries import find_pending_group
from marketplace.stock import reservations
from marketplace.stock.reservations import StockClaim
from money.payments.opening import open_payment
from money.payments.tendering import allocate


@dataclass(frozen=True)
class Placement:
    """What the button sends: the attempt, the sum that was shown (cents), how the rest is paid, by whom."""

    key: UUID
    shown_cents: int
    method: str | None
    person_id: UUID | None
    language: str
    of_age: bool = False


def place(checkout_id: UUID, placement: Placement) -> UUID:
    """Make the orders of a draft and open their payment; gives back the payment's id. The same `key` gives the same.

    Refuses when the sum is not `shown_cents` (`order_total_differs`), when something in the basket changed, is gone
    (`stock_short`) or its window is full (`window_full`) or over (`window_gone`), and what the payment refuses.
    """
    known = find_payment(placement.key)
    if known:
        return known
    row = load_row(checkout_id)
    lock(Cart, [row.cart_id])
    known = find_payment(placement.key)  # the other of two clicks was faster
    if known:
        return known
    lock_open_cart(row.cart_id)
    draft = load_draft(checkout_id)
    _check(draft, placement)
    group = making.make_group(draft, placement.person_id, placement.language)
    orders = [making.make_order(group, number, part) for number, part in enumerate(draft.parts, 1)]
    session.flush()
    _take(draft, orders)
    draft.row.method = placement.method
    return _open_payment(draft, group, placement)


def find_payment(key: UUID) -> UUID | None:
    """Find the payment that this attempt made already."""
    return session.scalar(sa.select(OrderGroup.payment_id).where(OrderGroup.key == key))


def _take(draft: CheckoutDraft, orders: list[Order]) -> None:
    """Turn what the draft held into what the orders have."""
    claims = [StockClaim(line.id, line.offer_id, line.quantity) for order in orders for line in order.lines]
    reservations.allocate(draft.cart.id, claims)
    windows = {part.order_id: (part.bag.outlet.id, part.window.id) for part in draft.parts if part.window}
    booking.book(draft.row.id, windows)


def _open_payment(draft: CheckoutDraft, group: OrderGroup, placement: Placement) -> UUID:
    """Open the payment of what is due, which is worked out here and nowhere else in this transaction."""
    owes = calculate_group_due(group)
    wishes = allocate(owes, list_voucher_offers(draft.row.id, owes), placement.method)
    payment_id = open_payment("order_group", group.id, wishes, key=f"order:{placement.key}", due=owes)
    group.payment_id = payment_id
    session.flush()
    return payment_id


def _check(draft: CheckoutDraft, placement: Placement) -> None:
    if find_pending_group(draft.row.cart_id):
        raise errors.order_being_paid()
    if draft.row.key != placement.key:
        raise errors.page_old()
    if not draft.basket.lines or not draft.is_chosen:
        raise errors.not_chosen()
    if draft.basket.cents != placement.shown_cents:
        raise errors.order_total_differs(draft.basket.cents, placement.shown_cents)
    if draft.basket.troubles:
        raise errors.cart_changed()
    if draft.basket.age_limit and not placement.of_age:
        raise errors.age_not_confirmed(draft.basket.age_limit)
    offered = list_all_options(draft.row.id, [part.bag for part in draft.parts])
    for part, options in zip(draft.parts, offered, strict=True):
        _check_window(part, options)


def _check_window(part: DraftPart, offered: Options) -> None:
    """The window must still be one that can be chosen: not over, not past the cut-off, not full."""
    ids = {window.id for _place, found in offered for window in found}
    if part.window is None or part.window.id not in ids:
        raise errors.window_gone(part.bag.outlet.name, part.bag.outlet.id)
