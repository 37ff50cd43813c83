"""The way through the checkout: begin, choose where and when, leave. `checkout.placing` ends it. Decision 0501.

Every step locks the basket first, so that two tabs of one shopper cannot cross.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from foundation import mail
from foundation.clock import now
from foundation.database import session, uuid7
from marketplace.cart.contents import give_back_holds
from marketplace.cart.lifecycle import lock_open_cart
from marketplace.cart.models import Cart
from marketplace.cart.queries import Bag, Basket, load_basket
from marketplace.checkout import errors
from marketplace.checkout.draft import find_row, keep_parts, load_row
from marketplace.checkout.models import Checkout
from marketplace.checkout.options import Options, list_all_options
from marketplace.handover import booking
from marketplace.handover.windows import Window
from marketplace.orders.queries import find_pending_group
from marketplace.stock import reservations
from money.payments import queries as payments
from money.payments.states import PaymentState

DRAFT_HOLD_TTL = timedelta(minutes=15)
MAX_NAME_CHARS = 120
MAX_PHONE_CHARS = 40


def begin(cart_id: UUID) -> UUID:
    """Open the draft of a basket, or go on with it, and put its goods aside for 15 minutes.

    Refuses an empty basket, one in which something changed that needs consent, and one whose payment is under way.
    """
    cart = lock_open_cart(cart_id)
    row = find_row(cart_id)
    basket = _load_orderable(cart_id)
    if row is None:
        row = Checkout(cart_id=cart_id, key=uuid7())
        session.add(row)
        session.flush()
    keep_parts(row.id, (bag.outlet.id for bag in basket.bags))
    _hold(cart, basket)
    return row.id


def choose(checkout_id: UUID, *, chosen: Mapping[UUID, UUID | None], name: str, email: str, phone: str) -> None:
    """Record who orders, and a window for each shop (outlet id -> window id); a place in it is kept.

    Refuses missing or wrong contact data, windows that are not on offer now (`window_not_offered`) or just became full
    (`window_full`). The basket stays in any case.
    """
    row = load_row(checkout_id)
    cart = lock_open_cart(row.cart_id)
    basket = _load_orderable(row.cart_id)
    row.name, row.email, row.phone = _strip_name(name), mail.normalise_address(email), _strip_phone(phone)
    offered = zip(basket.bags, list_all_options(row.id, basket.bags), strict=True)
    picked = {bag.outlet.id: _pick(bag, found, chosen.get(bag.outlet.id)) for bag, found in offered}
    parts = keep_parts(row.id, picked)
    booking.hold(row.id, picked, _hold(cart, basket))
    for part in parts:
        part.window_id = picked[part.outlet_id].id
    session.flush()


def leave(checkout_id: UUID) -> None:
    """Put everything back; what was chosen stays written down. Does nothing when there is no draft any more."""
    row = session.get(Checkout, checkout_id)
    if row is None:
        return
    give_back_holds(lock_open_cart(row.cart_id))
    booking.drop_holds(row.id)


def set_cart_aside(cart_id: UUID) -> bool:
    """Give the shopper an empty basket while a bank collects a debit for days. Says whether it did."""
    cart = lock_open_cart(cart_id)
    group = find_pending_group(cart_id)
    if (
        group is None
        or group.payment_id is None
        or payments.load_payment(group.payment_id).state != PaymentState.PENDING
    ):
        return False
    cart.closed_at = now()
    return True


def _load_orderable(cart_id: UUID) -> Basket:
    """The basket, if it can be ordered as it is."""
    if find_pending_group(cart_id):
        raise errors.order_being_paid()
    basket = load_basket(cart_id)
    if not basket.lines:
        raise errors.cart_empty()
    if basket.troubles:
        raise errors.cart_changed()
    return basket


def _hold(cart: Cart, basket: Basket) -> datetime:
    until = now() + DRAFT_HOLD_TTL
    reservations.hold(cart.id, {line.offer.id: line.quantity for line in basket.lines}, until)
    cart.held_until = until
    session.flush()
    return until


def _pick(bag: Bag, offered: Options, window_id: UUID | None) -> Window:
    if window_id is None:
        raise errors.window_missing(bag.outlet.name, bag.outlet.id)
    for _place, found in offered:
        for window in found:
            if window.id == window_id:
                return window
    raise errors.window_not_offered(bag.outlet.name, bag.outlet.id)


def _strip_name(text: str) -> str:
    name = " ".join(text.split())
    if not name or len(name) > MAX_NAME_CHARS:
        raise errors.contact_name_missing()
    return name


def _strip_phone(text: str) -> str:
    phone = " ".join(text.split())
    if len(phone) > MAX_PHONE_CHARS or not all(c.isdigit() or c in " +-/()" for c in phone):
        raise errors.phone_not_valid()
    return phone
