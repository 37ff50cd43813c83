"""The words for cards, their ways and their payment, and which state may follow which. The database checks them too."""

from enum import StrEnum

from foundation.languages import lazy


class CardState(StrEnum):
    """Where a card is. No card is worth anything before it is activated."""

    STOCK = "stock"  # with the issuer
    SENT = "sent"  # on its way to a counter
    RECEIVED = "received"  # at a counter
    LOST = "lost"  # blocked: it cannot be sold
    ACTIVATED = "activated"  # sold: its voucher exists
    DESTROYED = "destroyed"  # the end, also of a sale that was taken back


class CardMovementKind(StrEnum):
    """What a person does with a range of cards."""

    PRODUCED = "made"  # a batch came into being
    SENT = "sent"  # to a counter
    RECEIVED = "received"  # it arrived there
    RETURNED = "returned"  # it came back
    LOST = "lost"
    FOUND = "found"  # what was lost came back
    DESTROYED = "destroyed"


class CounterTender(StrEnum):
    """How a buyer paid at a counter."""

    CASH = "cash"
    CARD = "card"  # the counter's own terminal


TENDER_NAMES = {CounterTender.CASH.value: lazy("bar"), CounterTender.CARD.value: lazy("EC-Karte")}
AT_COUNTER = (CardState.SENT, CardState.RECEIVED)
# The state that follows a movement: `returned` and `found` bring cards home.
STATE_AFTER = {
    CardMovementKind.PRODUCED: CardState.STOCK,
    CardMovementKind.SENT: CardState.SENT,
    CardMovementKind.RECEIVED: CardState.RECEIVED,
    CardMovementKind.RETURNED: CardState.STOCK,
    CardMovementKind.LOST: CardState.LOST,
    CardMovementKind.FOUND: CardState.STOCK,
    CardMovementKind.DESTROYED: CardState.DESTROYED,
}
# The states in which cards can be moved like that.
STATES_BEFORE = {
    CardMovementKind.SENT: (CardState.STOCK,),
    CardMovementKind.RECEIVED: (CardState.SENT,),
    CardMovementKind.RETURNED: (CardState.SENT, CardState.RECEIVED),
    CardMovementKind.LOST: (CardState.STOCK, CardState.SENT, CardState.RECEIVED),
    CardMovementKind.FOUND: (CardState.LOST,),
    CardMovementKind.DESTROYED: (CardState.STOCK, CardState.SENT, CardState.RECEIVED, CardState.LOST),
}
