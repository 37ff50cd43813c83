"""Clearing away what nobody waits for."""

from datetime import timedelta

import sqlalchemy as sa
from flask import Flask

from foundation import clock
from foundation.database import session, transact
from marketplace.cart.models import Cart, CartLine
from marketplace.checkout.cleanup import delete_expired
from marketplace.handover.models import WindowHold
from marketplace.stock.models import StockHold
from tests.builders import orders as build


def test_old_holds_and_forgotten_baskets_go_and_orders_stay(own_database: Flask) -> None:
    offer = build.offer(build.shop())
    made = build.ordered(offer)
    forgotten = build.cart(offer)
    draft = build.draft(forgotten)
    with clock.at(clock.now() + timedelta(hours=2)):
        transact(delete_expired)
        assert session.scalar(sa.select(StockHold.quantity).where(StockHold.cart_id == forgotten)) is None
        assert session.scalar(sa.select(WindowHold.window_id).where(WindowHold.checkout_id == draft)) is None
        assert session.scalar(sa.select(CartLine.quantity).where(CartLine.cart_id == forgotten)) == 1
    with clock.at(clock.now() + timedelta(days=61)):
        transact(delete_expired)
    left = set(session.scalars(sa.select(Cart.id)))
    assert left == {made.group.cart_id}
