"""The one line under every hit: when can I have it? Called for every tile, so its parts are kept for the minute."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from foundation.clock import berlin
from foundation.languages import _, current_language, show_date
from marketplace.cache import kept
from marketplace.shops.directory import Shop
from people import hours

TIME_TO_COME = timedelta(minutes=30)
WEEK = timedelta(days=6)


@dataclass(frozen=True)
class Answer:
    """`kind` for the symbol (ok, wait, off), `text` for people."""

    kind: str
    text: str


def minute_of(instant: datetime) -> datetime:
    """The minute an instant lies in: what is open changes no faster."""
    return instant.replace(second=0, microsecond=0)


def clock_time(instant: datetime) -> str:
    """A time of day as shops write it: "9:00", "18:30"."""
    wall = berlin(instant)
    return f"{wall.hour}:{wall.minute:02d}"


def day_word(instant: datetime, now: datetime) -> str:
    """ "heute", "morgen", "Di" within a week, else "Di 24.11."."""
    days = (berlin(instant).date() - berlin(now).date()).days
    if days == 0:
        return _("heute")
    if days == 1:
        return _("morgen")
    weekday = show_date(berlin(instant), "EEE").rstrip(".")
    return weekday if days < 7 else f"{weekday} {show_date(berlin(instant), 'd.M.')}"


@kept(60)
def _collect(opening_hours: str, minute: datetime, language: str) -> Answer:
    spans = hours.list_open_spans(opening_hours, minute, minute + hours.HORIZON, most=2)
    for start, end in spans:
        if start <= minute and end - minute >= TIME_TO_COME:
            if end - minute > timedelta(days=1):
                return Answer("ok", _("heute abholen, durchgehend geöffnet"))
            return Answer("ok", _("heute bis %(time)s abholen", time=clock_time(end)))
        if start > minute:
            day = day_word(start, minute)
            if berlin(start).date() == berlin(minute).date():
                return Answer("ok", _("heute ab %(time)s abholen", time=clock_time(start)))
            return Answer("wait", _("ab %(day)s %(time)s abholen", day=day, time=clock_time(start)))
    return Answer("wait", _("auf Anfrage"))


def answer(shop: Shop, *, kind: str, count: int | None, now: datetime) -> Answer:
    """When somebody can have an offer of this shop. `count`: how many can be sold, None: not counted."""
    if kind == "service" or (count is None and shop.sells_online):
        return Answer("wait", _("auf Anfrage"))
    if count == 0:
        return Answer("off", _("zurzeit ausverkauft"))
    if not shop.sells_online:
        return Answer("off", _("nur im Geschäft"))
    return _collect(shop.opening_hours, minute_of(now), current_language())


@kept(60)
def _state(opening_hours: str, minute: datetime, language: str) -> Answer:
    spans = hours.list_open_spans(opening_hours, minute, minute + hours.HORIZON, most=1)
    if not spans:
        return Answer("off", _("zurzeit geschlossen"))
    start, end = spans[0]
    if start <= minute:
        if end - minute > timedelta(days=1):
            return Answer("ok", _("durchgehend geöffnet"))
        return Answer("ok", _("geöffnet bis %(time)s", time=clock_time(end)))
    return Answer("off", _("geschlossen, öffnet %(day)s %(time)s", day=day_word(start, minute), time=clock_time(start)))


def open_state(shop: Shop, now: datetime) -> Answer:
    """Whether a shop is open, until when, or when it opens next."""
    return _state(shop.opening_hours, minute_of(now), current_language())
