"""Looking at the open days of an issuer: what differs gets a row and an owner, what agrees is closed, day after day.

A day is closed when each source agrees, or two people have accepted what differs, and every day before it is closed.
It may run twice: it finds the same and changes nothing.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa
import structlog

from foundation import audit
from foundation.clock import now, today
from foundation.database import lock_name, session, transact
from foundation.jobs import job
from money.day_end import owners, queries, runs, sources
from money.day_end.models import DayClosing, DayDifference, DayFigure
from money.day_end.runs import ONE_DAY, Run
from money.day_end.sources import BalanceSource, Days
from money.day_end.states import Cause

MAX_DAYS = 120  # at once: an issuer with more days behind it is done by the next runs

log = structlog.get_logger("day_end")


@job("money.review_days", every="25 * * * *", transaction=False)
def review_all() -> None:
    """Review every issuer's days, each in a transaction of its own."""
    ledgers = transact(queries.list_ledgers)
    for ledger_id in ledgers:
        closed = transact(review, ledger_id)
        log.info("days_reviewed", ledger=str(ledger_id), closed=closed)


def review(ledger_id: UUID) -> int:
    """Review an issuer's open days; gives how many were closed. In the caller's transaction."""
    lock_name(f"day end {ledger_id}")
    for one in sources.list_sources():
        one.hold(ledger_id)
    first = queries.find_first_open_day(ledger_id)
    last = today() - ONE_DAY
    if first is None or first > last:
        return 0
    last = min(last, first + timedelta(days=MAX_DAYS))
    compared = [(one, one.compare(ledger_id, first, last)) for one in sources.list_sources()]
    return _close(ledger_id, first, last, [(one, days, _reconcile(ledger_id, one, days)) for one, days in compared])


def _reconcile(ledger_id: UUID, one: BalanceSource, days: Days) -> dict[date, DayDifference]:
    """Bring the rows of one source in line with its days; gives what was accepted, by day."""
    known = _load(ledger_id, one)
    found = runs.list_runs(days, today(), _list_covered(known))
    matched = _match(known, found)
    kept = {row.id for row, _run in matched if row is not None}
    for row in known:
        if row.is_open and row.id not in kept:
            row.ended_at = now()
            audit.record("day_end.agrees", "day_difference", row.id, cents=row.cents)
    session.flush()
    _move([(row, run) for row, run in matched if row is not None and row.is_open])
    accepted: dict[date, DayDifference] = {}
    for found_row, run in matched:
        if found_row is None:
            _open(ledger_id, one, run)
        elif found_row.is_open:
            _refresh(found_row, run, one)
        else:
            found_row.until_day = max(found_row.until_day, run.last) if found_row.is_stated else found_row.until_day
            accepted |= {run.first + ONE_DAY * place: found_row for place in range((run.last - run.first).days + 1)}
    session.flush()
    return accepted


def _match(known: Iterable[DayDifference], found: Iterable[Run]) -> list[tuple[DayDifference | None, Run]]:
    """Find the row of each run, none where it is new. An open row is of one run alone."""
    free = list(known)
    matched: list[tuple[DayDifference | None, Run]] = []
    for run in found:
        row = next((each for each in free if _is_of(each, run)), None) or _begun(free, run)
        if row is not None and row.is_open:
            free.remove(row)
        matched.append((row, run))
    return matched


def _move(matched: list[tuple[DayDifference, Run]]) -> None:
    """Give rows their days so that none stands where another one begins: what begins later now the latest first."""
    later = [pair for pair in matched if pair[1].first > pair[0].from_day]
    earlier = [pair for pair in matched if pair[1].first < pair[0].from_day]
    for row, run in [*reversed(later), *earlier]:
        row.from_day, row.until_day = run.first, run.last
        session.flush()


def _load(ledger_id: UUID, one: BalanceSource) -> list[DayDifference]:
    query = sa.select(DayDifference).where(
        DayDifference.ledger_id == ledger_id,
        DayDifference.source == one.source,
        DayDifference.account == one.account,
        DayDifference.ended_at.is_(None),
    )
    locked = query.order_by(DayDifference.from_day).with_for_update().execution_options(populate_existing=True)
    return list(session.scalars(locked))


