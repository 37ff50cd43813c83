"""What an order and a group of orders can be, and what may follow what. Decision 0502."""

from enum import StrEnum

from foundation.languages import lazy
from marketplace.shops.states import Signal


class GroupState(StrEnum):
    """How far the payment of a group of orders is."""

    PENDING = "pending"  # the payment is under way
    PLACED = "placed"  # the payment is certain, the shops have their orders
    FAILED = "failed"  # the payment came to nothing; the basket may try again


class OrderState(StrEnum):
    """How far one shop's part is."""

    PENDING = "pending"  # waits for the payment
    NEW = "new"  # paid or promised, the shop has not looked at it yet
    ACCEPTED = "accepted"  # the shop prepares it
    READY = "ready"  # packed; with a pick-up point perhaps still on its way there
    HANDED_OVER = "handed_over"  # the shopper has it
    CANCELLED = "cancelled"  # by the shopper or the shop, the money goes back
    EXPIRED = "expired"  # its payment failed


TRANSITIONS: dict[str, frozenset[OrderState]] = {
    OrderState.PENDING: frozenset({OrderState.NEW, OrderState.EXPIRED}),
    OrderState.NEW: frozenset({OrderState.ACCEPTED, OrderState.CANCELLED}),
    OrderState.ACCEPTED: frozenset({OrderState.READY, OrderState.CANCELLED}),
    OrderState.READY: frozenset({OrderState.HANDED_OVER, OrderState.CANCELLED}),
    OrderState.HANDED_OVER: frozenset(),
    OrderState.CANCELLED: frozenset(),
    OrderState.EXPIRED: frozenset(),
}
OPEN_STATES = (OrderState.NEW, OrderState.ACCEPTED, OrderState.READY)
ENDED_STATES = (OrderState.HANDED_OVER, OrderState.CANCELLED)
UNSEEN_STATES = (OrderState.PENDING, OrderState.EXPIRED)  # not shown to shops and points
LABELS: dict[str, object] = {
    OrderState.PENDING: lazy("wartet auf die Zahlung"),
    OrderState.NEW: lazy("neu"),
    OrderState.ACCEPTED: lazy("angenommen"),
    OrderState.READY: lazy("bereit"),
    OrderState.HANDED_OVER: lazy("übergeben"),
    OrderState.CANCELLED: lazy("storniert"),
    OrderState.EXPIRED: lazy("nicht zustande gekommen"),
}
SIGNALS: dict[str, Signal] = {
    OrderState.PENDING: Signal.WAIT,
    OrderState.NEW: Signal.INFO,
    OrderState.ACCEPTED: Signal.INFO,
    OrderState.READY: Signal.OK,
    OrderState.HANDED_OVER: Signal.OK,
    OrderState.CANCELLED: Signal.OFF,
    OrderState.EXPIRED: Signal.OFF,
}
