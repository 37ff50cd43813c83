"""The hand-over: once, by code, and what is still to be paid is collected. Called by the desk and the points.

Decision 0505.
"""

from uuid import UUID

from foundation import audit
from foundation.database import lock_one, session
from marketplace.orders import codes, errors, history
from marketplace.orders.models import HandOver, Order
from marketplace.orders.states import OrderState
from marketplace.stock import reservations
from money.methods import pickup


def hand_over(order_id: UUID, *, code: str | None, seen: bool = False, collected: bool = False) -> HandOver:
    """Give the goods to whoever says the code; `seen`: without code, to somebody whom staff checked another way.

    Refuses a wrong code, a second hand-over, an order that is not ready or not at its point yet, and unpaid goods
    whose money is not `collected` or was taken back by the payer's bank.
    """
    order = lock_one(Order, order_id)
    if order.state == OrderState.HANDED_OVER:
        raise errors.handed_over_already()
    by_code = _check_code(order, code, seen)
    if order.point_id is not None and order.arrived_at is None and order.state == OrderState.READY:
        raise errors.not_arrived()
    if order.due_cents and not collected:
        raise errors.not_collected()
    if order.is_frozen:
        raise errors.money_taken_back()
    history.move(order, OrderState.HANDED_OVER, "handed_over")
    cents = 0
    if order.due_cents and order.group.payment_id:
        cents = pickup.collect(order.group.payment_id, order.id)
    done = HandOver(order_id=order.id, actor=audit.current_actor(), by_code=by_code, collected_cents=cents)
    session.add(done)
    order.code_box = None
    reservations.fulfil(line.id for line in order.lines)
    audit.record("order.handed_over", "shop_order", order.id, by_code=by_code, collected_cents=cents)
    session.flush()
    return done


def _check_code(order: Order, code: str | None, seen: bool) -> bool:
    typed = codes.parse_code(code or "")
    if typed is None:
        if seen and not code:
            return False
        raise errors.pickup_code_missing()
    if codes.hash_code(typed) != order.code_hash:
        raise errors.pickup_code_wrong()
    return True
