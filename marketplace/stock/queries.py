"""How many pieces can still be sold. Decision 0501.

Available = on hand − holds of baskets that have not run out − pieces of orders not yet handed over.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from foundation.clock import now
from foundation.database import Time, call, session
from marketplace.catalogue.models import Stock
from marketplace.stock.models import StockAllocation, StockHold


def count_available(offer_ids: Iterable[UUID], *, besides: UUID | None = None) -> dict[UUID, int | None]:
    """Count the pieces of each offer that can be sold. None: not counted, the shop has to be asked.

    `besides`: a basket whose own holds do not count against it.
    """
    offers = list(offer_ids)
    if not offers:
        return {}
    values = {"now": now(), "offers": offers} | ({"besides": besides} if besides else {})
    return _by_offer(offers, session.execute(_select_left(besides is not None), values))


def count_for_display(offer_ids: Iterable[UUID]) -> dict[UUID, int | None]:
    """Count the same for pages that only show it: one round trip, outside of any transaction."""
    offers = list(offer_ids)
    return _by_offer(offers, call(_select_left(False), now=now(), offers=offers)) if offers else {}


@lru_cache(maxsize=2)  # written once: putting a question together costs more than asking it
def _select_left(besides: bool) -> Any:
    held = sa.select(sa.func.coalesce(sa.func.sum(StockHold.quantity), 0)).where(
        StockHold.offer_id == Stock.offer_id, StockHold.expires_at > sa.bindparam("now", type_=Time)
    )
    if besides:
        held = held.where(StockHold.cart_id != sa.bindparam("besides", type_=sa.Uuid()))
    taken = sa.select(sa.func.coalesce(sa.func.sum(StockAllocation.quantity), 0)).where(
        StockAllocation.offer_id == Stock.offer_id, StockAllocation.is_open()
    )
    left = Stock.on_hand - held.scalar_subquery() - taken.scalar_subquery()
    offers = sa.bindparam("offers", type_=ARRAY(sa.Uuid()))
    return sa.select(Stock.offer_id, Stock.on_hand, left.label("left")).where(Stock.offer_id == sa.func.any(offers))


def _by_offer(offer_ids: list[UUID], rows: Iterable[Any]) -> dict[UUID, int | None]:
    found: dict[UUID, int | None] = dict.fromkeys(offer_ids)
    for row in rows:
        found[row.offer_id] = None if row.on_hand is None else max(0, int(row.left))
    return found