def _list_covered(known: Iterable[DayDifference]) -> dict[date, UUID]:
    """The days without a statement that people have accepted."""
    return {
        row.from_day + ONE_DAY * place: row.id
        for row in known
        if row.accepted_at is not None and not row.is_stated
        for place in range((row.until_day - row.from_day).days + 1)
    }


def _is_of(row: DayDifference, run: Run) -> bool:
    """Whether a row is of this run: the same difference, and its days go on without a gap."""
    if row.is_stated != run.is_stated or run.accepted_id != (row.id if row.accepted_at and not row.is_stated else None):
        return False
    if row.is_stated:
        return row.cents == run.cents and row.from_day <= run.first <= row.until_day + ONE_DAY
    return row.from_day <= run.last + ONE_DAY and run.first <= row.until_day + ONE_DAY


def _begun(known: Iterable[DayDifference], run: Run) -> DayDifference | None:
    """An open row that began on the same day with other cents: what differs has changed, not who looks after it."""
    return next((row for row in known if row.is_open and row.from_day == run.first), None)


def _open(ledger_id: UUID, one: BalanceSource, run: Run) -> DayDifference:
    row = DayDifference(
        ledger_id=ledger_id,
        source=one.source,
        account=one.account,
        from_day=run.first,
        until_day=run.last,
        cents=run.cents,
        is_stated=run.is_stated,
        cause=find_cause(one, ledger_id, run),
        owner_id=owners.find_first_owner(ledger_id),
    )
    session.add(row)
    session.flush()
    audit.record("day_end.differs", "day_difference", row.id, cents=row.cents, owner=str(row.owner_id))
    owners.tell(row)
    return row


def _refresh(row: DayDifference, run: Run, one: BalanceSource) -> None:
    """What was proposed was proposed for other cents: it falls when they change."""
    if (row.cents, row.is_stated) != (run.cents, run.is_stated):
        row.reason = row.proposed_by = None
        row.cents, row.is_stated = run.cents, run.is_stated
        audit.record("day_end.changed", "day_difference", row.id, cents=row.cents)
    row.from_day, row.until_day = run.first, run.last
    row.cause = find_cause(one, row.ledger_id, run)


def find_cause(one: BalanceSource, ledger_id: UUID, run: Run) -> Cause:
    """Find what a difference seems to come from: the clues of one kind that make it up to the cent."""
    if not run.is_stated:
        return Cause.NOT_STATED
    clues = one.list_clues(ledger_id, run.last)
    for cause in (Cause.TYPED, Cause.BY_HAND):
        if sum(clue.cents for clue in clues if clue.cause == cause) == run.cents:
            return cause
    return Cause.UNKNOWN


def _close(
    ledger_id: UUID, first: date, last: date, fine: list[tuple[BalanceSource, Days, dict[date, DayDifference]]]
) -> int:
    day, closed = first, 0
    while day <= last and all(_is_fine(day, days, accepted) for _one, days, accepted in fine):
        session.add(DayClosing(ledger_id=ledger_id, day=day))
        session.flush()
        for one, days, accepted in fine:
            if day in days:
                session.add(_figure(ledger_id, day, one, days, accepted.get(day)))
        session.flush()
        day, closed = day + ONE_DAY, closed + 1
    return closed


def _is_fine(day: date, days: Days, accepted: dict[date, DayDifference]) -> bool:
    balance = days.get(day)
    return balance is None or day in accepted or (balance.is_stated and not balance.difference_cents)


def _figure(ledger_id: UUID, day: date, one: BalanceSource, days: Days, accepted: DayDifference | None) -> DayFigure:
    balance = days[day]
    return DayFigure(
        ledger_id=ledger_id,
        day=day,
        source=one.source,
        account=one.account,
        ours_cents=balance.ours_cents,
        theirs_cents=balance.theirs_cents,
        later_cents=balance.later_cents,
        accepted_cents=balance.difference_cents,
        difference_id=accepted.id if accepted else None,
    )
