"""An order on its way: accepted, ready, arrived at the point, refused by the shop, cancelled by the shopper.

Decision 0504 says who may end an order, and until when.
"""

from uuid import UUID

from foundation import audit
from foundation.clock import now
from foundation.database import lock_one, session
from marketplace.handover import booking
from marketplace.orders import errors, history, mails
from marketplace.orders.models import Order
from marketplace.orders.states import OPEN_STATES, OrderState
from marketplace.stock import reservations
from money.payments import refunding

MIN_REJECTION_CHARS = 3
MAX_REJECTION_CHARS = 300


def accept(order_id: UUID) -> Order:
    """Take a new order into preparation. Refuses orders that are not new."""
    order = lock_one(Order, order_id)
    history.move(order, OrderState.ACCEPTED, "accepted")
    session.flush()
    return order


def mark_ready(order_id: UUID) -> Order:
    """Say that an order lies ready. The shopper gets a mail now; with a pick-up point, when it has arrived there."""
    order = lock_one(Order, order_id)
    history.move(order, OrderState.READY, "ready")
    if order.point_id is None:
        mails.send_ready(order)
    session.flush()
    return order


def mark_arrived(order_id: UUID) -> Order:
    """Say that an order arrived at its pick-up point; the shopper gets a mail.

    Refuses (`not_on_its_way`) what is not ready, goes to no point or arrived before.
    """
    order = lock_one(Order, order_id)
    if order.point_id is None or order.state != OrderState.READY or order.arrived_at is not None:
        raise errors.not_on_its_way()
    order.arrived_at = now()
    history.record_event(order, order.state, "arrived")
    mails.send_ready(order)
    session.flush()
    return order


def reject(order_id: UUID, reason: str) -> Order:
    """Cancel an order that the shop cannot supply: money back the way it came, pieces back on sale.

    Needs a reason of 3 to 300 characters.
    """
    stripped = " ".join(reason.split())
    if not MIN_REJECTION_CHARS <= len(stripped) <= MAX_REJECTION_CHARS:
        raise errors.reason_missing()
    order = lock_one(Order, order_id)
    _end(order, "rejected", stripped)
    mails.send_rejection(order, stripped)
    session.flush()
    return order


def cancel(order_id: UUID) -> Order:
    """Cancel an order for its shopper before the shop began. The group's other orders go on.

    Refuses (`too_late`) once the shop has accepted; then withdrawal by law remains.
    """
    order = lock_one(Order, order_id)
    if order.state != OrderState.NEW:
        raise errors.too_late_to_cancel(order.outlet.name)
    _end(order, "cancelled", "")
    mails.send_cancellation(order)
    session.flush()
    return order


def freeze(order: Order) -> None:
    """Stop an order that is on its way, because its money was taken back; shopper and shop get a mail, once."""
    if order.state in OPEN_STATES and not order.is_frozen:
        order.frozen_at = now()
        history.record_event(order, order.state, "money_lost")
        mails.send_frozen(order)
        session.flush()


def thaw(order: Order) -> None:
    """Let a stopped order go on: its money is back. Shopper and shop get a mail, once."""
    if order.is_frozen:
        order.frozen_at = None
        history.record_event(order, order.state, "money_back")
        if order.state in OPEN_STATES:
            mails.send_thawed(order)
        session.flush()


def announce_lost(order: Order) -> None:
    """Tell that a stopped order stays unpaid; one that nobody waits for any more stays as it is."""
    if order.is_frozen and order.state in OPEN_STATES:
        history.record_event(order, order.state, "money_gone")
        mails.send_lost(order)
        session.flush()


def expire(order: Order, reason: str) -> None:
    """End a locked order whose payment came to nothing; its pieces and its place in the window are free again."""
    history.move(order, OrderState.EXPIRED, "payment_failed", reason)
    _give_back(order)


def _end(order: Order, verb: str, reason: str) -> None:
    history.move(order, OrderState.CANCELLED, verb, reason)
    order.code_box = None
    _give_back(order)
    session.flush()
    if order.group.payment_id:
        refunding.refund_share(order.group.payment_id, order.id, key=f"{verb}:{order.id}", reason=reason or verb)
    audit.record(f"order.{verb}", "shop_order", order.id, reason=reason)


def _give_back(order: Order) -> None:
    reservations.release(line.id for line in order.lines)
    booking.release(order.id)
