"""When to ask the provider again."""

from datetime import datetime, timedelta

from foundation.clock import now
from money.payments.models import ProviderCall

MAX_RETRY_SECONDS = 600
# A webhook is usually earlier: (until this age of the call, look again after).
STEPS = (
    (timedelta(minutes=5), timedelta(minutes=1)),
    (timedelta(hours=1), timedelta(minutes=5)),
    (timedelta(hours=6), timedelta(minutes=30)),
    (timedelta(days=2), timedelta(hours=6)),
)


def retry_delay(attempts: int) -> timedelta:
    """How long to wait before asking again under the same key: 2, 4, 8 … seconds, at most ten minutes."""
    return timedelta(seconds=min(2**attempts, MAX_RETRY_SECONDS))


def next_poll_at(call: ProviderCall) -> datetime:
    """When to look at a pending object again: 1, 5, 30 minutes, 6 hours, daily."""
    age = now() - (call.first_sent_at or call.created_at)
    return now() + next((wait for until, wait in STEPS if age < until), timedelta(days=1))
