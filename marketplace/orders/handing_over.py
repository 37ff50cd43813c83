"""The hand-over: once, by code, and what is still to be paid is collected. Called by the desk and the points."""

from uuid import UUID

from foundation import audit
from foundation.database import lock_one, session
from foundation.errors import Invalid, Refused
from foundation.languages import _
from marketplace.orders import codes, states
from marketplace.orders.models import HandOver, Order
from marketplace.stock import reservations
from money.methods import pickup


def hand_over(order_id: UUID, *, code: str | None, seen: bool = False, collected: bool = False) -> HandOver:
    """Give the goods to whoever says the code; `seen`: without code, to somebody whom staff checked another way.

    Refuses a wrong code (`Invalid`), a second hand-over (`Refused`, "handed_over"), an order that is not ready or not
    at its point yet, and unpaid goods whose money is not `collected`.
    """
    order = lock_one(Order, order_id)
    if order.state == "handed_over":
        raise Refused(_("Diese Bestellung ist schon übergeben. Der Code gilt kein zweites Mal."), "handed_over")
    by_code = _check_code(order, code, seen)
    if order.point_id is not None and order.arrived_at is None and order.state == "ready":
        raise Refused(_("Dieses Paket ist noch nicht angekommen."), "not_arrived")
    if order.due_cents and not collected:
        raise Invalid(_("Bitte kassieren Sie zuerst den offenen Betrag."), "not_collected", field="collected")
    states.move(order, "handed_over", "handed_over")
    cents = 0
    if order.due_cents and order.group.payment_id:
        cents = pickup.collect(order.group.payment_id, order.id)
    done = HandOver(order_id=order.id, actor=audit.current_actor(), by_code=by_code, collected_cents=cents)
    session.add(done)
    order.code_box = None
    reservations.fulfil(order.id)
    audit.record("order.handed_over", "shop_order", order.id, by_code=by_code, collected_cents=cents)
    session.flush()
    return done


def _check_code(order: Order, code: str | None, seen: bool) -> bool:
    typed = codes.parse_code(code or "")
    if typed is None:
        if seen and not code:
            return False
        raise Invalid(_("Bitte geben Sie den Abholcode ein: acht Ziffern."), "code_missing", field="code")
    if codes.hash_code(typed) != order.code_hash:
        raise Invalid(_("Dieser Code gehört nicht zu dieser Bestellung."), "code_wrong", field="code")
    return True
