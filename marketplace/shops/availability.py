"""The one line under every hit: when can I have it? Called for every tile, so its parts are kept for the minute."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from foundation.clock import berlin
from foundation.languages import _, current_language, show_date
from marketplace.cache import kept
from marketplace.shops.directory import Shop
from people import hours

MIN_TIME_TO_COME = timedelta(minutes=30)
WEEK = timedelta(days=6)


@dataclass(frozen=True)
class Availability:
    """`kind` for the symbol (ok, wait, off), `text` for people."""

    kind: str
    text: str


def truncate_to_minute(instant: datetime) -> datetime:
    """The minute an instant lies in: what is open changes no faster."""
    return instant.replace(second=0, microsecond=0)


def format_clock_time(instant: datetime) -> str:
    """A time of day as shops write it: "9:00", "18:30"."""
    wall = berlin(instant)
    return f"{wall.hour}:{wall.minute:02d}"


def describe_day(instant: datetime, now: datetime) -> str:
    """ "heute", "morgen", "Di" within a week, else "Di 24.11."."""
    days = (berlin(instant).date() - berlin(now).date()).days
    if days == 0:
        return _("heute")
    if days == 1:
        return _("morgen")
    weekday = show_date(berlin(instant), "EEE").rstrip(".")
    return weekday if days < 7 else f"{weekday} {show_date(berlin(instant), 'd.M.')}"


@kept(60)
def _collect(opening_hours: str, minute: datetime, language: str) -> Availability:
    spans = hours.list_open_spans(opening_hours, minute, minute + hours.HORIZON, maximum=2)
    for start, end in spans:
        if start <= minute and end - minute >= MIN_TIME_TO_COME:
            if end - minute > timedelta(days=1):
                return Availability("ok", _("heute abholen, durchgehend geöffnet"))
            return Availability("ok", _("heute bis %(time)s abholen", time=format_clock_time(end)))
        if start > minute:
            day = describe_day(start, minute)
            if berlin(start).date() == berlin(minute).date():
                return Availability("ok", _("heute ab %(time)s abholen", time=format_clock_time(start)))
            return Availability("wait", _("ab %(day)s %(time)s abholen", day=day, time=format_clock_time(start)))
    return Availability("wait", _("auf Anfrage"))


def describe_availability(shop: Shop, *, kind: str, count: int | None, now: datetime) -> Availability:
    """When somebody can have an offer of this shop. `count`: how many can be sold, None: not counted."""
    if kind == "service" or (count is None and shop.sells_online):
        return Availability("wait", _("auf Anfrage"))
    if count == 0:
        return Availability("off", _("zurzeit ausverkauft"))
    if not shop.sells_online:
        return Availability("off", _("nur im Geschäft"))
    return _collect(shop.opening_hours, truncate_to_minute(now), current_language())


@kept(60)
def _state(opening_hours: str, minute: datetime, language: str) -> Availability:
    spans = hours.list_open_spans(opening_hours, minute, minute + hours.HORIZON, maximum=1)
    if not spans:
        return Availability("off", _("zurzeit geschlossen"))
    start, end = spans[0]
    if start <= minute:
        if end - minute > timedelta(days=1):
            return Availability("ok", _("durchgehend geöffnet"))
        return Availability("ok", _("geöffnet bis %(time)s", time=format_clock_time(end)))
    return Availability(
        "off", _("geschlossen, öffnet %(day)s %(time)s", day=describe_day(start, minute), time=format_clock_time(start))
    )


def describe_opening(shop: Shop, now: datetime) -> Availability:
    """Whether a shop is open, until when, or when it opens next."""
    return _state(shop.opening_hours, truncate_to_minute(now), current_language())
