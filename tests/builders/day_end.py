"""Days that end: statements of past days, and differences that two people of a test have accepted."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import sqlalchemy as sa

from foundation.clock import today
from foundation.database import session, transact
from money.bank import accounts, importing
from money.bank.stated import BankStatement, StatedBalance, StatedLine
from money.day_end import deciding, reviewing
from money.day_end.models import DayDifference
from tests.builders import bank


def ago(days: int) -> date:
    """The day so many days ago."""
    return today() - timedelta(days=days)


def states_on(account_id: UUID, day: date, *said: StatedLine, opening: int | None = None) -> None:
    """The bank's statement of a day, with these lines, which are of that day unless they were given another."""
    begin = bank.last_balance(account_id) if opening is None else opening
    lines = [each if each.booked_on != today() else replace_day(each, day) for each in said]
    made = BankStatement(accounts.load_account(account_id).iban, number=uuid4().hex[:12], lines=lines)
    made.opening = StatedBalance(begin, day - timedelta(days=1))
    made.closing = StatedBalance(begin + sum(each.signed_cents for each in lines), day)
    session.commit()
    importing.take([(account_id, made)])


def replace_day(line: StatedLine, day: date) -> StatedLine:
    """The line as one of another day."""
    return line._replace(booked_on=day)


def open_rows(ledger_id: UUID) -> list[DayDifference]:
    """What differs and has not ended, the oldest first."""
    query = sa.select(DayDifference).where(
        DayDifference.ledger_id == ledger_id, DayDifference.ended_at.is_(None), DayDifference.accepted_at.is_(None)
    )
    fresh = query.order_by(DayDifference.from_day).execution_options(populate_existing=True)
    found = list(session.scalars(fresh))
    session.commit()
    return found


def accept(row: DayDifference) -> None:
    """Two people accept what differs."""
    transact(deciding.propose, row.id, "so lag es schon vorher da", person_id=uuid4())
    transact(deciding.decide, row.id, person_id=uuid4(), agreed=True, cents=row.cents, until=row.until_day)


def close_days(ledger_id: UUID) -> int:
    """Close the days of an issuer whose bank says nothing or something else: two people accept all that differs."""
    closed = transact(reviewing.review, ledger_id)
    for row in open_rows(ledger_id):
        accept(row)
    return closed + transact(reviewing.review, ledger_id)
