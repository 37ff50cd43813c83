"""Deletes what nobody waits for. Holds run out by the clock; this only keeps the tables small. Decision 0501."""

from datetime import timedelta

import sqlalchemy as sa

from foundation.clock import now
from foundation.database import session
from foundation.jobs import job
from marketplace.cart.models import Cart
from marketplace.handover.models import WindowHold
from marketplace.orders.models import OrderGroup
from marketplace.stock.models import StockHold

EXPIRED_HOLD_AGE = timedelta(hours=1)
FORGOTTEN_CART_AGE = timedelta(days=60)


@job("marketplace.cleanup", every="*/10 * * * *")
def delete_expired() -> None:
    """Delete holds that ran out an hour ago, and guests' baskets that nobody touched for 60 days."""
    for model in (StockHold, WindowHold):
        session.execute(sa.delete(model).where(model.expires_at < now() - EXPIRED_HOLD_AGE))
    ordered = sa.select(OrderGroup.id).where(OrderGroup.cart_id == Cart.id).exists()
    forgotten = Cart.touched_at < now() - FORGOTTEN_CART_AGE
    session.execute(sa.delete(Cart).where(Cart.person_id.is_(None), forgotten, ~ordered))
