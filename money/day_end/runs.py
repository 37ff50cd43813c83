"""Runs of days that differ by the same: each is one difference, however many days it lasts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from money.day_end.sources import MAX_WAIT, DayBalance

ONE_DAY = timedelta(days=1)


@dataclass
class Run:
    """Days one after the other with the same difference, or without a statement."""

    first: date
    last: date
    cents: int
    is_stated: bool
    accepted_id: UUID | None = None


def is_waiting(day: date, balance: DayBalance, today: date) -> bool:
    """Whether the statement of a day has not come, and need not have come yet."""
    return not balance.is_stated and balance.may_wait and day + MAX_WAIT >= today


def list_runs(balances: Mapping[date, DayBalance], today: date, accepted: Mapping[date, UUID]) -> list[Run]:
    """List the runs in the order of their days.

    `accepted`: which decision covers a day that has no statement; days beyond it are a run of their own.
    """
    runs: list[Run] = []
    for day in sorted(balances):
        balance = balances[day]
        if is_waiting(day, balance, today) or (balance.is_stated and not balance.difference_cents):
            continue
        decided = None if balance.is_stated else accepted.get(day)
        last = runs[-1] if runs else None
        goes_on = last is not None and last.last + ONE_DAY == day and last.is_stated == balance.is_stated
        same = last is not None and last.accepted_id == decided
        if last and goes_on and same and (not balance.is_stated or last.cents == balance.difference_cents):
            last.last, last.cents = day, balance.difference_cents
        else:
            runs.append(Run(day, day, balance.difference_cents, balance.is_stated, decided))
    return runs
