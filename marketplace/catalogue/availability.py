"""The one line under every hit: when can I have it? Called for every tile, so answers are remembered for the minute."""

from datetime import datetime, timedelta

from foundation.clock import berlin
from foundation.languages import _, current_language
from marketplace.cache import cached
from marketplace.catalogue.states import OfferKind
from marketplace.shops.directory import Shop
from marketplace.shops.opening import StatusLine, describe_day, format_clock_time, truncate_to_minute
from marketplace.shops.states import Signal
from people import hours

MIN_TIME_TO_COME = timedelta(minutes=30)


def describe_availability(shop: Shop, *, kind: str, count: int | None, now: datetime) -> StatusLine:
    """Say when somebody can have an offer of this shop. `count`: how many can be sold, None: not counted."""
    if kind == OfferKind.SERVICE or (count is None and shop.sells_online):
        return StatusLine(Signal.WAIT, _("auf Anfrage"))
    if count == 0:
        return StatusLine(Signal.OFF, _("zurzeit ausverkauft"))
    if not shop.sells_online:
        return StatusLine(Signal.OFF, _("nur im Geschäft"))
    return _describe_collecting(shop.opening_hours, truncate_to_minute(now), current_language())


@cached(seconds=60)
def _describe_collecting(opening_hours: str, minute: datetime, language: str) -> StatusLine:
    spans = hours.list_open_spans(opening_hours, minute, minute + hours.HORIZON, maximum=2)
    for start, end in spans:
        if start <= minute and end - minute >= MIN_TIME_TO_COME:
            if end - minute > timedelta(days=1):
                return StatusLine(Signal.OK, _("heute abholen, durchgehend geöffnet"))
            return StatusLine(Signal.OK, _("heute bis %(time)s abholen", time=format_clock_time(end)))
        if start > minute:
            day = describe_day(start, minute)
            if berlin(start).date() == berlin(minute).date():
                return StatusLine(Signal.OK, _("heute ab %(time)s abholen", time=format_clock_time(start)))
            return StatusLine(Signal.WAIT, _("ab %(day)s %(time)s abholen", day=day, time=format_clock_time(start)))
    return StatusLine(Signal.WAIT, _("auf Anfrage"))
