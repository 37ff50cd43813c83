"""Days as the calendar brings them next, whatever today is."""

from datetime import date

from foundation.clock import today


def coming(month: int, day: int) -> date:
    """The next such day, after today."""
    this = date(today().year, month, day)
    return this if this > today() else this.replace(year=this.year + 1)
