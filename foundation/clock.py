"""The one clock. Instants are UTC; a business day is a day in Europe/Berlin."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")
_set: ContextVar[datetime | None] = ContextVar("clock", default=None)
_stopped_at: datetime | None = None
_ticks = itertools.count()


def now() -> datetime:
    """Give the present instant, aware, in UTC."""
    if chosen := _set.get():
        return chosen
    return _stopped_at + timedelta(microseconds=next(_ticks)) if _stopped_at else datetime.now(UTC)


def berlin(instant: datetime) -> datetime:
    """Give the same instant as a clock in Berlin shows it."""
    return instant.astimezone(BERLIN)


def today() -> date:
    """Give the present business day: the date in Europe/Berlin."""
    return berlin(now()).date()


def stand(instant: datetime) -> None:
    """Let the clock of this process stand at `instant`, in every thread and until it ends. For tests alone.

    It goes on by a microsecond at each look: two events never share an instant, as in life, and no test waits.
    """
    global _stopped_at
    _stopped_at = instant.astimezone(UTC)


@contextmanager
def at(instant: datetime) -> Iterator[None]:
    """Let the clock stand at `instant` inside the block. For tests and for replaying dated events."""
    token = _set.set(instant.astimezone(UTC))
    try:
        yield
    finally:
        _set.reset(token)
