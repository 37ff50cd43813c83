"""What may follow what, as tables. The database checks the words; `move` is the only way from one to the next."""

from typing import Any

OPEN, PENDING, COMMITTING, SECURED = "open", "pending", "committing", "secured"
ABORTING, FAILED, REFUNDED = "aborting", "failed", "refunded"

# committing -> aborting only when the provider says for good that nothing was taken (authorisation gone).
PAYMENT: dict[str, frozenset[str]] = {
    OPEN: frozenset({PENDING, COMMITTING, ABORTING}),
    PENDING: frozenset({COMMITTING, ABORTING}),
    COMMITTING: frozenset({SECURED, ABORTING}),
    ABORTING: frozenset({FAILED}),
    SECURED: frozenset({REFUNDED}),
    FAILED: frozenset(),
    REFUNDED: frozenset(),
}
DECIDED = frozenset({COMMITTING, SECURED, REFUNDED})
UNDECIDED = frozenset({OPEN, PENDING})

TENDER: dict[str, frozenset[str]] = {
    "planned": frozenset({"held", "promised", "authorised", "processing", "captured", "failed", "released"}),
    "held": frozenset({"captured", "released"}),
    "promised": frozenset({"collected", "released"}),
    "authorised": frozenset({"captured", "failed", "released"}),
    "processing": frozenset({"captured", "failed"}),
    # money that came in after the payment had ended: it is taken, booked and sent back
    "released": frozenset({"authorised", "processing", "captured"}),
    "failed": frozenset({"authorised", "processing", "captured"}),
    "captured": frozenset(),
    "collected": frozenset(),
}

CALL: dict[str, frozenset[str]] = {
    "planned": frozenset({"sent", "failed", "pending", "succeeded"}),
    "sent": frozenset({"unknown", "pending", "succeeded", "failed"}),
    "unknown": frozenset({"sent", "pending", "succeeded", "failed"}),
    "pending": frozenset({"succeeded", "failed"}),
    "succeeded": frozenset(),
    "failed": frozenset({"pending", "succeeded"}),
}
UNSETTLED_CALLS = ("planned", "sent", "unknown", "pending")

REFUND: dict[str, frozenset[str]] = {
    "requested": frozenset({"pending", "succeeded", "failed"}),
    "pending": frozenset({"succeeded", "failed"}),
    "succeeded": frozenset({"failed"}),
    "failed": frozenset(),
}


class NoSuchStep(Exception):
    """A step that no table allows: a fault in our own code."""


def move(table: dict[str, frozenset[str]], row: Any, to: str) -> str:
    """Set the row's state and give back the one before. The row is locked by the caller (its payment is)."""
    before: str = row.state
    if to not in table[before]:
        raise NoSuchStep(f"{type(row).__name__} {row.id}: {before} -> {to}")
    row.state = to
    return before
