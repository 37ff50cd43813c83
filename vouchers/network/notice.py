"""How long notice is, when one side ends an agreement. Decision 0307."""

from datetime import datetime, time, timedelta

from foundation import clock

NOTICE_DAYS = 28


def calculate_notice_end() -> datetime:
    """Calculate the end of the day four weeks ahead, in Berlin."""
    day = clock.today() + timedelta(days=NOTICE_DAYS + 1)
    return datetime.combine(day, time(0), tzinfo=clock.BERLIN)
