"""Days that close while something is under way: late lines, typed credits, stale pages, rows that change places."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from foundation.database import session, transact
from foundation.errors import Invalid, Refused
from money.bank import accounts, lines, receiving
from money.bank.receiving import BankCredit
from money.bank.stated import BankStatement, StatedBalance
from money.day_end import deciding, reviewing
from money.day_end.models import DayFigure
from tests.builders import bank
from tests.builders.booking import findings
from tests.builders.day_end import ago, open_rows, replace_day, states_on
from tests.builders.threads import after_commit
from tests.database.day_end.test_reviewing import issuer, typed


@pytest.fixture(autouse=True)
def proven(context: Flask) -> Iterator[None]:
    """The books are right after every test."""
    yield
    session.rollback()
    assert findings() == []


def test_a_statement_under_way_is_waited_for(context: Flask) -> None:
    """Else its late line for the day that closes is in neither of the figures, and the proof finds it."""
    ledger, account = issuer()
    states_on(account, ago(5), bank.line(50_00, "a"), opening=0)
    states_on(account, ago(3), bank.line(1_00, "b"))
    made = BankStatement(accounts.load_account(account).iban, number=uuid4().hex[:12])
    made.lines = [replace_day(bank.line(7_00, "c"), ago(4))]
    made.opening, made.closing = StatedBalance(51_00, ago(2)), StatedBalance(58_00, ago(1))
    session.rollback()
    lines.take_statement(account, made)
    assert after_commit(context, lambda: transact(reviewing.review, ledger)) == 5
    figures = session.scalars(sa.select(DayFigure.ours_cents).filter_by(ledger_id=ledger).order_by(DayFigure.day))
    assert list(figures) == [50_00, 57_00, 58_00, 58_00, 58_00]


def test_a_credit_typed_while_its_day_closes_is_in_its_figures_or_refused(context: Flask) -> None:
    ledger, account = issuer()
    states_on(account, ago(3), bank.line(50_00, "a"), opening=0)
    wanted = BankCredit(f"T{uuid4().hex[:8]}", 5_00, ago(3), "Paula Payer", None, "Miete")
    receiving.record_receipt(account, wanted, uuid4())
    assert after_commit(context, lambda: transact(reviewing.review, ledger)) == 0
    assert [row.cents for row in open_rows(ledger)] == [5_00]


def test_a_day_that_closes_first_refuses_the_credit(context: Flask) -> None:
    ledger, account = issuer()
    states_on(account, ago(3), bank.line(50_00, "a"), opening=0)
    wanted = BankCredit(f"T{uuid4().hex[:8]}", 5_00, ago(3), "Paula Payer", None, "Miete")
    assert reviewing.review(ledger) == 1
    refused = after_commit(context, lambda: transact(receiving.record_receipt, account, wanted, uuid4()))
    assert isinstance(refused, Invalid)
    assert refused.code == "day_closed"


def test_a_credit_typed_with_a_later_day_than_the_banks_differs_on_no_day() -> None:
    ledger, account = issuer()
    states_on(account, ago(6), bank.line(50_00, "a"), opening=0)
    typed(account, 30_00, 2)
    states_on(account, ago(1), bank.line(30_00, "Miete", booked_on=ago(4)))
    assert transact(reviewing.review, ledger) == 6
    assert open_rows(ledger) == []


def test_a_late_line_for_a_closed_day_confirms_what_was_typed_with_a_later_one() -> None:
    """Then the bank alone has moved on the days between: the books hold it on the typed day."""
    ledger, account = issuer()
    states_on(account, ago(5), bank.line(50_00, "a"), opening=0)
    assert transact(reviewing.review, ledger) == 1
    typed(account, 30_00, 3)
    states_on(account, ago(1), bank.line(30_00, "Miete", booked_on=ago(6)))
    assert (transact(reviewing.review, ledger), open_rows(ledger)) == (4, [])


def test_two_differences_of_which_one_moves_to_where_the_other_began() -> None:
    """Two rents of the same sum: a line confirms the first one on the day of the second."""
    ledger, account = issuer()
    states_on(account, ago(9), bank.line(1_00, "a"), opening=0)
    typed(account, 50_00, 7, "Miete Oktober")
    typed(account, 50_00, 5, "Miete November")
    states_on(account, ago(4), bank.line(1_00, "b"))
    transact(reviewing.review, ledger)
    assert [(row.from_day, row.cents) for row in open_rows(ledger)] == [(ago(7), 50_00), (ago(5), 100_00)]
    states_on(account, ago(1), bank.line(50_00, "Miete Oktober", booked_on=ago(5)))
    transact(reviewing.review, ledger)
    assert [(row.from_day, row.cents) for row in open_rows(ledger)] == [(ago(5), 50_00)]


def test_days_that_came_after_a_page_was_shown_are_not_accepted_by_it() -> None:
    ledger, account = issuer()
    states_on(account, ago(12), bank.line(50_00, "a"), opening=0)
    transact(reviewing.review, ledger)
    row = open_rows(ledger)[0]
    assert (row.is_stated, row.until_day) == (False, ago(6))
    transact(deciding.propose, row.id, "Die Bank hatte geschlossen", person_id=uuid4())
    row_id, seen, cents = row.id, row.until_day, row.cents
    session.execute(sa.text("UPDATE day_difference SET until_day = until_day + 1 WHERE id = :id"), {"id": row_id})
    session.commit()
    with pytest.raises(Refused) as refused:
        transact(deciding.decide, row_id, person_id=uuid4(), agreed=True, cents=cents, until=seen)
    assert refused.value.code == "not_proposed"
