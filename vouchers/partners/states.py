"""The words of messages and deliveries, and when a delivery is tried again."""

from datetime import timedelta

# What was sealed, and how it is called outside.
EVENTS = {
    "voucher.redeem": "redemption.created",
    "voucher.void": "redemption.voided",
    "voucher.refund": "redemption.refunded",
    "voucher.hold": "hold.created",
    "voucher.capture": "hold.captured",
    "voucher.release": "hold.released",
}
TEST = "test"
DELIVERY: dict[str, frozenset[str]] = {
    "waiting": frozenset({"delivered", "given_up"}),
    "delivered": frozenset({"waiting"}),
    "given_up": frozenset({"waiting"}),
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
