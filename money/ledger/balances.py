"""What accounts stand at: now, at the end of a business day, and as it was sealed at an instant.

All in cents, positive in the account's own direction (assets and expenses by debit, the rest by credit).
"""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

from foundation.database import session
from money.ledger.models import DailyRollup, Entry, Seal, WaitingDocument
from money.ledger.plan import ACCOUNTS

PART = sa.table(
    "balance_part",
    sa.column("ledger_id", sa.Uuid()),
    sa.column("account", sa.Text()),
    sa.column("party", sa.Uuid()),
    sa.column("programme_id", sa.Uuid()),
    sa.column("debit_cents", sa.BigInteger()),
    sa.column("credit_cents", sa.BigInteger()),
)


def load_balance(ledger_id: UUID, account: str, party: UUID | None = None, programme_id: UUID | None = None) -> int:
    """Load the balance now, to the last committed document: of one party or of all, of one programme or of all."""
    query = sa.select(sa.func.coalesce(sa.func.sum(PART.c.debit_cents - PART.c.credit_cents), 0)).where(
        PART.c.ledger_id == ledger_id, PART.c.account == account
    )
    if party is not None:
        query = query.where(PART.c.party == party)
    if programme_id is not None:
        query = query.where(PART.c.programme_id == programme_id)
    return ACCOUNTS[account].sign * int(session.scalar(query) or 0)


def list_by_programme(ledger_id: UUID, account: str) -> dict[UUID, int]:
    """List the balance now per programme; `models.NOBODY` stands for entries without one."""
    query = (
        sa.select(PART.c.programme_id, sa.func.sum(PART.c.debit_cents - PART.c.credit_cents))
        .where(PART.c.ledger_id == ledger_id, PART.c.account == account)
        .group_by(PART.c.programme_id)
    )
    return {row[0]: ACCOUNTS[account].sign * int(row[1]) for row in session.execute(query)}


def list_by_party(ledger_id: UUID, account: str) -> dict[UUID, int]:
    """List the balance now per party, without those at zero. For accounts of few parties, such as the shops."""
    total = sa.func.sum(PART.c.debit_cents - PART.c.credit_cents)
    query = (
        sa.select(PART.c.party, total)
        .where(PART.c.ledger_id == ledger_id, PART.c.account == account)
        .group_by(PART.c.party)
        .having(total != 0)
    )
    return {row[0]: ACCOUNTS[account].sign * int(row[1]) for row in session.execute(query)}


def load_closing_balance(ledger_id: UUID, account: str, day: date, programme_id: UUID | None = None) -> int:
    """The balance at the end of a business day, from the sums of days and what waits for its seal. May still change
    while documents can be booked on that day."""
    total: ColumnElement[int] = sa.literal(0)
    for table in (_days(ledger_id, account), _tail(ledger_id, account)):
        query = sa.select(sa.func.coalesce(sa.func.sum(table.c.cents), 0)).where(table.c.booked_on <= day)
        if programme_id is not None:
            query = query.where(table.c.programme_id == programme_id)
        total = total + query.scalar_subquery()
    return ACCOUNTS[account].sign * int(session.scalar(sa.select(total)) or 0)


def load_sealed_balance(ledger_id: UUID, account: str, instant: datetime, party: UUID | None = None) -> int:
    """The balance of everything sealed up to an instant: the same answer for ever. Reads entries, so ask seldom."""
    query = (
        sa.select(sa.func.coalesce(sa.func.sum(_apply_sign(account, party)), 0))
        .select_from(Entry)
        .join(Seal, sa.and_(Seal.aggregate_id == Entry.aggregate_id, Seal.journal_id == Entry.journal_id))
        .where(Entry.ledger_id == ledger_id, Seal.sealed_at <= instant, _touches(account))
    )
    return ACCOUNTS[account].sign * int(session.scalar(query) or 0)


def _touches(account: str) -> ColumnElement[bool]:
    return sa.or_(Entry.debit_account == account, Entry.credit_account == account)


def _apply_sign(account: str, party: UUID | None) -> ColumnElement[int]:
    debit, credit = Entry.debit_account == account, Entry.credit_account == account
    if party is not None:
        debit, credit = debit & (Entry.debit_party == party), credit & (Entry.credit_party == party)
    return sa.case((debit, Entry.cents), else_=0) - sa.case((credit, Entry.cents), else_=0)


def _days(ledger_id: UUID, account: str) -> sa.Subquery:
    both = (DailyRollup.debit_account == account, DailyRollup.credit_account == account)
    cents = sa.case((both[0], DailyRollup.cents), else_=0) - sa.case((both[1], DailyRollup.cents), else_=0)
    return (
        sa.select(DailyRollup.booked_on, DailyRollup.programme_id, cents.label("cents"))
        .where(DailyRollup.ledger_id == ledger_id, sa.or_(*both))
        .subquery()
    )


def _tail(ledger_id: UUID, account: str) -> sa.Subquery:
    return (
        sa.select(Entry.booked_on, Entry.programme_id, _apply_sign(account, None).label("cents"))
        .join(
            WaitingDocument,
            sa.and_(WaitingDocument.aggregate_id == Entry.aggregate_id, WaitingDocument.journal_id == Entry.journal_id),
        )
        .where(Entry.ledger_id == ledger_id, _touches(account))
        .subquery()
    )
