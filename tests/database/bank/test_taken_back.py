"""What the bank takes back: the money, what it had bought, and what people had meanwhile done with it."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from flask import Flask

from foundation.clock import today
from foundation.database import session, transact
from foundation.errors import Refused
from money.bank import allocation, debits, importing, queries, returning
from money.bank.models import BankReturn
from money.ledger import balances
from money.payments import starting
from tests.builders import bank
from tests.builders.booking import balance, findings
from tests.builders.payments import told
from tests.builders.threads import at_once

FIRST, SECOND = uuid4(), uuid4()


@pytest.fixture(autouse=True)
def proven(context: Flask) -> Iterator[None]:
    """The books are right after every test."""
    yield
    session.rollback()
    assert findings() == []


def taken_back(account: UUID, cents: int, words: str, **more: object) -> importing.StatementReport:
    """The bank takes a credit of these words back."""
    return bank.states(account, bank.line(-cents, words, is_reversal=True, **more))


def open_debits(payment: UUID) -> list[queries.OpenDebit]:
    found = queries.list_open_debits([bank.payment(payment).ledger_id])
    session.commit()
    return found


def test_a_credit_that_nobody_had_used_stands_against_its_reversal() -> None:
    payment = bank.by_transfer(20_00)
    account, _own = bank.expected(payment)
    taken = bank.came(payment, 7_00, "ohne")
    report = taken_back(account, 7_00, "ohne")
    assert (report.debits, report.to_decide, open_debits(payment)) == (1, 0, [])
    assert balance("KZ", taken.receipt_id) == 0


def test_a_part_of_a_payment_that_waits_is_taken_off_it() -> None:
    payment = bank.by_transfer(20_00)
    account, own = bank.expected(payment)
    taken = bank.came(payment, 7_00)
    assert balance("KZ", payment) == 7_00
    taken_back(account, 7_00, own)
    assert (balance("KZ", payment), balance("KZ", taken.receipt_id), told(payment).state) == (0, 0, "open")
    assert bank.came(payment, 20_00).payment_id == payment


def test_what_was_to_be_sent_back_is_not_sent_when_the_bank_has_done_it() -> None:
    payment = bank.by_transfer(20_00)
    account, _own = bank.expected(payment)
    taken = bank.came(payment, 7_00, "ohne")
    transact(allocation.request_return, taken.receipt_id, person_id=FIRST)
    taken_back(account, 7_00, "ohne", reason="FOCR")
    assert (queries.list_open_returns([bank.payment(payment).ledger_id]), open_debits(payment)) == ([], [])


def test_the_money_of_a_paid_thing_is_claimed_of_its_payer_and_a_second_reversal_waits_for_people() -> None:
    payment = bank.by_transfer(20_00)
    account, own = bank.expected(payment)
    bank.came(payment, 20_00)
    taken_back(account, 20_00, own)
    ledger = bank.payment(payment).ledger_id
    claim = balances.load_balance(ledger, "SF", payment)
    session.commit()
    assert (claim, balance("KZ", payment), told(payment).state) == (20_00, 0, "secured")
    taken_back(account, 20_00, own)
    (waits,) = open_debits(payment)
    assert (waits.rest_cents, waits.takes_back, waits.original) == (20_00, True, None)
    transact(
        debits.decide,
        transact(debits.propose, waits.line.id, "own", person_id=FIRST, note="Klärung"),
        person_id=SECOND,
        agreed=True,
    )


def test_of_two_that_say_the_same_the_one_that_nobody_used_is_taken_back() -> None:
    payment = bank.by_transfer(20_00)
    account, own = bank.expected(payment)
    bank.states(account, bank.line(20_00, own), bank.line(20_00, own, position=2))
    taken_back(account, 20_00, own)
    ledger = bank.payment(payment).ledger_id
    assert (told(payment).state, balances.load_balance(ledger, "SF")) == ("secured", 0)
    session.commit()


def test_a_recall_names_its_reason_and_a_stranger_is_not_taken_for_the_payer() -> None:
    payment = bank.by_transfer(20_00)
    account, _own = bank.expected(payment)
    bank.came(payment, 7_00, "ohne")
    bank.states(account, bank.line(-7_00, "etwas anderes", party_iban="DE02120300000000202051", reason="AM09"))
    (waits,) = open_debits(payment)
    assert (waits.takes_back, waits.original) == (True, None)
    made = transact(debits.propose, waits.line.id, "own", person_id=FIRST, note="Rückruf, unklar")
    transact(debits.decide, made, person_id=SECOND, agreed=True)


def test_a_debit_is_explained_by_two_people_and_by_no_single_one(app: Flask) -> None:
    payment = bank.by_transfer(20_00)
    account, _own = bank.expected(payment)
    bank.states(account, bank.line(-5_00, "Lastschrift Unbekannt", party_iban=None))
    (waits,) = open_debits(payment)
    for place, note in (("own", ""), ("payment", "geht nicht"), ("return", "passt nicht"), ("reversal", "passt nicht")):
        with pytest.raises(Exception, match=r"."):
            transact(debits.propose, waits.line.id, place, person_id=FIRST, note=note)
    made = transact(debits.propose, waits.line.id, "own", person_id=FIRST, note="Kontoabbuchung")
    with pytest.raises(Refused) as refusal:
        transact(debits.propose, waits.line.id, "fee", person_id=SECOND, note="zweiter Vorschlag")
    assert refusal.value.code == "debit_proposal_open"
    with pytest.raises(Refused) as refusal:
        transact(debits.decide, made, person_id=FIRST, agreed=True)
    assert refusal.value.code == "own_debit_proposal"
    assert balance("KZ", waits.line.id) == -5_00
    found = at_once(app, lambda _n: transact(debits.decide, made, person_id=SECOND, agreed=True), range(4))
    assert sorted(getattr(each, "code", "done") for each in found) == ["debit_proposal_unknown"] * 3 + ["done"]
    assert (balance("KZ", waits.line.id), open_debits(payment)) == (0, [])


def test_a_declined_proposal_leaves_the_debit_open_for_another() -> None:
    payment = bank.by_transfer(20_00)
    account, _own = bank.expected(payment)
    bank.states(account, bank.line(-5_00, "Lastschrift", party_iban=None))
    (waits,) = open_debits(payment)
    made = transact(debits.propose, waits.line.id, "own", person_id=FIRST, note="eigenes Geld")
    transact(debits.decide, made, person_id=FIRST, agreed=False)
    again = transact(debits.propose, waits.line.id, "fee", person_id=SECOND, note="Entgelt der Bank")
    transact(debits.decide, again, person_id=FIRST, agreed=True)
    assert (open_debits(payment), balance("KZ", waits.line.id)) == ([], 0)


def test_a_debit_carries_out_the_return_that_people_asked_for_even_before_they_say_so() -> None:
    payment = bank.by_transfer(20_00)
    account, _own = bank.expected(payment)
    taken = bank.came(payment, 7_00, "ohne")
    owed = transact(allocation.request_return, taken.receipt_id, person_id=FIRST)
    words = session.get_one(BankReturn, owed).remittance.replace("ü", "ue")
    session.commit()
    bank.states(account, bank.line(-7_00, words))
    assert session.get_one(BankReturn, owed, populate_existing=True).done_on == today()
    session.commit()
    assert (open_debits(payment), balance("KZ", owed), balance("KZ", taken.receipt_id)) == ([], 0, 0)
    assert transact(returning.record_return, owed, person_id=SECOND, done_on=today()) is False


def test_late_money_that_is_taken_back_leaves_nothing_behind() -> None:
    payment = bank.by_transfer(20_00)
    account, own = bank.expected(payment)
    starting.abandon(payment, "expired")
    taken = bank.came(payment, 20_00)
    taken_back(account, 20_00, own)
    assert (balance("KZ", taken.receipt_id), open_debits(payment)) == (0, [])
