"""The payable "order_group": what a group owes, and what happens when its payment is certain or came to nothing."""

from uuid import UUID

import sqlalchemy as sa

from foundation.clock import now
from foundation.database import lock, lock_one, session, uuid7
from foundation.errors import NotFound, Refused
from foundation.languages import _
from foundation.links import absolute_url
from marketplace.cart.models import Cart, CartLine, Checkout, CheckoutPart
from marketplace.catalogue.models import Offer
from marketplace.checkout import amount_due
from marketplace.checkout.steps import DRAFT_HOLD_TTL
from marketplace.handover import booking, windows
from marketplace.handover.models import WindowHold
from marketplace.orders import codes, letters, states
from marketplace.orders.links import make_page_url
from marketplace.orders.models import Order, OrderGroup, OrderLine
from marketplace.stock import reservations
from money.methods.pickup import METHOD as PICKUP
from money.payments.models import PaymentShare, Tender, TenderPart
from money.payments.payables import AmountDue


class OrderGroupPayable:
    """Groups of orders as something to be paid."""

    kind = "order_group"

    def owed(self, ref_id: UUID) -> AmountDue:
        """The sum of the orders. Refuses a group that is paid or came to nothing."""
        group = session.get(OrderGroup, ref_id)
        if group is None:
            raise NotFound(_("Diese Bestellung gibt es nicht."))
        if group.state != "pending":
            raise Refused(_("Diese Bestellung ist nicht mehr zu bezahlen."), "group_closed")
        return amount_due.calculate_group_due(group)

    def secured(self, ref_id: UUID, payment_id: UUID) -> None:
        """The shops get their orders, the shopper the codes; the basket is closed. A second call changes nothing."""
        group = lock_one(OrderGroup, ref_id)
        if group.state != "pending":
            return
        group.state, group.secured_at, group.payment_id = "placed", now(), payment_id
        due = _due(payment_id)
        orders = _locked(group)
        for order in orders:
            order.due_cents = due.get(order.id, 0)
            codes.assign_code(order)
            states.move(order, "new", "secured")
            _move_if_over(order)
        _close(group, orders)
        session.execute(sa.delete(Checkout).where(Checkout.cart_id == group.cart_id))
        session.flush()
        letters.send_confirmation(group, orders)
        for order in orders:
            letters.send_order_to_shop(order)

    def failed(self, ref_id: UUID, payment_id: UUID, reason: str) -> None:
        """Pieces and places go back to the draft for another 15 minutes; basket and choices stay, another try gets a
        new key."""
        group = lock_one(OrderGroup, ref_id)
        if group.state != "pending":
            return
        group.state = "failed"
        wanted: dict[UUID, int] = {}
        for order in _locked(group):
            states.move(order, "expired", "payment_failed", reason)
            reservations.release(order.id)
            booking.release(order.id)
            wanted |= {line.offer_id: line.quantity for line in order.lines}
        session.flush()
        _open_again(group.cart_id)
        _back_to_draft(group, wanted)
        if reason == "debit_failed":  # days later: nobody sits at the page any more
            letters.send_not_paid(group)

    def page(self, ref_id: UUID) -> str:
        """The orders; after a failure the choice of how to pay."""
        group = session.get(OrderGroup, ref_id)
        if group is None:
            raise NotFound(_("Diese Bestellung gibt es nicht."))
        return absolute_url("storefront.checkout_pay") if group.state == "failed" else make_page_url(group.id)


PAYABLE = OrderGroupPayable()


def _due(payment_id: UUID) -> dict[UUID, int]:
    """What each order still has to be paid at the counter."""
    query = (
        sa.select(PaymentShare.ref_id, TenderPart.cents)
        .join(TenderPart, TenderPart.share_id == PaymentShare.id)
        .join(Tender, Tender.id == TenderPart.tender_id)
        .where(PaymentShare.payment_id == payment_id, Tender.method == PICKUP.key)
    )
    return {row[0]: int(row[1]) for row in session.execute(query)}


def _move_if_over(order: Order) -> None:
    """A debit takes days: when its window has begun before the money was there, the order gets the next free one."""
    if order.starts_at > now():
        return
    query = sa.select(Offer.storage_class, Offer.kind).join(OrderLine, OrderLine.offer_id == Offer.id)
    goods = session.execute(query.where(OrderLine.order_id == order.id)).all()
    found = windows.list_places(
        order.outlet, {row.storage_class for row in goods}, goods_only=all(row.kind == "goods" for row in goods)
    )
    for place in found:
        if place.id == (order.point_id or order.outlet_id):
            for window in windows.list_windows(place)[:1]:
                booking.move(order.id, window)
                order.starts_at, order.ends_at = window.starts_at, window.ends_at
                session.flush()
                states.record_event(order, order.state, "moved", _("Das Geld kam erst nach der gewählten Abholzeit."))


def _locked(group: OrderGroup) -> list[Order]:
    ids = session.scalars(sa.select(Order.id).where(Order.group_id == group.id))
    return sorted(lock(Order, ids), key=lambda order: order.number)


def _close(group: OrderGroup, orders: list[Order]) -> None:
    """The basket is done. What came into a person's basket meanwhile (signing in merges) waits in a new one."""
    for cart in lock(Cart, [group.cart_id]):
        was_open, cart.closed_at = cart.closed_at is None, now()
        session.flush()
        ordered = [line.offer_id for order in orders for line in order.lines]
        rest = sa.select(CartLine).where(CartLine.cart_id == cart.id, CartLine.offer_id.not_in(ordered))
        lines = list(session.scalars(rest)) if was_open and cart.person_id else []
        if lines:
            new = Cart(person_id=cart.person_id)
            session.add(new)
            session.flush()
            for line in lines:
                line.cart_id = new.id


def _open_again(cart_id: UUID) -> None:
    """A basket set aside for a debit is open again, unless its owner has filled another one meanwhile."""
    for cart in lock(Cart, [cart_id]):
        other = sa.select(Cart.id).where(Cart.person_id == cart.person_id, Cart.closed_at.is_(None), Cart.id != cart.id)
        if cart.person_id is None or session.scalar(other) is None:
            cart.closed_at = None
    session.flush()


def _back_to_draft(group: OrderGroup, wanted: dict[UUID, int]) -> None:
    row = session.scalars(sa.select(Checkout).where(Checkout.cart_id == group.cart_id)).one_or_none()
    if row is None:
        return
    row.key, row.held_until = uuid7(), now() + DRAFT_HOLD_TTL
    booking.drop_holds(row.id)
    try:
        reservations.hold(row.id, wanted, row.held_until)
    except Refused:  # the shop counted anew meanwhile: the basket's page will say so
        row.held_until = None
    parts = session.scalars(sa.select(CheckoutPart).where(CheckoutPart.checkout_id == row.id))
    for part in parts:
        part.order_id = uuid7()
        if part.window_id and row.held_until:
            session.add(
                WindowHold(
                    checkout_id=row.id, outlet_id=part.outlet_id, window_id=part.window_id, expires_at=row.held_until
                )
            )
    session.flush()
