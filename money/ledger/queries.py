"""What can be asked of the entries: lists for the auditor's drill-down, page by page, and one document's lines."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVarTuple
from uuid import UUID

import sqlalchemy as sa

from foundation.database import session
from money.ledger import errors
from money.ledger.models import DayRoot, Entry, Seal, StreamHead, WaitingDocument

PAGE_ENTRIES = 50
MAX_PAGE_ENTRIES = 500
Columns = TypeVarTuple("Columns")
KEY = (Entry.booked_on, Entry.journal_id, Entry.aggregate_id, Entry.line_no)


@dataclass(frozen=True, kw_only=True)
class EntryFilter:
    """Which entries: every field that is given narrows the list. Days count inclusively."""

    ledger_id: UUID | None = None
    account: str | None = None
    debit_account: str | None = None
    credit_account: str | None = None
    programme_id: UUID | None = None
    party: UUID | None = None
    aggregate_id: UUID | None = None
    journal_id: UUID | None = None
    kinds: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class EntryPage:
    """Some entries, the newest first. `following` leads to the next ones; None on the last page."""

    entries: list[Entry]
    following: str | None


def list_entries(only: EntryFilter, after: str | None = None, limit: int = PAGE_ENTRIES) -> EntryPage:
    """List one page of entries by business day, the newest first. `after` is the `following` of the page before.

    Refuses a mark that no page gave.
    """
    limit = max(1, min(limit, MAX_PAGE_ENTRIES))
    query = _narrowed(sa.select(Entry), only)
    if after:
        query = query.where(sa.tuple_(*KEY) < sa.tuple_(*_place(after)))
    rows = list(session.scalars(query.order_by(*(column.desc() for column in KEY)).limit(limit + 1)))
    more = len(rows) > limit
    return EntryPage(rows[:limit], _mark(rows[limit - 1]) if more else None)


def sum_entries(only: EntryFilter) -> tuple[int, int]:
    """(cents, number) of all entries that the list would show."""
    query = sa.select(sa.func.coalesce(sa.func.sum(Entry.cents), 0), sa.func.count())
    cents, number = session.execute(_narrowed(query, only)).one()
    return int(cents), int(number)


def stream_entries(only: EntryFilter) -> Iterator[Entry]:
    """Stream all entries of the list for a file, read in portions."""
    after: str | None = None
    while True:
        page = list_entries(only, after, MAX_PAGE_ENTRIES)
        for entry in page.entries:
            session.expunge(entry)  # or a long file would keep them all
            yield entry
        if page.following is None:
            return
        after = page.following


def load_document(aggregate_id: UUID, journal_id: UUID) -> list[Entry]:
    """Load the lines of one document in their order."""
    found = sa.select(Entry).where(Entry.aggregate_id == aggregate_id, Entry.journal_id == journal_id)
    return list(session.scalars(found.order_by(Entry.line_no)))


def find_seal(aggregate_id: UUID, journal_id: UUID) -> Seal | None:
    """Find the document's seal, once it has one."""
    return session.scalar(sa.select(Seal).where(Seal.aggregate_id == aggregate_id, Seal.journal_id == journal_id))


def count_sealed() -> int:
    """Count how many documents are sealed. Published figures name it, so that they can be recomputed."""
    return int(session.scalar(sa.select(sa.func.sum(StreamHead.last_seal))) or 0)


def count_waiting() -> int:
    """Count how many documents wait for their seal."""
    return int(session.scalar(sa.select(sa.func.count()).select_from(WaitingDocument)) or 0)


def find_newest_root() -> DayRoot | None:
    """Find the root of the last finished day."""
    return session.scalar(sa.select(DayRoot).order_by(DayRoot.day.desc()).limit(1))


def _narrowed(query: sa.Select[*Columns], only: EntryFilter) -> sa.Select[*Columns]:
    exact = (
        (Entry.ledger_id, only.ledger_id),
        (Entry.debit_account, only.debit_account),
        (Entry.credit_account, only.credit_account),
        (Entry.programme_id, only.programme_id),
        (Entry.aggregate_id, only.aggregate_id),
        (Entry.journal_id, only.journal_id),
    )
    for column, value in exact:
        if value is not None:
            query = query.where(column == value)
    if only.account:
        query = query.where(sa.or_(Entry.debit_account == only.account, Entry.credit_account == only.account))
    if only.party:
        query = query.where(_of_party(only.party))
    if only.kinds:
        query = query.where(Entry.kind.in_(only.kinds))
    if only.since:
        query = query.where(Entry.booked_on >= only.since)
    if only.until:
        query = query.where(Entry.booked_on <= only.until)
    return query


def _of_party(party: UUID) -> sa.ColumnElement[bool]:
    # As the indexes are made: the primary key finds a party that is the aggregate, two partial ones find the others.
    return sa.or_(
        Entry.aggregate_id == party,
        sa.and_(Entry.debit_party == party, Entry.debit_party != Entry.aggregate_id),
        sa.and_(Entry.credit_party == party, Entry.credit_party != Entry.aggregate_id),
    )


def _mark(entry: Entry) -> str:
    return f"{entry.booked_on.isoformat()}.{entry.journal_id.hex}.{entry.aggregate_id.hex}.{entry.line_no}"


def _place(mark: str) -> tuple[sa.ColumnElement[Any], ...]:
    try:
        day, journal, aggregate, line = mark.split(".")
        values = (date.fromisoformat(day), UUID(journal), UUID(aggregate), int(line))
    except ValueError as error:
        raise errors.mark_unknown() from error
    return tuple(sa.literal(value, column.type) for value, column in zip(values, KEY, strict=True))
