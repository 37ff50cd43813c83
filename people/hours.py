"""When a shop is open. Hours are written as OpenStreetMap writes them; the holidays of North Rhine-Westphalia are
added here, because the library knows the national ones only (Fronleichnam and Allerheiligen would read as open).

A rule for PH in the hours themselves ("PH 08:00-11:00") is kept and means those same holidays. All times are wall
clock in Berlin; instants go in and come out aware.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice

import holidays
from opening_hours import OpeningHours, State, validate
from opening_hours import ParserError as HoursNotReadable  # type: ignore[attr-defined]  # its stub forgets it

from foundation.clock import BERLIN, berlin, today
from people import errors

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
HORIZON = timedelta(days=60)
NIGHT_END = timedelta(hours=6)  # what ends by six in the morning is still the evening before
ALWAYS = "24/7"
MAX_HOURS_SYMBOLS = 500
ON_HOLIDAYS = re.compile(r"(?P<before>[^0-9]*?)\bPH\b(?P<after>[^0-9]*?)\s(?P<times>(?:\d|off|closed).*)")
Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class DayHours:
    """One day of a week table: the spans in which the shop is open, and the holiday's name where it is one."""

    date: date
    spans: tuple[tuple[time, time], ...]
    holiday: str | None


@lru_cache(maxsize=16)
def list_holidays(year: int) -> dict[date, str]:
    """List the public holidays of North Rhine-Westphalia, with their German names."""
    return dict(sorted(holidays.country_holidays("DE", subdiv="NW", language="de", years=year).items()))


def _write_day(day: date) -> str:
    return f"{day.year} {MONTHS[day.month - 1]} {day.day:02d}"


@lru_cache(maxsize=4096)
def _parse_hours(hours: str, year: int) -> OpeningHours:
    try:
        return _with_holidays(hours, year)
    except HoursNotReadable:  # one shop's slip must not take the pages of all down
        return OpeningHours("off")


def _with_holidays(hours: str, year: int) -> OpeningHours:
    if hours == ALWAYS:
        return OpeningHours(hours)
    days = [*list_holidays(year), *list_holidays(year + 1)]
    every = ",".join(_write_day(day) for day in days)
    plain, special = [], []
    for rule in (part.strip() for part in hours.split(";") if part.strip()):
        found = ON_HOLIDAYS.fullmatch(rule)
        if found is None:
            plain.append(rule)
            continue
        weekdays = f"{found['before']}{found['after']}".strip(", ")
        plain += [f"{weekdays} {found['times']}"] if weekdays else []
        special.append(f"{every} {found['times']}")
    return OpeningHours("; ".join([*plain, *(special or [f"{every} off"])]))


def normalise_hours(hours: str) -> str:
    """Tidy opening hours. Refuses what cannot be read as such."""
    tidy = " ".join(hours.split())
    try:
        readable = 0 < len(tidy) <= MAX_HOURS_SYMBOLS and validate(tidy) and bool(_with_holidays(tidy, today().year))
    except HoursNotReadable:
        readable = False
    if not readable:
        raise errors.hours_not_readable()
    return tidy


def _wall(instant: datetime) -> datetime:
    return berlin(instant).replace(tzinfo=None, fold=0)


def is_open(hours: str, at: datetime) -> bool:
    """Whether the shop is open at this instant."""
    wall = _wall(at)
    return bool(_parse_hours(hours, wall.year).is_open(wall))


def find_next_change(hours: str, at: datetime) -> datetime | None:
    """When it closes, if it is open; when it opens next, if it is closed. Nothing if not within 60 days."""
    spans = list_open_spans(hours, at, at + HORIZON, maximum=1)
    if not spans:
        return None
    start, end = spans[0]
    return end if start <= at else start


def _walls(hours: str, first: datetime, last: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Open spans as wall clock, those that touch made one (the library ends one at a change of comment)."""
    running: tuple[datetime, datetime] | None = None
    for start, stop, state, _comment in _parse_hours(hours, first.year).intervals(first, last):
        if state != State.OPEN:
            continue
        if running and running[1] == start:
            running = (running[0], stop)
            continue
        if running:
            yield running
        running = (start, stop)
    if running:
        yield running


def list_open_spans(hours: str, begin: datetime, end: datetime, maximum: int = 1000) -> list[Span]:
    """List the spans in which the shop is open between two instants, cut to them, at most `maximum` of them."""
    spans = []
    for start, stop in islice(_walls(hours, _wall(begin), _wall(end)), maximum):
        span = (max(start.replace(tzinfo=BERLIN), begin), min(stop.replace(tzinfo=BERLIN), end))
        if span[1].astimezone(UTC) > span[0].astimezone(UTC):  # the hour skipped in spring is no time at all
            spans.append((berlin(span[0]), berlin(span[1])))
    return spans


@lru_cache(maxsize=4096)
def list_week(hours: str, first: date) -> tuple[DayHours, ...]:
    """Seven days from `first` on. A span that ends at night belongs to the day it begins on; 00:00-00:00 is all day."""
    days: dict[date, list[tuple[time, time]]] = {first + timedelta(days=n): [] for n in range(7)}
    midnight = datetime.combine(first, time())
    for start, stop in _walls(hours, midnight - timedelta(days=1), midnight + timedelta(days=8)):
        while start < stop:
            next_day = datetime.combine(start.date() + timedelta(days=1), time())
            end = stop if stop <= next_day + NIGHT_END else next_day
            if start.date() in days:
                days[start.date()].append((start.time(), end.time()))
            start = end
    return tuple(DayHours(day, tuple(spans), list_holidays(day.year).get(day)) for day, spans in days.items())
