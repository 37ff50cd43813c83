"""The payable "order_group": what a group owes, and what happens when its payment is certain or came to nothing.

Decisions 0501 and 0502.
"""

from uuid import UUID

import sqlalchemy as sa

from foundation.clock import now
from foundation.database import lock, lock_one, session, uuid7
from foundation.errors import Refused
from foundation.languages import _
from foundation.links import absolute_url
from marketplace.cart import lifecycle
from marketplace.cart.models import Cart
from marketplace.catalogue.models import Offer
from marketplace.catalogue.states import OfferKind
from marketplace.checkout import errors
from marketplace.checkout.amount_due import calculate_group_due
from marketplace.checkout.draft import find_row, list_parts
from marketplace.checkout.models import Checkout
from marketplace.checkout.steps import DRAFT_HOLD_TTL
from marketplace.handover import booking, places, windows
from marketplace.orders import codes, history, mails, progress, queries
from marketplace.orders.links import make_page_url
from marketplace.orders.models import Order, OrderGroup, OrderLine
from marketplace.orders.states import GroupState, OrderState
from marketplace.stock import reservations
from money.errors import order_unknown
from money.payments import losing
from money.payments import queries as payments
from money.payments.payables import AmountDue, Loss
from money.payments.states import FailureReason


class OrderGroupPayable:
    """Groups of orders as something to be paid."""

    kind = "order_group"

    def load_due(self, ref_id: UUID) -> AmountDue:
        """Work out the sum of the orders. Refuses a group that is paid or came to nothing."""
        group = _load_group(ref_id)
        if group.state != GroupState.PENDING:
            raise errors.group_closed()
        return calculate_group_due(group)

    def on_secured(self, ref_id: UUID, payment_id: UUID) -> None:
        """Give the shops their orders and the shopper the codes; close the basket. A second call changes nothing."""
        group = lock_one(OrderGroup, ref_id)
        if group.state != GroupState.PENDING:
            return
        group.state, group.secured_at, group.payment_id = GroupState.PLACED, now(), payment_id
        due = payments.list_promised_cents(payment_id)
        orders = _lock_orders(group)
        for order in orders:
            order.due_cents = due.get(order.id, 0)
            codes.assign_code(order)
            history.move(order, OrderState.NEW, "secured")
            _move_if_over(order)
        lifecycle.close(group.cart_id, (line.offer_id for order in orders for line in order.lines))
        session.execute(sa.delete(Checkout).where(Checkout.cart_id == group.cart_id))
        session.flush()
        mails.send_confirmation(group, orders)
        for order in orders:
            mails.send_order_to_shop(order)

    def on_failed(self, ref_id: UUID, payment_id: UUID, reason: str) -> None:
        """Give pieces and places back to the draft for another 15 minutes.

        Basket and choices stay, another try gets a new key.
        """
        group = lock_one(OrderGroup, ref_id)
        if group.state != GroupState.PENDING:
            return
        group.state = GroupState.FAILED
        wanted: dict[UUID, int] = {}
        for order in _lock_orders(group):
            progress.expire(order, reason)
            wanted |= {line.offer_id: line.quantity for line in order.lines}
        session.flush()
        lifecycle.reopen(group.cart_id)
        _give_back_to_draft(group.cart_id, wanted)
        if reason == FailureReason.DEBIT_FAILED:  # days later: nobody sits at the page any more
            mails.send_not_paid(group)

    def on_money_lost(self, ref_id: UUID, loss: Loss) -> int:
        """Let nothing of the order be handed over any more; what was handed over in good faith stays. Takes nothing."""
        progress.freeze(lock_one(Order, loss.share_ref))
        return 0

    def on_money_back(self, ref_id: UUID, loss: Loss) -> int:
        """Let the order go on, unless other money of it is still gone."""
        order = lock_one(Order, loss.share_ref)
        if not losing.list_open(order.id):
            progress.thaw(order)
        return 0

    def on_loss_final(self, ref_id: UUID, share_ref: UUID) -> None:
        """Tell shopper and shop that a stopped order gets no money any more."""
        progress.announce_lost(lock_one(Order, share_ref))

    def list_evidence(self, ref_id: UUID) -> list[str]:
        """List the orders and when each was handed over."""
        orders = session.scalars(sa.select(Order).where(Order.group_id == ref_id).order_by(Order.number)).unique()
        return [queries.describe_evidence(order) for order in orders]

    def page_url(self, ref_id: UUID) -> str:
        """Lead to the orders; after a failure to the choice of how to pay."""
        group = _load_group(ref_id)
        failed = group.state == GroupState.FAILED
        return absolute_url("storefront.checkout_pay") if failed else make_page_url(group.id)


PAYABLE = OrderGroupPayable()


def _load_group(group_id: UUID) -> OrderGroup:
    group = session.get(OrderGroup, group_id)
    if group is None:
        raise order_unknown()
    return group


def _move_if_over(order: Order) -> None:
    """A debit takes days: when its window has begun before the money was there, the order gets the next free one."""
    if order.starts_at > now():
        return
    query = sa.select(Offer.storage_class, Offer.kind).join(OrderLine, OrderLine.offer_id == Offer.id)
    offers = session.execute(query.where(OrderLine.order_id == order.id)).all()
    goods_only = all(row.kind == OfferKind.GOODS for row in offers)
    for place in places.list_places(order.outlet, {row.storage_class for row in offers}, goods_only=goods_only):
        if place.id == (order.point_id or order.outlet_id):
            for window in windows.list_windows(place)[:1]:
                booking.move(order.id, window)
                order.starts_at, order.ends_at = window.starts_at, window.ends_at
                session.flush()
                history.record_event(order, order.state, "moved", _("Das Geld kam erst nach der gewählten Abholzeit."))


def _lock_orders(group: OrderGroup) -> list[Order]:
    ids = session.scalars(sa.select(Order.id).where(Order.group_id == group.id))
    return sorted(lock(Order, ids), key=lambda order: order.number)


def _give_back_to_draft(cart_id: UUID, quantities: dict[UUID, int]) -> None:
    row = find_row(cart_id)
    if row is None:
        return
    row.key, until = uuid7(), now() + DRAFT_HOLD_TTL
    cart = session.get_one(Cart, cart_id)
    try:
        reservations.hold(cart_id, quantities, until)
        cart.held_until = until
    except Refused:  # the shop counted anew meanwhile: the basket's page will say so
        cart.held_until = None
    chosen = {}
    for part in list_parts(row.id):
        part.order_id = uuid7()
        if part.window_id:
            chosen[part.outlet_id] = part.window_id
    booking.keep_chosen(row.id, chosen if cart.held_until else {}, until)
    session.flush()
