"""What the stand-in holds about one payment of ours, in cents."""

from typing import Any
from uuid import UUID

from demo.stripe_standin.testing import Running


def intents_of(stripe: Running, payment_id: UUID) -> list[dict[str, Any]]:
    """All its intents; more than one with money would be a double."""
    found = stripe.state()["payment_intents"].values()
    return [intent for intent in found if intent["metadata"].get("payment") == str(payment_id)]


def at_stripe(stripe: Running, payment_id: UUID) -> dict[str, int]:
    """Captured, refunded and fee of all its intents together."""
    found = intents_of(stripe, payment_id)
    return {name: sum(intent[name] for intent in found) for name in ("captured", "refunded", "fee")}
