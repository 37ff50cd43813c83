"""An order on its way: accepted, ready, arrived at the point, refused by the shop, cancelled by the shopper."""

from uuid import UUID

from foundation import audit
from foundation.clock import now
from foundation.database import lock_one, session
from foundation.errors import Invalid, Refused
from foundation.languages import _
from marketplace.handover import booking
from marketplace.orders import letters, states
from marketplace.orders.models import Order
from marketplace.stock import reservations
from money.payments import refunding

MAX_REASON_CHARS = 300


def accept(order_id: UUID) -> Order:
    """The shop will prepare it. Refuses orders that are not new."""
    order = lock_one(Order, order_id)
    states.move(order, "accepted", "accepted")
    session.flush()
    return order


def mark_ready(order_id: UUID) -> Order:
    """It lies ready. The shopper is told now; with a pick-up point, when it has arrived there."""
    order = lock_one(Order, order_id)
    states.move(order, "ready", "ready")
    if order.point_id is None:
        letters.send_ready(order)
    session.flush()
    return order


def mark_arrived(order_id: UUID) -> Order:
    """It arrived at its pick-up point; the shopper is told. Refuses what is not on its way, or arrived before."""
    order = lock_one(Order, order_id)
    if order.point_id is None or order.state != "ready" or order.arrived_at is not None:
        raise Refused(_("Dieses Paket ist hier nicht unterwegs."), "not_on_its_way")
    order.arrived_at = now()
    states.record_event(order, order.state, "arrived")
    letters.send_ready(order)
    session.flush()
    return order


def reject(order_id: UUID, reason: str) -> Order:
    """The shop cannot supply it: cancelled, money back the way it came, pieces back on sale. Needs a reason."""
    tidy = " ".join(reason.split())
    if not 3 <= len(tidy) <= MAX_REASON_CHARS:
        raise Invalid(_("Bitte nennen Sie einen Grund in wenigen Worten."), "reason_missing", field="reason")
    order = lock_one(Order, order_id)
    _end(order, "rejected", tidy)
    letters.send_rejection(order, tidy)
    session.flush()
    return order


def cancel(order_id: UUID) -> Order:
    """The shopper changed their mind before the shop began. The group's other orders go on.

    Refuses (`Refused`, "too_late") once the shop has accepted; then withdrawal by law remains.
    """
    order = lock_one(Order, order_id)
    if order.state != "new":
        raise Refused(
            _(
                "%(shop)s hat die Bestellung schon angenommen. "
                "Bitte rufen Sie dort an oder widerrufen Sie den Vertrag.",
                shop=order.outlet.name,
            ),
            "too_late",
        )
    _end(order, "cancelled", "")
    letters.send_cancellation(order)
    session.flush()
    return order


def _end(order: Order, verb: str, reason: str) -> None:
    states.move(order, "cancelled", verb, reason)
    order.code_box = None
    reservations.release(order.id)
    booking.release(order.id)
    session.flush()
    if order.group.payment_id:
        refunding.refund_share(order.group.payment_id, order.id, key=f"{verb}:{order.id}", reason=reason or verb)
    audit.record(f"order.{verb}", "shop_order", order.id, reason=reason)
