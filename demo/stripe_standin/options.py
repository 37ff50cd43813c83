"""How the stand-in behaves, set at its start."""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Options:
    """All times in seconds; `None` means: only when /_advance says so."""

    sepa_after: int | None = 20
    sepa_slow_after: int | None = 180
    refund_after: int | None = 20
    dispute_after: int | None = 2
    payout_after: int | None = 60
    # Real balances become available after days; 0 keeps a demo simple and is more lenient than Stripe.
    available_after: int = 0
    retry_waits: tuple[float, ...] = (1, 3, 10, 30, 120, 600, 3600)
    webhook_timeout: float = 10
    # False: webhooks leave only on /_webhooks/flush.
    deliver: bool = True
    mailbox: str | None = None
    # What it takes for the present, in seconds since 1970: tests whose clock stands hand over theirs.
    clock: Callable[[], float] = time.time
    # Whom the hosted page names; None: the host of the success address.
    merchant: str | None = None


FEE_CARD_PER_MILLE, FEE_CARD_FIXED = 15, 25  # 1.5 % + 0.25 €
FEE_SEPA = 35
FEE_DISPUTE_CARD = 2000
FEE_DISPUTE_SEPA = 750
AUTHORISATION_LASTS = 7 * 24 * 3600
SESSION_LASTS = 24 * 3600
KEYS_LAST = 24 * 3600
SMALLEST, LARGEST = 50, 99_999_999  # cents


def card_fee(cents: int) -> int:
    """1.5 % rounded half up to the cent, plus 25 cents; integers only."""
    return (cents * FEE_CARD_PER_MILLE + 500) // 1000 + FEE_CARD_FIXED
