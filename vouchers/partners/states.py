"""The words of messages and deliveries, and when a delivery is tried again. Decision 0314."""

from datetime import timedelta
from enum import StrEnum


class WebhookEventKind(StrEnum):
    """What a message is about, as the interface calls it."""

    REDEMPTION_CREATED = "redemption.created"
    REDEMPTION_VOIDED = "redemption.voided"
    REDEMPTION_REFUNDED = "redemption.refunded"
    HOLD_CREATED = "hold.created"
    HOLD_CAPTURED = "hold.captured"
    HOLD_RELEASED = "hold.released"
    TEST = "test"  # sent by hand, about nothing


class DeliveryState(StrEnum):
    """What became of a message on its way to one server."""

    WAITING = "waiting"  # not sent yet, or to be tried again
    DELIVERED = "delivered"  # the server answered with 200 to 299
    GIVEN_UP = "given_up"  # tried too often, or the server wants nothing more (410)


# Which event a sealed document is.
EVENTS = {
    "voucher.redeem": WebhookEventKind.REDEMPTION_CREATED,
    "voucher.void": WebhookEventKind.REDEMPTION_VOIDED,
    "voucher.refund": WebhookEventKind.REDEMPTION_REFUNDED,
    "voucher.hold": WebhookEventKind.HOLD_CREATED,
    "voucher.capture": WebhookEventKind.HOLD_CAPTURED,
    "voucher.release": WebhookEventKind.HOLD_RELEASED,
}
# How long to wait after the first, second, … failed try; after the last one the delivery is given up.
RETRY_DELAYS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
# A server that fails again and again is left alone for a while, whatever waits for it: others' messages go first.
REST_DELAYS = tuple(timedelta(seconds=seconds) for seconds in (0, 5, 30, 60, 120, 300, 600))


def is_retried(state: str, tries: int) -> bool:
    """Whether a try of a delivery failed and another one follows."""
    return state == DeliveryState.WAITING and tries > 0
