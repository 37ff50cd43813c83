"""Sources: who else says what is on an account at the end of a day. The bank and the provider each register here."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from money.day_end.states import Cause, SourceKind

# Statements come on banking days: that of Good Friday with the one of Tuesday, which is there on Wednesday.
MAX_WAIT = timedelta(days=5)


@dataclass(frozen=True)
class DayBalance:
    """What books and source say of an account at the end of a day, in cents.

    `theirs_cents`: as last stated; `is_stated`: it was stated for this day; `may_wait`: others were stated before, so
    that it may still come. `later_cents`: what the books hold already and the source states at a later day; below zero
    what the source has stated and the books hold at a later day.
    """

    ours_cents: int
    theirs_cents: int
    later_cents: int = 0
    is_stated: bool = True
    may_wait: bool = True

    @property
    def difference_cents(self) -> int:
        """What the books have beyond the source."""
        return self.ours_cents - self.theirs_cents - self.later_cents


@dataclass(frozen=True)
class Clue:
    """Something that may explain a difference: its cents, a sentence, and the place where people decide about it."""

    cause: Cause
    cents: int
    day: date
    sentence: str
    href: str | None = None


Days = dict[date, DayBalance]


@dataclass(frozen=True)
class BalanceSource:
    """What another party says of one account.

    `compare` gives the days of a ledger from one to another, without those it is not asked about; `list_clues` what may
    explain that they differ, up to a day. `hold` waits for what is under way, and lets nothing new begin until the
    transaction ends.
    """

    source: SourceKind
    account: str
    compare: Callable[[UUID, date, date], Days]
    list_clues: Callable[[UUID, date], list[Clue]]
    hold: Callable[[UUID], object] = lambda _ledger_id: None


_known: dict[tuple[SourceKind, str], BalanceSource] = {}


def add(one: BalanceSource) -> None:
    """Register a source. The same source of the same account again replaces it."""
    _known[one.source, one.account] = one


def list_sources() -> list[BalanceSource]:
    """List all of them, in a fixed order."""
    return [_known[key] for key in sorted(_known)]
