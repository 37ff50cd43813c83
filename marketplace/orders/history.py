"""Steps of an order: the next state and the event that says who took it and why. No step without its event."""

from foundation.audit import current_actor
from foundation.database import session
from marketplace.orders import errors
from marketplace.orders.models import Order, OrderEvent
from marketplace.orders.states import TRANSITIONS, OrderState

MAX_REASON_CHARS = 500


def move(order: Order, to: OrderState, verb: str, reason: str = "") -> None:
    """Take the next state of an order that the caller has locked. Refuses (`order_state`) what the table forbids."""
    if to not in TRANSITIONS[order.state]:
        raise errors.order_state(order.state)
    before, order.state = order.state, to
    record_event(order, before, verb, reason)


def record_event(order: Order, before: str | None, verb: str, reason: str = "") -> None:
    """Write down what happened to an order; reasons are cut at 500 characters."""
    session.add(
        OrderEvent(
            order_id=order.id,
            actor=current_actor(),
            verb=verb,
            from_state=before,
            to_state=order.state,
            reason=reason[:MAX_REASON_CHARS],
        )
    )
