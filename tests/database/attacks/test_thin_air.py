"""Making value out of nothing, or twice out of the same money, with the application's own functions."""

from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy.exc import DBAPIError

from foundation.database import session, transact, uuid7
from money.bank import allocation, receiving
from money.bank.states import AccountPurpose
from tests.builders import bank, payments, sales
from tests.builders import vouchers as build
from tests.builders.booking import balance, findings
from tests.builders.ledger import JournalDocument, JournalLine, write
from tests.builders.threads import at_once
from tests.database.attacks.test_login import refusal
from vouchers.stored_value import issuing
from vouchers.stored_value.issuing import Funding, LotTerms
from vouchers.stored_value.models import Programme


def wait(issuer: UUID, account: str, party: UUID, cents: int) -> None:
    """Money that waits for its purpose with a party, on the trust account."""
    line = JournalLine("TB", account, cents, credit_party=party)
    transact(write, JournalDocument(uuid7(), party, issuer, "test.waits"), [line])


def take(programme: Programme, account: str, party: UUID, cents: int) -> UUID:
    """A voucher out of a party's money, committed; gives its id."""
    issued = transact(
        issuing.issue,
        programme.id,
        cents,
        terms=LotTerms(kind="bonus" if account == "CB" else "paid", origin_id=party),
        funding=Funding(account, party),
        actor_id=uuid7(),
        key=str(uuid4()),
    )
    return issued.voucher_id


def is_unfunded(error: object) -> bool:
    """Whether the database refused it because the money is not there."""
    diagnosis = getattr(getattr(error, "orig", None), "diag", None)
    return isinstance(error, DBAPIError) and getattr(diagnosis, "constraint_name", "") == "funded"


@pytest.mark.parametrize("account", ["KZ", "CB"])
def test_value_out_of_nothing_is_refused(context: Flask, account: str) -> None:
    programme = transact(build.programme)
    with pytest.raises(DBAPIError) as refused:
        take(programme, account, uuid7(), 20_00)
    session.rollback()
    assert is_unfunded(refused.value)


@pytest.mark.parametrize("account", ["KZ", "CB"])
def test_money_makes_value_once_to_the_cent(context: Flask, account: str) -> None:
    programme, party = transact(build.programme), uuid7()
    wait(programme.issuer_id, account, party, 50_00)
    voucher = take(programme, account, party, 30_00)
    for cents in (30_00, 20_01):
        with pytest.raises(DBAPIError) as refused:
            take(programme, account, party, cents)
        session.rollback()
        assert is_unfunded(refused.value)
    take(programme, account, party, 20_00)
    assert balance("VB" if account == "CB" else "VL", voucher) == 30_00
    assert findings() == []


def test_another_issuers_money_makes_no_value(context: Flask) -> None:
    programme, other, party = transact(build.programme), transact(build.programme), uuid7()
    wait(other.issuer_id, "KZ", party, 50_00)
    with pytest.raises(DBAPIError) as refused:
        take(programme, "KZ", party, 20_00)
    session.rollback()
    assert is_unfunded(refused.value)
    take(other, "KZ", party, 50_00)


def test_ten_at_once_take_no_more_than_there_is(context: Flask) -> None:
    programme, party = transact(build.programme), uuid7()
    wait(programme.issuer_id, "KZ", party, 50_00)
    results = at_once(context, lambda _place: take(programme, "KZ", party, 20_00), range(10))
    assert sum(isinstance(result, UUID) for result in results) == 2
    assert all(isinstance(result, UUID) or is_unfunded(result) for result in results)
    take(programme, "KZ", party, 10_00)
    assert findings() == []


def test_a_second_voucher_out_of_a_paid_sale_is_refused(context: Flask) -> None:
    programme = transact(build.programme)
    sale = sales.sale(sales.paid(programme))
    assert sale.payment_id
    with pytest.raises(DBAPIError) as refused:
        take(programme, "KZ", sale.payment_id, sale.cents)
    session.rollback()
    assert is_unfunded(refused.value)
    assert findings() == []


PLACE = """
INSERT INTO bank_placement (id, receipt_id, place, paper_id, cents, journal_id, note, placed_by, approved_by,
                            recorded_at)
SELECT i, %(receipt)s, 'value', %(paper)s, %(cents)s, i, '', %(first)s, %(second)s, now() FROM gen_random_uuid() AS i
"""


def test_a_receipt_pays_for_no_more_value_than_it_is(context: Flask) -> None:
    """Two cents too many, the second time, money on the operating account, one person as two, who typed it."""
    issuer, typist = transact(build.programme).issuer_id, uuid7()
    receipt = bank.income(issuer, 50_00)
    operating = bank.received(bank.account_of(issuer, "e.V.", AccountPurpose.OPERATING), bank.line(50_00))
    trust = bank.receipt(receipt).account_id
    session.commit()
    typed = transact(receiving.record_receipt, trust, bank.credit(50_00), typist).receipt_id
    two = {"paper": uuid7(), "first": uuid7(), "second": uuid7()}
    assert refusal(PLACE, receipt=receipt, cents=50_02, **two) == "funded"
    assert refusal(PLACE, receipt=operating, cents=1, **two) == "funded"
    assert refusal(PLACE, receipt=typed, cents=1, **(two | {"second": typist})) == "funded"
    assert refusal(PLACE, receipt=receipt, cents=1, **(two | {"second": two["first"]})) == "ck_bank_placement_by_two"
    assert refusal(PLACE, receipt=receipt, cents=1, **(two | {"second": None})) == "ck_bank_placement_value_by_two"
    values = {"ledger_id": issuer, "person_ids": (two["first"], two["second"])}
    transact(allocation.allocate_to_value, receipt, two["paper"], 30_00, **values)
    assert refusal(PLACE, receipt=receipt, cents=20_01, **two) == "funded"
    assert balance("KZ", two["paper"]) == 30_00
    transact(allocation.reclassify, operating, "own", person_id=uuid7(), note="kein Geld von Kunden")
    assert findings() == []


UNDO = """
INSERT INTO bank_placement (id, receipt_id, place, payment_id, cents, journal_id, note, undoes, recorded_at)
SELECT i, receipt_id, 'payment', %(payment)s, %(cents)s, i, '', id, now() FROM bank_placement, gen_random_uuid() AS i
 WHERE receipt_id = %(receipt)s AND undoes IS NULL
"""


def test_what_a_receipt_was_used_for_is_not_undone_and_used_again(context: Flask) -> None:
    """Value, own funds, another payment's, another sum: else the receipt would pay for vouchers a second time."""
    payments.prepare()
    issuer, payment = transact(build.programme).issuer_id, bank.by_transfer(20_00)
    values = {"ledger_id": issuer, "person_ids": (uuid7(), uuid7())}
    paid, own, placed = bank.income(issuer, 50_00), bank.income(issuer, 20_00), bank.came(payment, 7_00).receipt_id
    transact(allocation.allocate_to_value, paid, uuid7(), 50_00, **values)
    transact(allocation.reclassify, own, "own", person_id=uuid7(), note="Polster")
    other = bank.by_transfer(1_00)
    assert refusal(UNDO, receipt=paid, payment=payment, cents=50_00) == "undone"
    assert refusal(UNDO, receipt=own, payment=payment, cents=20_00) == "undone"
    assert refusal(UNDO, receipt=placed, payment=other, cents=7_00) == "undone"
    assert refusal(UNDO, receipt=placed, payment=payment, cents=6_99) == "undone"
    assert findings() == []
