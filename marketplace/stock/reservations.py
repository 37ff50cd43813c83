"""How many of an offer can still be sold, and who has pieces of it.

Available = on hand − holds of drafts that have not run out − pieces of orders not yet handed over. Offers are locked
in the order of their ids; an offer whose stock is not counted (services, "please ask") needs no hold.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from foundation.clock import now
from foundation.database import Time, call, lock, session
from foundation.errors import Refused
from foundation.languages import _
from marketplace.catalogue.models import Offer, Stock
from marketplace.orders.models import OrderLine, StockAllocation, StockHold


@lru_cache(maxsize=2)
def _left(with_draft: bool) -> Any:
    held = sa.select(sa.func.coalesce(sa.func.sum(StockHold.quantity), 0)).where(
        StockHold.offer_id == Stock.offer_id, StockHold.expires_at > sa.bindparam("now", type_=Time)
    )
    if with_draft:
        held = held.where(StockHold.checkout_id != sa.bindparam("besides", type_=sa.Uuid()))
    taken = sa.select(sa.func.coalesce(sa.func.sum(StockAllocation.quantity), 0)).where(
        StockAllocation.offer_id == Stock.offer_id, _open()
    )
    left = Stock.on_hand - held.scalar_subquery() - taken.scalar_subquery()
    wanted = sa.bindparam("wanted", type_=ARRAY(sa.Uuid()))
    return sa.select(Stock.offer_id, Stock.on_hand, left.label("left")).where(Stock.offer_id == sa.func.any(wanted))


def _counted(wanted: list[UUID], rows: Iterable[Any]) -> dict[UUID, int | None]:
    found: dict[UUID, int | None] = dict.fromkeys(wanted)
    for row in rows:
        found[row.offer_id] = None if row.on_hand is None else max(0, int(row.left))
    return found


def count_available(offer_ids: Iterable[UUID], *, besides: UUID | None = None) -> dict[UUID, int | None]:
    """What can be sold of each offer. None: not counted, the shop has to be asked. `besides`: a draft whose own
    holds do not count against it."""
    wanted = list(offer_ids)
    if not wanted:
        return {}
    values = {"now": now(), "wanted": wanted} | ({"besides": besides} if besides else {})
    return _counted(wanted, session.execute(_left(besides is not None), values))


def count_for_display(offer_ids: Iterable[UUID]) -> dict[UUID, int | None]:
    """The same for pages that only show it: one round trip, outside of any transaction."""
    wanted = list(offer_ids)
    return _counted(wanted, call(_left(False), now=now(), wanted=wanted)) if wanted else {}


def hold(checkout_id: UUID, wanted: Mapping[UUID, int], until: datetime) -> None:
    """Keep `wanted` pieces for a draft until then, instead of what it held before. Refuses (`Refused`, "stock_short",
    `left` by offer) when there are not enough; then nothing is changed."""
    lock(Offer, wanted)
    left = _enough(wanted, checkout_id)
    drop_holds(checkout_id)
    session.add_all(
        StockHold(checkout_id=checkout_id, offer_id=offer, quantity=quantity, expires_at=until)
        for offer, quantity in wanted.items()
        if left[offer] is not None
    )
    session.flush()


def drop_holds(checkout_id: UUID) -> None:
    """Let go of what a draft held."""
    session.execute(sa.delete(StockHold).where(StockHold.checkout_id == checkout_id))


def allocate(checkout_id: UUID, lines: Iterable[OrderLine]) -> None:
    """Turn a draft's holds into pieces of its orders. Refuses like `hold` when a hold ran out and they are gone."""
    taken = list(lines)
    wanted = {line.offer_id: line.quantity for line in taken}
    lock(Offer, wanted)
    left = _enough(wanted, checkout_id)
    drop_holds(checkout_id)
    session.add_all(
        StockAllocation(order_line_id=line.id, offer_id=line.offer_id, quantity=line.quantity)
        for line in taken
        if left[line.offer_id] is not None
    )
    session.flush()


def release(order_id: UUID) -> None:
    """Put an order's pieces back on sale. Pieces already handed over stay where they are."""
    session.execute(
        sa.update(StockAllocation)
        .where(StockAllocation.order_line_id.in_(_lines_of(order_id)), _open())
        .values(released_at=now())
        .execution_options(synchronize_session=False)
    )


def fulfil(order_id: UUID) -> None:
    """Take an order's pieces off the shelf: they are handed over. A shelf counted too low is left at nothing."""
    query = sa.select(StockAllocation).where(StockAllocation.order_line_id.in_(_lines_of(order_id)), _open())
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


def _open() -> sa.ColumnElement[bool]:
    return sa.and_(StockAllocation.fulfilled_at.is_(None), StockAllocation.released_at.is_(None))


def _lines_of(order_id: UUID) -> sa.Select[UUID]:
    return sa.select(OrderLine.id).where(OrderLine.order_id == order_id)


def _enough(wanted: Mapping[UUID, int], checkout_id: UUID) -> dict[UUID, int | None]:
    left = count_available(wanted, besides=checkout_id)
    short = {offer: have for offer, have in left.items() if have is not None and have < wanted[offer]}
    if short:
        raise Refused(
            _("Etwas aus Ihrem Warenkorb ist inzwischen nicht mehr in dieser Menge da. Der Rest bleibt liegen."),
            "stock_short",
            left={str(offer): have for offer, have in short.items()},
        )
    return left
