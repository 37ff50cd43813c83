"""Days that close by themselves, and what differs: its cents, its cause, its owner, and how it ends."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from foundation.database import session, transact
from foundation.errors import DomainError, Invalid, NotFound, Refused
from money.bank import allocation, receiving
from money.bank.receiving import BankCredit
from money.bank.states import AccountPurpose
from money.day_end import deciding, owners, queries, reviewing
from money.day_end.models import DayFigure
from people import queries as queries_of_people
from tests.builders import bank
from tests.builders.booking import findings
from tests.builders.day_end import accept, ago, close_days, open_rows, states_on
from tests.builders.ledger import JournalDocument, JournalLine, write
from tests.builders.orders import staff
from tests.builders.organisations import organisation
from tests.builders.sales import mails, text_of
from tests.builders.threads import at_once

TEMPLATE = "money/difference"


@pytest.fixture(autouse=True)
def proven(context: Flask) -> Iterator[None]:
    """The books are right after every test."""
    yield
    session.rollback()
    assert findings() == []


def issuer() -> tuple[UUID, UUID]:
    """(issuer, trust account), with nothing in the books."""
    ledger = transact(organisation, "issuer").id
    return ledger, bank.account_of(ledger)


def typed(account: UUID, cents: int, days_ago: int, words: str = "Miete") -> UUID:
    """A person types a credit of a past day."""
    wanted = BankCredit(f"T{uuid4().hex[:8]}", cents, ago(days_ago), "Paula Payer", None, words)
    return transact(receiving.record_receipt, account, wanted, uuid4()).receipt_id


def clerk(ledger: UUID) -> UUID:
    """A clerk of the issuer."""
    found = queries_of_people.find_person(staff("issuer_clerk", ledger))
    session.commit()
    assert found
    person_id: UUID = found.id
    return person_id


def states(ledger: UUID) -> list[str]:
    found = [shown.state.value for shown in queries.list_days(ledger, ago(60), ago(1))]
    session.commit()
    return found


def test_a_day_closes_when_its_statement_says_what_the_books_say() -> None:
    ledger, account = issuer()
    assert (transact(reviewing.review, ledger), states(ledger)) == (0, [])
    states_on(account, ago(3), bank.line(50_00, "a"), opening=0)
    assert states(ledger) == ["agrees", "waits", "waits"]
    assert transact(reviewing.review, ledger) == 1
    assert transact(reviewing.review, ledger) == 0
    states_on(account, ago(1), bank.line(20_00, "b"))  # of the day between nothing had to be stated
    assert (transact(reviewing.review, ledger), states(ledger)) == (2, ["closed"] * 3)
    figures = session.execute(sa.select(DayFigure.ours_cents).filter_by(ledger_id=ledger).order_by(DayFigure.day))
    assert [row[0] for row in figures] == [50_00, 50_00, 70_00]
    assert open_rows(ledger) == []


def test_lines_of_several_days_in_one_statement_are_told_apart() -> None:
    ledger, account = issuer()
    states_on(account, ago(5), bank.line(50_00, "a"), opening=0)
    week = [bank.line(7_00, "b", booked_on=ago(3)), bank.line(8_00, "c", booked_on=ago(2), position=2)]
    states_on(account, ago(1), *week)
    assert transact(reviewing.review, ledger) == 5
    figures = session.scalars(sa.select(DayFigure.theirs_cents).filter_by(ledger_id=ledger).order_by(DayFigure.day))
    assert list(figures) == [50_00, 50_00, 57_00, 65_00, 65_00]


def test_a_line_that_comes_late_for_a_closed_day_moves_both_sides() -> None:
    ledger, account = issuer()
    states_on(account, ago(3), bank.line(50_00, "a"), opening=0)
    assert transact(reviewing.review, ledger) == 1
    states_on(account, ago(1), bank.line(7_00, "b", booked_on=ago(4)))
    assert transact(reviewing.review, ledger) == 2


def test_what_differs_has_cents_cause_and_owner_who_is_told_once_and_ends_when_the_bank_agrees() -> None:
    ledger, account = issuer()
    person = clerk(ledger)
    states_on(account, ago(4), bank.line(50_00, "a"), opening=0)
    receipt = typed(account, 30_00, 3)
    states_on(account, ago(1), bank.line(1_00, "b"))
    before = len(mails(TEMPLATE))
    for _time in range(2):
        transact(reviewing.review, ledger)
    (row,) = open_rows(ledger)
    assert (row.cents, row.cause, row.owner_id) == (30_00, "typed", person)
    assert (row.from_day, row.until_day) == (ago(3), ago(1))
    assert states(ledger) == ["closed", "differs", "differs", "differs"]
    assert len(mails(TEMPLATE)) == before + 1
    assert "30,00" in text_of(mails(TEMPLATE)[0])
    (shown,) = queries.list_open_differences(ledger)
    assert [(clue.cause, clue.cents) for clue in shown.clues] == [("typed", 30_00)]
    transact(allocation.cross_out, receipt, person_id=uuid4(), note="nie gekommen")
    assert transact(reviewing.review, ledger) == 3
    session.expire_all()
    assert (open_rows(ledger), len(mails(TEMPLATE))) == ([], before + 1)


def test_a_typed_credit_that_its_line_confirms_later_is_no_difference() -> None:
    ledger, account = issuer()
    states_on(account, ago(4), bank.line(50_00, "a"), opening=0)
    typed(account, 30_00, 3)
    states_on(account, ago(2), bank.line(30_00, "Miete", party_iban=None))
    states_on(account, ago(1))
    assert (transact(reviewing.review, ledger), open_rows(ledger)) == (4, [])
    later = session.scalars(sa.select(DayFigure.later_cents).filter_by(ledger_id=ledger).order_by(DayFigure.day))
    assert list(later) == [0, 30_00, 0, 0]


def test_a_statement_that_does_not_come_is_a_difference_after_five_days_and_ends_with_it() -> None:
    ledger, account = issuer()
    states_on(account, ago(9), bank.line(50_00, "a"), opening=0)
    transact(reviewing.review, ledger)
    (row,) = open_rows(ledger)
    assert (row.cause, row.cents, row.from_day, row.until_day) == ("not_stated", 0, ago(8), ago(6))
    assert states(ledger) == ["closed", *["differs"] * 3, *["waits"] * 5]
    states_on(account, ago(1), bank.line(3_00, "b", booked_on=ago(7)))
    assert (transact(reviewing.review, ledger), open_rows(ledger)) == (8, [])


def test_two_people_accept_what_stays_and_no_single_one() -> None:
    ledger, account = issuer()
    states_on(account, ago(6), bank.line(50_00, "a"), opening=0)
    typed(account, 30_00, 5)
    states_on(account, ago(3))
    transact(reviewing.review, ledger)
    (row,) = open_rows(ledger)
    first, second, until = uuid4(), uuid4(), row.until_day
    for reason in ("zu kurz", "x" * 501):
        with pytest.raises(Invalid):
            transact(deciding.propose, row.id, reason, person_id=first)
    with pytest.raises(Refused):
        transact(deciding.decide, row.id, person_id=second, agreed=True, cents=30_00, until=until)
    transact(deciding.propose, row.id, "die Bank klärt das mit uns", person_id=first)
    for person, cents in ((first, 30_00), (second, 29_99)):
        with pytest.raises(Refused):
            transact(deciding.decide, row.id, person_id=person, agreed=True, cents=cents, until=until)
    assert transact(reviewing.review, ledger) == 0
    transact(deciding.decide, row.id, person_id=second, agreed=True, cents=30_00, until=until)
    with pytest.raises(NotFound):
        transact(deciding.propose, row.id, "noch einmal etwas", person_id=first)
    assert transact(reviewing.review, ledger) == 3
    states_on(account, ago(1))  # the same difference goes on: accepted once
    assert (transact(reviewing.review, ledger), open_rows(ledger)) == (2, [])
    accepted = session.scalars(sa.select(DayFigure.accepted_cents).filter_by(ledger_id=ledger).order_by(DayFigure.day))
    assert list(accepted) == [0, *[30_00] * 5]


def test_another_sum_is_another_difference() -> None:
    ledger, account = issuer()
    states_on(account, ago(6), bank.line(50_00, "a"), opening=0)
    typed(account, 30_00, 5)
    states_on(account, ago(3))
    transact(reviewing.review, ledger)
    accept(open_rows(ledger)[0])
    transact(reviewing.review, ledger)
    typed(account, 7_00, 2, "noch eine")
    states_on(account, ago(1))
    assert transact(reviewing.review, ledger) == 0
    (row,) = open_rows(ledger)
    assert (row.cents, row.cause, row.from_day) == (37_00, "typed", ago(2))


def test_a_proposal_falls_when_the_cents_change_and_stays_when_the_days_grow() -> None:
    ledger, account = issuer()
    states_on(account, ago(6), bank.line(50_00, "a"), opening=0)
    typed(account, 30_00, 5)
    states_on(account, ago(4))
    transact(reviewing.review, ledger)
    (row,) = open_rows(ledger)
    transact(deciding.propose, row.id, "die Bank klärt das mit uns", person_id=uuid4())
    states_on(account, ago(3))
    transact(reviewing.review, ledger)
    (grown,) = open_rows(ledger)
    assert (grown.id, grown.reason, grown.until_day) == (row.id, row.reason, ago(3))
    typed(account, 1_00, 5, "noch eine")
    transact(reviewing.review, ledger)
    (changed,) = open_rows(ledger)
    assert (changed.id, changed.cents, changed.reason) == (row.id, 31_00, None)


def test_days_without_a_statement_are_accepted_as_far_as_they_were_seen() -> None:
    ledger, account = issuer()
    states_on(account, ago(10), bank.line(50_00, "a"), opening=0)
    transact(reviewing.review, ledger)
    accept(open_rows(ledger)[0])
    assert transact(reviewing.review, ledger) == 4  # those that were overdue; the rest still waits for its statement
    assert (open_rows(ledger), states(ledger)) == ([], ["closed"] * 5 + ["waits"] * 5)


def test_nothing_is_typed_for_a_closed_day() -> None:
    ledger, account = issuer()
    states_on(account, ago(3), bank.line(50_00, "a"), opening=0)
    transact(reviewing.review, ledger)
    with pytest.raises(Invalid) as refused:
        typed(account, 7_00, 3)
    assert refused.value.code == "day_closed"
    typed(account, 7_00, 2)


def test_the_operating_account_counts_where_it_is_recorded() -> None:
    ledger, account = issuer()
    states_on(account, ago(3), bank.line(50_00, "a"), opening=0)
    own = bank.account_of(ledger, purpose=AccountPurpose.OPERATING)
    states_on(own, ago(3), bank.line(9_00, "Habenzinsen", party_iban=None), opening=0)
    assert transact(reviewing.review, ledger) == 1
    states_on(account, ago(1))
    assert (transact(reviewing.review, ledger), states(ledger)) == (0, ["closed", "waits", "waits"])
    states_on(own, ago(1))
    assert transact(reviewing.review, ledger) == 2


def test_an_issuer_without_a_bank_closes_its_days_by_two_people() -> None:
    ledger = transact(organisation, "issuer").id
    document = JournalDocument(uuid4(), uuid4(), ledger, "example", booked_on=ago(8))
    transact(write, document, [JournalLine("TB", "OB", 5)])
    transact(reviewing.review, ledger)
    (row,) = open_rows(ledger)
    assert (row.cause, row.cents, row.from_day, row.until_day) == ("not_stated", 5, ago(8), ago(1))
    assert close_days(ledger) == 8


def test_a_difference_is_given_to_who_handles_this_bank_and_to_nobody_else() -> None:
    ledger, account = issuer()
    first, second, stranger = clerk(ledger), clerk(ledger), clerk(transact(organisation, "issuer").id)
    states_on(account, ago(2), bank.line(50_00, "a"), opening=0)
    typed(account, 30_00, 1)
    states_on(account, ago(1))
    transact(reviewing.review, ledger)
    (row,) = open_rows(ledger)
    before = len(mails(TEMPLATE))
    with pytest.raises(Invalid):
        transact(deciding.assign, row.id, stranger)
    assert row.owner_id == first
    for _time in range(2):
        transact(deciding.assign, row.id, second)
    assert (len(mails(TEMPLATE)), transact(owners.find_first_owner, ledger)) == (before + 1, second)


def test_reviews_at_once_close_each_day_once(app: Flask) -> None:
    ledger, account = issuer()
    states_on(account, ago(3), bank.line(50_00, "a"), opening=0)
    typed(account, 30_00, 1)
    states_on(account, ago(1))
    found = at_once(app, lambda _place: transact(reviewing.review, ledger), range(4))
    assert (sorted(each for each in found if not isinstance(each, DomainError)), len(open_rows(ledger))) == (
        [0, 0, 0, 2],
        1,
    )
