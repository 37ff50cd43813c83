"""Closed months: nothing is booked into them any more, what comes late keeps its own day on its paper."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DBAPIError

from foundation.clock import today
from foundation.database import session, transact, uuid7
from foundation.errors import Refused
from money.ledger import checks, periods, proof, sealing
from money.ledger.models import Entry
from tests.builders.bank import account_of, line, received
from tests.builders.day_end import close_days
from tests.builders.ledger import JournalDocument, JournalLine, tampering, write
from tests.builders.organisations import organisation
from tests.builders.threads import after_commit

FIRST, SECOND = uuid7(), uuid7()


def month_ends(count: int) -> list[date]:
    """The last days of the months before this one, the oldest first; all are over for two days at least."""
    found, day = [], (today() - timedelta(days=2)).replace(day=1)
    for _number in range(count):
        day -= timedelta(days=1)
        found.append(day)
        day = day.replace(day=1)
    return found[::-1]


def book(ledger: UUID, day: date | None) -> UUID:
    """Something of a day in an issuer's books; gives its journal."""
    lines = [JournalLine("TB", "OB", 5)]
    return transact(write, JournalDocument(uuid7(), uuid7(), ledger, "example", booked_on=day), lines)


def day_of(journal: UUID) -> date | None:
    return session.scalar(sa.select(Entry.booked_on).where(Entry.journal_id == journal))


def prove() -> None:
    sealing.seal_all()
    checks.check_proof()
    checks.check_chain()


def close(ledger: UUID, last_day: date) -> None:
    close_days(ledger)
    prove()
    transact(periods.close, ledger, last_day, proposed_by=FIRST, approved_by=SECOND)


def test_months_are_closed_one_after_the_other(own_database: Flask) -> None:
    ledger, (earlier, last) = uuid7(), month_ends(2)
    assert periods.find_next_end(ledger) is None
    book(ledger, earlier)
    assert periods.find_next_end(ledger) == earlier
    prove()
    for wrong in (last, earlier - timedelta(days=1), today()):
        with pytest.raises(Refused) as refused:
            transact(periods.close, ledger, wrong, proposed_by=FIRST, approved_by=SECOND)
        assert refused.value.code == "period_not_next"
    close(ledger, earlier)
    assert periods.find_next_end(ledger) == last
    close(ledger, last)
    assert periods.find_next_end(ledger) is None
    assert [row.last_day for row in periods.list_closings(ledger)] == [last, earlier]


def test_books_that_are_not_proven_are_not_closed(own_database: Flask) -> None:
    ledger, [last] = uuid7(), month_ends(1)
    book(ledger, last)
    with pytest.raises(Refused) as refused:
        transact(periods.close, ledger, last, proposed_by=FIRST, approved_by=SECOND)
    assert refused.value.code == "books_not_proven"


def test_what_comes_late_goes_to_the_first_open_day_and_keeps_its_own(own_database: Flask) -> None:
    issuer = transact(organisation, "issuer").id
    account, [last] = account_of(issuer), month_ends(1)
    in_time = book(issuer, last)
    close(issuer, last)
    late = received(account, line(50_00, "zu spät", booked_on=last))
    assert (day_of(in_time), day_of(late)) == (last, last + timedelta(days=1))
    assert day_of(book(issuer, None)) == today()
    assert day_of(book(uuid7(), last)) == last  # another issuer's books are open
    assert "Z-12" not in {finding.code for finding in proof.prove()}


@pytest.mark.parametrize(
    ("last_day", "by"),
    [
        ("date_trunc('month', business_day())::date + 40", "second"),
        ("business_day() - 1", "second"),
        ("date_trunc('month', business_day())::date - 2", "second"),
        ("date_trunc('month', business_day())::date - 1", "first"),
    ],
)
def test_the_database_refuses_days_that_end_no_month_and_one_person_alone(
    context: Flask, last_day: str, by: str
) -> None:
    first, second = uuid4(), uuid4()
    approved = {"first": first, "second": second}[by]
    if by == "second" and last_day == "business_day() - 1" and today().day == 1:
        last_day = "business_day()"  # yesterday ended a month, but is too near
    with pytest.raises(DBAPIError) as refused:
        session.execute(
            sa.text(f"SELECT ledger_close_period(:ledger, {last_day}, :first, :second)"),
            {"ledger": uuid4(), "first": first, "second": approved},
        )
    session.rollback()
    assert getattr(refused.value.orig, "sqlstate", "") == "23514"


def test_what_is_booked_into_a_closed_month_is_found(own_database: Flask) -> None:
    ledger, [last] = uuid7(), month_ends(1)
    late = book(ledger, last)
    close(ledger, last)
    assert proof.prove() == []
    with tampering() as owner:
        owner.execute("UPDATE entry SET recorded_at = now() WHERE journal_id = %s", [late])
    assert {finding.code for finding in proof.prove()} == {"L-15"}


def test_closing_waits_for_a_late_posting_that_is_under_way(own_database: Flask) -> None:
    """Without the shared lock the month would be closed while an entry of it is not committed yet."""
    ledger, [last] = uuid7(), month_ends(1)
    book(ledger, last)
    close_days(ledger)
    prove()
    late = write(JournalDocument(uuid7(), uuid7(), ledger, "example", booked_on=last), [JournalLine("TB", "OB", 7)])

    def deed() -> None:
        transact(periods.close, ledger, last, proposed_by=FIRST, approved_by=SECOND)

    assert after_commit(own_database, deed) is None
    assert day_of(late) == last
    assert proof.prove() == []


def test_a_month_is_not_closed_while_a_day_in_it_is_open(own_database: Flask) -> None:
    ledger, [last] = uuid7(), month_ends(1)
    book(ledger, last)
    prove()
    with pytest.raises(Refused) as refused:
        transact(periods.close, ledger, last, proposed_by=FIRST, approved_by=SECOND)
    assert refused.value.code == "day_open"
    with pytest.raises(DBAPIError) as by_database:
        session.execute(
            sa.text("SELECT ledger_close_period(:ledger, :last, :first, :second)"),
            {"ledger": ledger, "last": last, "first": FIRST, "second": SECOND},
        )
    session.rollback()
    assert "is open" in str(by_database.value)
    close(ledger, last)
    assert periods.list_closings(ledger)[0].last_day == last
