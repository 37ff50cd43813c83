"""What a person typed and what the bank states of it later: one credit, counted once, or crossed out."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from flask import Flask

from foundation.clock import today
from foundation.config import settings
from foundation.database import session, transact
from foundation.errors import DomainError, Invalid, Refused
from money.bank import allocation, confirming, queries, receiving
from money.ledger import balances, proof
from money.payments import refunding
from tests.builders import bank
from tests.builders.booking import balance, findings
from tests.builders.sales import mails, text_of
from tests.builders.threads import at_once

FLOAT_CENTS = 100_00
TYPIST, OTHER = uuid4(), uuid4()
OTHER_IBAN = "DE02120300000000202051"


@pytest.fixture(autouse=True)
def proven(request: pytest.FixtureRequest, context: Flask) -> Iterator[None]:
    """The books are right after every test that plants nothing."""
    yield
    session.rollback()
    if "own_database" not in request.fixturenames:
        assert findings() == []


def account_with_a_statement() -> tuple[UUID, UUID]:
    """(issuer, account): its first statement is there, and empty."""
    payment = bank.by_transfer(1_00)
    account, _own = bank.expected(payment)
    bank.states(account)
    return bank.payment(payment).ledger_id, account


def typed(account: UUID, cents: int, words: str, *, days_ago: int = 0, **more: object) -> UUID:
    """A person has typed this credit."""
    values = vars(bank.credit(cents, words)) | {"booked_on": today() - timedelta(days=days_ago)} | more
    wanted = receiving.BankCredit(**values)
    return transact(receiving.record_receipt, account, wanted, TYPIST).receipt_id


def on_the_account(ledger: UUID) -> int:
    """What typed credits and lines have brought to the trust account, beyond the float that test issuers begin with."""
    found = balances.load_balance(ledger, "TB")
    session.commit()
    return found - FLOAT_CENTS


@pytest.mark.parametrize(
    ("receipt", "line"),
    [
        ({"words": "Miete"}, {"remittance": "anders", "party_name": "P. Payer"}),  # the sender's account
        ({"words": "Miete", "payer_iban": None}, {"remittance": "MIETE.", "party_name": "x"}),  # the words
        ({"words": "", "payer_iban": None}, {"remittance": "x", "party_name": "PAULA PAYER"}),  # the name
        ({"words": "", "payer_iban": None, "bank_reference": "R1"}, {"party_name": "", "bank_reference": "R1"}),
        ({"words": "Miete", "days_ago": 5}, {"remittance": "Miete"}),  # another day
    ],
)
def test_a_line_confirms_what_was_typed_with_another_reference_or_day(
    receipt: dict[str, object], line: dict[str, object]
) -> None:
    ledger, account = account_with_a_statement()
    receipt_id = typed(account, 50_00, **receipt)  # type: ignore[arg-type]
    report = bank.states(account, bank.line(50_00, **({"bank_reference": "NONREF"} | line)))  # type: ignore[arg-type]
    assert (report.new, report.known) == (0, 1)
    assert (on_the_account(ledger), balance("KZ", receipt_id)) == (50_00, 50_00)


@pytest.mark.parametrize(
    ("receipt", "line"),
    [
        ({"words": "Miete"}, {"remittance": "Miete", "party_iban": OTHER_IBAN}),  # another sender
        ({"words": "RF18 7K4M 2XWQ"}, {"remittance": "", "party_name": "x", "party_iban": None}),  # nothing in common
        ({"words": "Miete", "days_ago": 6}, {"remittance": "Miete"}),  # too long ago
        ({"words": "Miete"}, {"remittance": "Miete", "reason": "AC04"}),  # it came back: no payment of anybody
    ],
)
def test_a_line_that_says_another_thing_is_a_credit_of_its_own(
    receipt: dict[str, object], line: dict[str, object]
) -> None:
    ledger, account = account_with_a_statement()
    typed(account, 50_00, **receipt)  # type: ignore[arg-type]
    assert bank.states(account, bank.line(50_00, **line)).new == 1  # type: ignore[arg-type]
    assert on_the_account(ledger) == 100_00


def test_a_line_for_another_payment_does_not_confirm_what_paid_the_first() -> None:
    one = bank.by_transfer(20_00)
    account, own = bank.expected(one)
    ledger = bank.payment(one).ledger_id
    other = bank.waits_for(ledger, 20_00)
    bank.states(account)
    receipt_id = typed(account, 20_00, own)
    transact(allocation.allocate_to_payment, receipt_id, one, person_id=OTHER)
    assert bank.states(account, bank.line(20_00, bank.expected(other)[1])).paid == 1
    assert bank.states(account, bank.line(20_00, own)).new == 0
    assert on_the_account(ledger) == 40_00


def test_two_equal_lines_confirm_two_typed_credits_and_a_third_is_new() -> None:
    ledger, account = account_with_a_statement()
    for _each in range(2):
        typed(account, 50_00, "Miete")
    lines = [bank.line(50_00, "Miete", position=place) for place in (1, 2, 3)]
    report = bank.states(account, *lines)
    assert (report.new, report.known, on_the_account(ledger)) == (1, 2, 150_00)


def test_the_exact_reference_goes_before_what_is_only_alike() -> None:
    ledger, account = account_with_a_statement()
    alike, exact = typed(account, 50_00, "Miete"), typed(account, 50_00, "", payer_iban=None, bank_reference="R7")
    bank.states(account, bank.line(50_00, "Miete", bank_reference="R7"))
    waiting = {each.id for each in confirming.list_unconfirmed(account)}
    session.commit()
    assert (alike in waiting, exact in waiting, on_the_account(ledger)) == (True, False, 100_00)


def test_what_no_line_confirms_in_time_is_listed_and_crossed_out_by_another_person() -> None:
    ledger, account = account_with_a_statement()
    receipt_id = typed(account, 50_00, "nie gekommen", days_ago=6)
    recent = typed(account, 7_00, "heute")
    (open,) = queries.list_unconfirmed([ledger])
    assert (open.receipt.id, open.is_used) == (receipt_id, False)
    session.commit()
    for person, note, refused in ((TYPIST, "nie gekommen", Refused), (OTHER, " ", Invalid)):
        with pytest.raises(refused):
            transact(allocation.cross_out, receipt_id, person_id=person, note=note)
    transact(allocation.cross_out, receipt_id, person_id=OTHER, note="Bank kennt ihn nicht")
    with pytest.raises(Refused):
        transact(allocation.cross_out, receipt_id, person_id=OTHER, note="noch einmal")
    assert (queries.list_unconfirmed([ledger]), on_the_account(ledger), balance("KZ", receipt_id)) == ([], 7_00, 0)
    assert bank.states(account, bank.line(7_00, "heute")).new == 0
    with pytest.raises(Refused) as refusal:
        transact(allocation.cross_out, recent, person_id=OTHER, note="doch nicht")
    assert refusal.value.code == "receipt_confirmed"
    late = bank.states(account, bank.line(50_00, "nie gekommen"))
    assert (late.new, on_the_account(ledger)) == (1, 57_00)


def test_what_has_paid_something_is_not_crossed_out() -> None:
    payment = bank.by_transfer(20_00)
    taken = bank.typed(payment, 25_00, TYPIST)
    transact(allocation.allocate_to_payment, taken.receipt_id, payment, person_id=OTHER)
    with pytest.raises(Refused) as refusal:
        transact(allocation.cross_out, taken.receipt_id, person_id=OTHER, note="nie gekommen")
    assert refusal.value.code == "nothing_left"


def test_crossing_out_and_the_banks_line_at_once_count_it_once(app: Flask) -> None:
    for _time in range(3):
        ledger, account = account_with_a_statement()
        receipt_id = typed(account, 50_00, "Miete")
        said = bank.stated(account, bank.line(50_00, "Miete"))

        def deed(what: str, account: UUID = account, receipt_id: UUID = receipt_id, said: object = said) -> object:
            if what == "line":
                return bank.importing.take([(account, said)])  # type: ignore[list-item]
            try:
                return transact(allocation.cross_out, receipt_id, person_id=OTHER, note="nie gekommen")
            except DomainError as refusal:
                return refusal

        at_once(app, deed, ["line", "cross out", "cross out"])
        assert on_the_account(ledger) == 50_00


def test_a_buyer_is_told_once_that_our_transfer_came_back_and_what_to_do() -> None:
    payment = bank.by_transfer(20_00)
    account, _own = bank.expected(payment)
    ledger = bank.payment(payment).ledger_id
    bank.came(payment, 20_00)
    transact(refunding.refund_tender, bank.payment(payment).tenders[0].id, 5_00, key=f"r {payment}", reason="x")
    before = len(mails("money/return_came_back"))
    for time, reason in enumerate(("AC04", "MS03")):
        (owed,) = queries.list_open_returns([ledger])
        words = f"{owed.remittance} {time}"
        session.commit()
        if owed.payer_iban is None:  # a person has asked and sends to another account
            bank.states(account, bank.line(-5_00, words, party_iban=OTHER_IBAN))
        else:
            bank.states(account, bank.line(-5_00, words))
        bank.states(account, bank.line(5_00, words, reason=reason))
    told = [text_of(letter) for letter in mails("money/return_came_back")[:2]]
    session.commit()
    assert len(mails("money/return_came_back")) == before + 2
    assert ["Das Konto ist aufgelöst." in text for text in told] == [False, True]
    assert all("5,00" in text and "Name und IBAN" in text for text in told)


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE bank_line SET receipt_id = '{crossed}' WHERE receipt_id = '{confirmed}'", "Z-31"),
        ("UPDATE bank_receipt SET booked_on = booked_on - 9 WHERE id = '{confirmed}'", "Z-31"),
        ("UPDATE bank_line SET moves = true WHERE receipt_id = '{confirmed}'", "Z-31"),
        ("UPDATE bank_receipt SET source = 'file' WHERE id = '{crossed}'", "Z-31"),
        ("DELETE FROM entry WHERE kind = 'bank_crossed_out'", "Z-12"),
        ("DELETE FROM bank_placement WHERE receipt_id = '{crossed}'", "Z-12"),
    ],
)
def test_each_planted_error_is_found(own_database: Flask, statement: str, code: str) -> None:
    _ledger, account = account_with_a_statement()
    confirmed, crossed = typed(account, 50_00, "Miete"), typed(account, 7_00, "nie")
    bank.states(account, bank.line(50_00, "Miete"))
    transact(allocation.cross_out, crossed, person_id=OTHER, note="nie gekommen")
    assert proof.prove() == []
    session.commit()
    with psycopg.connect(settings().database_url, autocommit=True) as owner:
        owner.execute("SET session_replication_role = replica")
        owner.execute(statement.format(confirmed=confirmed, crossed=crossed))  # type: ignore[call-overload]
    assert code in {finding.code for finding in proof.prove()}
