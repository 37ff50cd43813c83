"""Questions about orders: for shoppers, for a shop's desk, for a pick-up point."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from uuid import UUID

import sqlalchemy as sa

from foundation.clock import BERLIN, today
from foundation.database import session
from foundation.languages import _, show_day_and_time
from marketplace.orders import codes, errors
from marketplace.orders.models import HandOver, Order, OrderEvent, OrderGroup
from marketplace.orders.states import ENDED_STATES, OPEN_STATES, UNSEEN_STATES, GroupState, OrderState
from money.errors import order_unknown

PAGE_SIZE = 50


def load_group(group_id: UUID) -> OrderGroup:
    """Load a group of orders as it is now. Refuses (`order_unknown`) ids of none."""
    found = session.get(OrderGroup, group_id, populate_existing=True)
    if found is None:
        raise order_unknown()
    return found


def list_orders(group_id: UUID) -> list[Order]:
    """List a group's orders by number."""
    return _orders(sa.select(Order).where(Order.group_id == group_id).order_by(Order.number))


def find_pending_group(cart_id: UUID) -> OrderGroup | None:
    """Find the group of this basket whose payment is under way."""
    query = sa.select(OrderGroup).where(OrderGroup.cart_id == cart_id, OrderGroup.state == GroupState.PENDING)
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def list_groups(person_id: UUID, limit: int = PAGE_SIZE) -> list[OrderGroup]:
    """List what a person ordered, newest first."""
    query = sa.select(OrderGroup).where(OrderGroup.person_id == person_id, OrderGroup.state == GroupState.PLACED)
    return list(session.scalars(query.order_by(OrderGroup.id.desc()).limit(limit)))


def list_events(order_ids: Iterable[UUID]) -> dict[UUID, list[OrderEvent]]:
    """List what happened to some orders, oldest first, by order."""
    found: dict[UUID, list[OrderEvent]] = {}
    query = sa.select(OrderEvent).where(OrderEvent.order_id.in_(list(order_ids))).order_by(OrderEvent.at, OrderEvent.id)
    for event in session.scalars(query):
        found.setdefault(event.order_id, []).append(event)
    return found


def load_hand_over(order_id: UUID) -> HandOver | None:
    """Load the hand-over of an order; nothing before it."""
    return session.get(HandOver, order_id)


def load_order_at_outlets(outlet_ids: Iterable[UUID], order_id: UUID) -> Order:
    """Load one order of these shops. Refuses others with the same words as unknown ones."""
    return _one(Order.outlet_id.in_(list(outlet_ids)), order_id)


def load_order_at_points(point_ids: Iterable[UUID], order_id: UUID) -> Order:
    """Load one parcel of these pick-up points. Refuses others with the same words as unknown ones."""
    return _one(Order.point_id.in_(list(point_ids)), order_id)


def list_to_do(outlet_ids: Iterable[UUID]) -> list[Order]:
    """List what the shops have to do: new orders first, then by the time of collecting; at most 200."""
    rank = sa.case({state: place for place, state in enumerate(OPEN_STATES)}, value=Order.state)
    query = sa.select(Order).where(Order.outlet_id.in_(list(outlet_ids)), Order.state.in_(OPEN_STATES))
    return _orders(query.order_by(rank, Order.starts_at, Order.id).limit(200))


def list_due_today(outlet_ids: Iterable[UUID]) -> list[Order]:
    """List open orders that are to be collected from these shops today, in the shop or at a point, by time."""
    begin, end = _day()
    query = sa.select(Order).where(
        Order.outlet_id.in_(list(outlet_ids)),
        Order.state.in_(OPEN_STATES),
        Order.starts_at >= begin,
        Order.starts_at < end,
    )
    return _orders(query.order_by(Order.starts_at, Order.id))


def list_ended(outlet_ids: Iterable[UUID], before: UUID | None = None) -> list[Order]:
    """List orders that came to an end, newest first, a page at a time."""
    query = sa.select(Order).where(Order.outlet_id.in_(list(outlet_ids)), Order.state.in_(ENDED_STATES))
    if before:
        query = query.where(Order.id < before)
    return _orders(query.order_by(Order.id.desc()).limit(PAGE_SIZE))


def list_parcels(point_ids: Iterable[UUID]) -> list[Order]:
    """List what is on its way to these points or lies there, by time; at most 300."""
    query = sa.select(Order).where(Order.point_id.in_(list(point_ids)), Order.state.in_(OPEN_STATES))
    return _orders(query.order_by(Order.arrived_at.is_(None), Order.starts_at, Order.id).limit(300))


def list_handed_over_today(point_ids: Iterable[UUID]) -> list[Order]:
    """List what these points gave out today, newest first."""
    begin, end = _day()
    query = sa.select(Order).join(HandOver, HandOver.order_id == Order.id)
    query = query.where(Order.point_id.in_(list(point_ids)), HandOver.at >= begin, HandOver.at < end)
    return _orders(query.order_by(HandOver.at.desc()))


def find_orders(text: str, *, outlet_ids: Iterable[UUID] = (), point_ids: Iterable[UUID] = ()) -> list[Order]:
    """Find orders of these shops or points by pick-up code, number, or the beginning of a word of the name."""
    stripped = " ".join(text[:80].split())
    if not stripped:
        return []
    here = sa.or_(Order.outlet_id.in_(list(outlet_ids)), Order.point_id.in_(list(point_ids)))
    query = (
        sa.select(Order)
        .join(OrderGroup, OrderGroup.id == Order.group_id)
        .where(here, Order.state != OrderState.PENDING)
    )
    digits = codes.parse_code(stripped)
    if digits:
        return _orders(query.where(Order.code_hash == codes.hash_code(digits)))
    if len(stripped) < 2:
        return []
    safe = stripped.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
    word = sa.or_(OrderGroup.name.ilike(f"{safe}%"), OrderGroup.name.ilike(f"% {safe}%"))
    number = Order.number.ilike(f"%{safe}%")
    return _orders(query.where(Order.state.in_(OPEN_STATES), sa.or_(word, number)).order_by(Order.starts_at).limit(20))


def _one(here: sa.ColumnElement[bool], order_id: UUID) -> Order:
    query = sa.select(Order).where(Order.id == order_id, here, Order.state.not_in(UNSEEN_STATES))
    found = _orders(query)
    if not found:
        raise errors.order_unknown_here()
    return found[0]


def _orders(query: sa.Select[Order]) -> list[Order]:
    return list(session.scalars(query.execution_options(populate_existing=True)).unique())


def _day() -> tuple[datetime, datetime]:
    begin = datetime.combine(today(), time(), BERLIN)
    return begin, datetime.combine(today() + timedelta(days=1), time(), BERLIN)


def describe_evidence(order: Order) -> str:
    """Say of one order what is known when its payment is disputed: number, shop, and the hand-over."""
    done = session.get(HandOver, order.id)
    values = {"number": order.number, "shop": order.outlet.name, "at": show_day_and_time(order.created_at)}
    if done is None:
        return _("%(number)s bei %(shop)s, bestellt am %(at)s, noch nicht übergeben.", **values)
    values["done"] = show_day_and_time(done.at)
    if done.by_code:
        return _("%(number)s bei %(shop)s, bestellt am %(at)s, mit Abholcode übergeben am %(done)s.", **values)
    return _("%(number)s bei %(shop)s, bestellt am %(at)s, übergeben am %(done)s.", **values)
