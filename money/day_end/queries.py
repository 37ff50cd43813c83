"""Questions about days: which are open, how each stands, what differs and who looks after it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa

from foundation.clock import today
from foundation.database import session
from money.day_end import errors, owners, runs, sources
from money.day_end.models import DayClosing, DayDifference, DayFigure
from money.day_end.runs import ONE_DAY
from money.day_end.sources import Clue, DayBalance
from money.day_end.states import DayState, SourceKind
from money.ledger.models import Entry, PeriodClosing
from people.models import Organisation, OrganisationKind, Person

ACCOUNTS = ("TB", "OB")  # where money is: what has moved none of them has no days to close
MAX_ENDED = 20
Issuers = Collection[UUID] | None  # None: all of them


def list_ledgers(issuers: Issuers = None) -> list[UUID]:
    """List the issuers whose days are closed, by name."""
    query = sa.select(Organisation.id).where(Organisation.kind == OrganisationKind.ISSUER)
    if issuers is not None:
        query = query.where(Organisation.id.in_(issuers))
    return list(session.scalars(query.order_by(Organisation.name, Organisation.id)))


def load_issuer(ledger_id: UUID) -> Organisation:
    """Load the issuer whose books these are."""
    return session.get_one(Organisation, ledger_id)


def find_last_closed_day(ledger_id: UUID) -> date | None:
    """Find the last day that is closed."""
    found: date | None = session.scalar(sa.select(sa.func.max(DayClosing.day)).where(DayClosing.ledger_id == ledger_id))
    return found


def find_first_open_day(ledger_id: UUID) -> date | None:
    """Find the first day that is not closed; None for books that have moved no money.

    Months that were closed before there were days begin none.
    """
    closed = find_last_closed_day(ledger_id) or session.scalar(
        sa.select(sa.func.max(PeriodClosing.last_day)).where(PeriodClosing.ledger_id == ledger_id)
    )
    moved = sa.or_(Entry.debit_account.in_(ACCOUNTS), Entry.credit_account.in_(ACCOUNTS))
    first = session.scalar(sa.select(sa.func.min(Entry.booked_on)).where(Entry.ledger_id == ledger_id, moved))
    if first is None:
        return None
    return max(first, closed + ONE_DAY) if closed else first


def require_closed(ledger_id: UUID, last_day: date) -> None:
    """Refuse (`day_open`) a month that has an open day."""
    first = find_first_open_day(ledger_id)
    if first is not None and first <= last_day:
        raise errors.day_open(first)


def require_open(ledger_id: UUID, day: date) -> None:
    """Refuse (`day_closed`) a credit of a day that is closed: bank and books have agreed about that day."""
    closed = find_last_closed_day(ledger_id)
    if closed is not None and day <= closed:
        raise errors.day_closed(day)


@dataclass(frozen=True)
class AccountDay:
    """What books and a source say of an account at the end of a day."""

    source: SourceKind
    account: str
    balance: DayBalance
    is_accepted: bool = False


@dataclass(frozen=True)
class ShownDay:
    """A day as it stands, with its accounts."""

    day: date
    state: DayState
    accounts: list[AccountDay] = field(default_factory=list)


def list_days(ledger_id: UUID, first: date, last: date) -> list[ShownDay]:
    """List the days of an issuer from one to another, as far as they are over and have something to close."""
    begun, closed = _find_begin(ledger_id), find_last_closed_day(ledger_id)
    if begun is None:
        return []
    first, last = max(first, begun), min(last, today() - ONE_DAY)
    days = _list_closed(ledger_id, first, last)
    opened = max(first, closed + ONE_DAY) if closed else first
    return days + (_list_open(ledger_id, opened, last) if opened <= last else [])


def _find_begin(ledger_id: UUID) -> date | None:
    begun = session.scalar(sa.select(sa.func.min(DayClosing.day)).where(DayClosing.ledger_id == ledger_id))
    return begun or find_first_open_day(ledger_id)


def _list_closed(ledger_id: UUID, first: date, last: date) -> list[ShownDay]:
    of_days = (DayClosing.ledger_id == ledger_id, DayClosing.day.between(first, last))
    found: dict[date, list[AccountDay]] = {
        day: [] for day in session.scalars(sa.select(DayClosing.day).where(*of_days))
    }
    figures = sa.select(DayFigure).where(DayFigure.ledger_id == ledger_id, DayFigure.day.between(first, last))
    for row in session.scalars(figures.order_by(DayFigure.source, DayFigure.account)):
        balance = DayBalance(row.ours_cents, row.theirs_cents, row.later_cents)
        found[row.day].append(
            AccountDay(SourceKind(row.source), row.account, balance, is_accepted=row.difference_id is not None)
        )
    return [ShownDay(day, DayState.CLOSED, found[day]) for day in sorted(found)]


def _list_open(ledger_id: UUID, first: date, last: date) -> list[ShownDay]:
    compared = [(one, one.compare(ledger_id, first, last)) for one in sources.list_sources()]
    days = []
    for place in range((last - first).days + 1):
        day = first + timedelta(days=place)
        accounts = [AccountDay(one.source, one.account, found[day]) for one, found in compared if day in found]
        days.append(ShownDay(day, _judge(day, accounts), accounts))
    return days


def _judge(day: date, accounts: list[AccountDay]) -> DayState:
    balances = [each.balance for each in accounts]
    waits = [runs.is_waiting(day, balance, today()) for balance in balances]
    if any(
        (balance.difference_cents or not balance.is_stated) and not w
        for balance, w in zip(balances, waits, strict=True)
    ):
        return DayState.DIFFERS
    return DayState.WAITS if any(waits) else DayState.AGREES


@dataclass(frozen=True)
class OpenDifference:
    """A difference that somebody looks after, with what may explain it."""

    row: DayDifference
    owner: Person | None
    proposer: str
    candidates: Sequence[Person]
    clues: list[Clue]


def list_open_differences(ledger_id: UUID) -> list[OpenDifference]:
    """List what differs and has not ended, the oldest first."""
    query = sa.select(DayDifference).where(
        DayDifference.ledger_id == ledger_id, DayDifference.ended_at.is_(None), DayDifference.accepted_at.is_(None)
    )
    rows = session.scalars(query.order_by(DayDifference.from_day, DayDifference.id)).all()
    known = {(one.source, one.account): one for one in sources.list_sources()}
    candidates = owners.list_candidates(ledger_id) if rows else []
    found = []
    for row in rows:
        one = known.get((SourceKind(row.source), row.account))
        owner = session.get(Person, row.owner_id) if row.owner_id else None
        proposer = session.get(Person, row.proposed_by) if row.proposed_by else None
        name = (proposer.name or proposer.email) if proposer else ""
        clues = one.list_clues(ledger_id, row.until_day) if one else []
        found.append(OpenDifference(row, owner, name, candidates, clues))
    return found


def list_ended_differences(ledger_id: UUID) -> Sequence[DayDifference]:
    """List the newest differences that have ended, or were accepted."""
    query = sa.select(DayDifference).where(
        DayDifference.ledger_id == ledger_id,
        sa.or_(DayDifference.ended_at.is_not(None), DayDifference.accepted_at.is_not(None)),
    )
    return session.scalars(query.order_by(DayDifference.from_day.desc(), DayDifference.id).limit(MAX_ENDED)).all()


def load_difference(difference_id: UUID, issuers: Issuers) -> DayDifference:
    """Load a difference. Refuses (`NotFound`) what is not theirs."""
    found = session.get(DayDifference, difference_id)
    if found is None or (issuers is not None and found.ledger_id not in issuers):
        raise errors.difference_unknown()
    return found
