"""Whether a shop is open, in a few words. Called for every tile, so answers are remembered for the minute."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from foundation.clock import berlin
from foundation.languages import _, current_language, show_date
from marketplace.cache import cached
from marketplace.shops.directory import Shop
from marketplace.shops.states import Signal
from people import hours


@dataclass(frozen=True)
class StatusLine:
    """A short sentence with its symbol."""

    kind: Signal
    text: str


def truncate_to_minute(instant: datetime) -> datetime:
    """Cut an instant to its minute: what is open changes no faster."""
    return instant.replace(second=0, microsecond=0)


def format_clock_time(instant: datetime) -> str:
    """Write a time of day as shops do: "9:00", "18:30"."""
    wall = berlin(instant)
    return f"{wall.hour}:{wall.minute:02d}"


def describe_day(instant: datetime, now: datetime) -> str:
    """Write a day from `now`: "heute", "morgen", "Di" within a week, else "Di 24.11."."""
    days = (berlin(instant).date() - berlin(now).date()).days
    if days == 0:
        return _("heute")
    if days == 1:
        return _("morgen")
    weekday = show_date(berlin(instant), "EEE").rstrip(".")
    return weekday if days < 7 else f"{weekday} {show_date(berlin(instant), 'd.M.')}"


@cached(seconds=60)
def _describe_hours(opening_hours: str, minute: datetime, language: str) -> StatusLine:
    spans = hours.list_open_spans(opening_hours, minute, minute + hours.HORIZON, maximum=1)
    if not spans:
        return StatusLine(Signal.OFF, _("zurzeit geschlossen"))
    start, end = spans[0]
    if start <= minute:
        if end - minute > timedelta(days=1):
            return StatusLine(Signal.OK, _("durchgehend geöffnet"))
        return StatusLine(Signal.OK, _("geöffnet bis %(time)s", time=format_clock_time(end)))
    return StatusLine(
        Signal.OFF,
        _("geschlossen, öffnet %(day)s %(time)s", day=describe_day(start, minute), time=format_clock_time(start)),
    )


def describe_opening(shop: Shop, now: datetime) -> StatusLine:
    """Say whether a shop is open, until when, or when it opens next."""
    return _describe_hours(shop.opening_hours, truncate_to_minute(now), current_language())
