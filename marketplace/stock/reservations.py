"""Keeping pieces for a basket, giving them to its orders, releasing them, taking them off the shelf. Decision 0501.

Offers are locked in the order of their ids; an offer whose stock is not counted (services, "please ask") needs no hold.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from foundation.clock import now
from foundation.database import lock, session
from marketplace.catalogue.models import Offer, Stock
from marketplace.stock import errors
from marketplace.stock.models import StockAllocation, StockHold
from marketplace.stock.queries import count_available


@dataclass(frozen=True)
class StockClaim:
    """The pieces that one line of an order needs."""

    order_line_id: UUID
    offer_id: UUID
    quantity: int


def hold(cart_id: UUID, quantities: Mapping[UUID, int], until: datetime) -> None:
    """Keep `quantities` pieces (by offer) for a basket until then, instead of what it held before.

    Refuses (`stock_short`) when there are not enough; then nothing is changed.
    """
    lock(Offer, quantities)
    left = _require_enough(quantities, cart_id)
    drop_holds(cart_id)
    session.add_all(
        StockHold(cart_id=cart_id, offer_id=offer, quantity=quantity, expires_at=until)
        for offer, quantity in quantities.items()
        if left[offer] is not None
    )
    session.flush()


def drop_holds(cart_id: UUID) -> None:
    """Let go of what a basket held."""
    session.execute(sa.delete(StockHold).where(StockHold.cart_id == cart_id))


def allocate(cart_id: UUID, claims: Iterable[StockClaim]) -> None:
    """Turn a basket's holds into pieces of its orders. Refuses like `hold` when a hold ran out and they are gone."""
    claimed = list(claims)
    quantities = {claim.offer_id: claim.quantity for claim in claimed}
    lock(Offer, quantities)
    left = _require_enough(quantities, cart_id)
    drop_holds(cart_id)
    session.add_all(
        StockAllocation(order_line_id=claim.order_line_id, offer_id=claim.offer_id, quantity=claim.quantity)
        for claim in claimed
        if left[claim.offer_id] is not None
    )
    session.flush()


def release(order_line_ids: Iterable[UUID]) -> None:
    """Put the pieces of an order's lines back on sale. Pieces already handed over stay where they are."""
    session.execute(
        sa.update(StockAllocation)
        .where(StockAllocation.order_line_id.in_(list(order_line_ids)), StockAllocation.is_open())
        .values(released_at=now())
        .execution_options(synchronize_session=False)
    )


def fulfil(order_line_ids: Iterable[UUID]) -> None:
    """Take the pieces of an order's lines off the shelf: they are handed over. A shelf counted too low ends at zero."""
    query = sa.select(StockAllocation).where(
        StockAllocation.order_line_id.in_(list(order_line_ids)), StockAllocation.is_open()
    )
    taken = list(session.scalars(query))
    lock(Offer, [row.offer_id for row in taken])
    for row in taken:
        row.fulfilled_at = now()
        session.execute(
            sa.update(Stock)
            .where(Stock.offer_id == row.offer_id)
            .values(on_hand=sa.func.greatest(0, Stock.on_hand - row.quantity), updated_at=now())
            .execution_options(synchronize_session=False)
        )
    session.flush()


def _require_enough(quantities: Mapping[UUID, int], cart_id: UUID) -> dict[UUID, int | None]:
    left = count_available(quantities, besides=cart_id)
    short = {offer: have for offer, have in left.items() if have is not None and have < quantities[offer]}
    if short:
        raise errors.stock_short(short)
    return left
