"""Places in windows: kept for a draft, taken by an order, given back. The windows' rows are locked in id order.

Decision 0503.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from foundation.clock import now
from foundation.database import lock, session
from marketplace.handover import errors
from marketplace.handover.models import HandoverWindow, WindowBooking, WindowHold
from marketplace.handover.windows import Window, count_occupied


def hold(checkout_id: UUID, chosen: Mapping[UUID, Window], until: datetime) -> None:
    """Keep a place for each shop's part (by outlet) instead of what the draft held before.

    Refuses (`window_full`, with `outlets`) when a window has no place left; then nothing is changed.
    """
    for window in sorted(chosen.values(), key=lambda w: w.id):
        _insert_row(window)
    lock(HandoverWindow, [window.id for window in chosen.values()])
    taken = count_occupied({window.id for window in chosen.values()}, besides=checkout_id)
    full = []
    for outlet_id, window in chosen.items():
        taken[window.id] = taken.get(window.id, 0) + 1
        if taken[window.id] > window.place.capacity:
            full.append(str(outlet_id))
    if full:
        raise errors.window_full(full)
    drop_holds(checkout_id)
    session.add_all(
        WindowHold(checkout_id=checkout_id, outlet_id=outlet, window_id=window.id, expires_at=until)
        for outlet, window in chosen.items()
    )
    session.flush()


def drop_holds(checkout_id: UUID) -> None:
    """Let go of the places a draft held."""
    session.execute(sa.delete(WindowHold).where(WindowHold.checkout_id == checkout_id))


def book(checkout_id: UUID, orders: Mapping[UUID, tuple[UUID, UUID]]) -> None:
    """Turn a draft's holds into places of its orders: order id -> (outlet id, window id).

    Refuses like `hold` when a hold ran out and the window is full now.
    """
    rows = {row.id: row for row in lock(HandoverWindow, [window for _outlet, window in orders.values()])}
    taken = count_occupied(rows, besides=checkout_id)
    full = []
    for outlet_id, window_id in orders.values():
        taken[window_id] = taken.get(window_id, 0) + 1
        if taken[window_id] > rows[window_id].capacity:
            full.append(str(outlet_id))
    if full:
        raise errors.window_full(full)
    drop_holds(checkout_id)
    session.add_all(WindowBooking(order_id=order, window_id=pair[1]) for order, pair in orders.items())
    session.flush()


def move(order_id: UUID, window: Window) -> None:
    """Give an order a place in another window."""
    _insert_row(window)
    session.execute(
        sa.update(WindowBooking)
        .where(WindowBooking.order_id == order_id)
        .values(window_id=window.id)
        .execution_options(synchronize_session=False)
    )


def keep_chosen(checkout_id: UUID, chosen: Mapping[UUID, UUID], until: datetime) -> None:
    """Give places that a draft's orders had back to the draft, by outlet; they were taken, so nothing is counted."""
    drop_holds(checkout_id)
    session.add_all(
        WindowHold(checkout_id=checkout_id, outlet_id=outlet, window_id=window_id, expires_at=until)
        for outlet, window_id in chosen.items()
    )
    session.flush()


def release(order_id: UUID) -> None:
    """Give back the place that an order has in its window, once."""
    session.execute(
        sa.update(WindowBooking)
        .where(WindowBooking.order_id == order_id, WindowBooking.released_at.is_(None))
        .values(released_at=now())
        .execution_options(synchronize_session=False)
    )


def _insert_row(window: Window) -> None:
    """The window's row, with the number of places that its place has today."""
    place = window.place
    values = {
        "id": window.id,
        "outlet_id": None if place.is_point else place.id,
        "point_id": place.id if place.is_point else None,
        "starts_at": window.starts_at,
        "ends_at": window.ends_at,
        "capacity": place.capacity,
    }
    statement = insert(HandoverWindow).values(values)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["id"],
            set_={"capacity": place.capacity},
            where=HandoverWindow.capacity != place.capacity,
        )
    )
