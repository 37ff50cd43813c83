"""What a shop takes, how it hands over, and the symbols that stand for how something is."""

from enum import StrEnum


class PaymentKind(StrEnum):
    """A way to pay that a shop takes."""

    VOUCHER = "voucher"  # an order, with a voucher
    CARD = "card"  # an order, by card
    SEPA = "sepa"  # an order, by direct debit
    PICKUP = "pickup"  # an order, at the counter when it is collected
    CASH = "cash"  # at the counter only
    EC = "ec"  # at the counter only, with a Girocard


class HandoverKind(StrEnum):
    """A way to get what was ordered. A shop with none sells at the counter only."""

    SHOP = "shop"  # collected in the shop
    POINT = "point"  # collected at a pick-up point
    DELIVERY = "delivery"  # brought; said in the shop window, not ordered here yet


COLLECTED = frozenset({HandoverKind.SHOP, HandoverKind.POINT})  # what the checkout offers


class Signal(StrEnum):
    """The symbol and colour beside a short sentence; names of the macro `ui.status`."""

    OK = "ok"  # it can be had, it is done
    WAIT = "wait"  # later, or on request
    INFO = "info"  # under way
    OFF = "off"  # not here, over
