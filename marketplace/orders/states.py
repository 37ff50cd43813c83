"""What may follow what in an order, as a table. The database checks the words; no step without its event."""

from foundation.audit import current_actor
from foundation.database import session
from foundation.errors import Refused
from foundation.languages import _, lazy
from marketplace.orders.models import Order, OrderEvent

TRANSITIONS: dict[str, frozenset[str]] = {
    "pending": frozenset({"new", "expired"}),
    "new": frozenset({"accepted", "cancelled"}),
    "accepted": frozenset({"ready", "cancelled"}),
    "ready": frozenset({"handed_over", "cancelled"}),
    "handed_over": frozenset(),
    "cancelled": frozenset(),
    "expired": frozenset(),
}
LABELS: dict[str, object] = {
    "pending": lazy("wartet auf die Zahlung"),
    "new": lazy("neu"),
    "accepted": lazy("angenommen"),
    "ready": lazy("bereit"),
    "handed_over": lazy("übergeben"),
    "cancelled": lazy("storniert"),
    "expired": lazy("nicht zustande gekommen"),
}
SIGNALS = {
    "pending": "wait",
    "new": "info",
    "accepted": "info",
    "ready": "ok",
    "handed_over": "ok",
    "cancelled": "off",
    "expired": "off",
}
OPEN = ("new", "accepted", "ready")


def move(order: Order, to: str, verb: str, reason: str = "") -> None:
    """The next state of an order that the caller has locked, with who and why. Refuses what the table forbids."""
    if to not in TRANSITIONS[order.state]:
        raise Refused(
            _("Das geht nicht mehr: Die Bestellung ist schon „%(state)s“.", state=LABELS[order.state]),
            "order_state",
            state=order.state,
        )
    before, order.state = order.state, to
    record_event(order, before, verb, reason)


def record_event(order: Order, before: str | None, verb: str, reason: str = "") -> None:
    """Write down what happened to an order."""
    session.add(
        OrderEvent(
            order_id=order.id,
            actor=current_actor(),
            verb=verb,
            from_state=before,
            to_state=order.state,
            reason=reason[:500],
        )
    )
