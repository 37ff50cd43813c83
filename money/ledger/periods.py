"""Accounting periods: months that are closed for good. Who closes, and that two agree, is decided above.

What comes late is booked on the first open day and keeps its own day on its paper; corrections are reversals there
(§ 146 (4) AO, GoBD 58 to 60 and 88). Decision 0112.
"""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa

from foundation.clock import today
from foundation.database import session
from money.ledger import checks, errors
from money.ledger.models import Entry, PeriodClosing

# A posting of yesterday may still be under way; nobody knows of one that is two days old.
DAYS_TO_WAIT = 2
MAX_CLOSINGS_SHOWN = 36
# What else must hold before a month is closed, by issuer and last day. The end of days adds that every day is closed.
guards: list[Callable[[UUID, date], None]] = []
CLOSE = sa.text(
    "SELECT ledger_close_period(p_ledger => :ledger, p_last_day => :last_day, p_proposed_by => :proposed_by,"
    " p_approved_by => :approved_by)"
)


def list_closings(ledger_id: UUID) -> Sequence[PeriodClosing]:
    """List an issuer's closings, the newest first; at most three years of months."""
    query = sa.select(PeriodClosing).where(PeriodClosing.ledger_id == ledger_id)
    return session.scalars(query.order_by(PeriodClosing.last_day.desc()).limit(MAX_CLOSINGS_SHOWN)).all()


def find_next_end(ledger_id: UUID) -> date | None:
    """Find the last day of the first month that is not closed; None without entries, or while the month runs on."""
    closed = session.scalar(sa.select(sa.func.max(PeriodClosing.last_day)).where(PeriodClosing.ledger_id == ledger_id))
    first = session.scalar(sa.select(sa.func.min(Entry.booked_on)).where(Entry.ledger_id == ledger_id))
    if closed is None and first is None:
        return None
    end = _last_of_month(closed + timedelta(days=1) if closed else first or today())
    return end if end + timedelta(days=DAYS_TO_WAIT) <= today() else None


def require_closable(ledger_id: UUID, last_day: date) -> None:
    """Refuse another month than the next, books whose last proof or chain found something or is missing, and what
    `guards` refuse, such as a day that is open."""
    if last_day != find_next_end(ledger_id):
        raise errors.period_not_next()
    for name in ("proof", "chain"):
        run = checks.find_latest(name)
        if run is None or not run.ok:
            raise errors.books_not_proven()
    for guard in guards:
        guard(ledger_id, last_day)


def close(ledger_id: UUID, last_day: date, *, proposed_by: UUID, approved_by: UUID) -> None:
    """Close the books up to a day, for good. Refuses as `require_closable` does."""
    require_closable(ledger_id, last_day)
    values = {"ledger": ledger_id, "last_day": last_day, "proposed_by": proposed_by, "approved_by": approved_by}
    session.execute(CLOSE, values)


def _last_of_month(day: date) -> date:
    following = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return following - timedelta(days=1)
