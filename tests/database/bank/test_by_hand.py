"""What a person typed: booked at once, worth nothing until another person says what it is for."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from foundation.database import session, transact
from foundation.errors import Refused
from money.bank import allocation, importing, queries
from money.bank.models import BankAllocation
from money.payments import starting
from tests.builders import bank
from tests.builders.booking import balance, findings
from tests.builders.payments import told
from tests.builders.threads import at_once

TYPIST, OTHER = uuid4(), uuid4()


def placements(receipt_id: UUID) -> int:
    found = session.scalar(
        sa.select(sa.func.count()).select_from(BankAllocation).where(BankAllocation.receipt_id == receipt_id)
    )
    session.commit()
    return int(found or 0)


def test_what_one_person_types_is_booked_and_pays_nothing() -> None:
    payment = bank.by_transfer(20_00)
    taken = bank.typed(payment, 20_00, TYPIST)
    assert (taken.new, placements(taken.receipt_id)) == (True, 0)
    assert (told(payment).state, told(payment).secured, balance("KZ", taken.receipt_id)) == ("open", 0, 20_00)
    (waits,) = queries.list_open_receipts([bank.payment(payment).ledger_id])
    assert (waits.why, waits.missing_cents, waits.payment and waits.payment.id) == ("exact", 20_00, payment)
    assert (waits.is_barred_for(TYPIST), waits.is_barred_for(OTHER)) == (True, False)
    session.commit()
    assert findings() == []


def test_who_typed_it_cannot_assign_it_and_another_person_can() -> None:
    payment = bank.by_transfer(20_00)
    taken = bank.typed(payment, 20_00, TYPIST)
    with pytest.raises(Refused) as refusal:
        transact(allocation.allocate_to_payment, taken.receipt_id, payment, person_id=TYPIST)
    assert refusal.value.code == "same_person"
    assert (told(payment).secured, placements(taken.receipt_id)) == (0, 0)
    assert transact(allocation.allocate_to_payment, taken.receipt_id, payment, person_id=OTHER) == 20_00
    assert (told(payment).state, told(payment).secured, balance("KZ", taken.receipt_id)) == ("secured", 1, 0)
    assert findings() == []


DEEDS: dict[str, Callable[[UUID, UUID, UUID], object]] = {
    "late": lambda receipt, payment, by: allocation.allocate_late(receipt, payment, person_id=by),
    "own": lambda receipt, _payment, by: allocation.reclassify(receipt, "own", person_id=by, note="eigenes Geld"),
    "claim": lambda receipt, payment, by: allocation.allocate_to_claim(
        receipt, uuid4(), 5_00, ledger_id=bank.payment(payment).ledger_id, person_id=by, note=""
    ),
    "back": lambda receipt, _payment, by: allocation.request_return(receipt, person_id=by),
}


@pytest.mark.parametrize("deed", sorted(DEEDS))
def test_nothing_else_is_done_with_it_by_who_typed_it_either(deed: str) -> None:
    payment = bank.by_transfer(20_00)
    starting.abandon(payment, "expired")
    taken = bank.typed(payment, 20_00, TYPIST)
    with pytest.raises(Refused) as refusal:
        transact(DEEDS[deed], taken.receipt_id, payment, TYPIST)
    assert refusal.value.code == "same_person"
    assert (balance("KZ", taken.receipt_id), placements(taken.receipt_id)) == (20_00, 0)
    if deed != "claim":  # no counter stands behind this one
        transact(DEEDS[deed], taken.receipt_id, payment, OTHER)
        assert allocation.count_unallocated_cents(bank.receipt(taken.receipt_id)) == 0
        session.commit()
    assert findings() == []


def test_the_typist_and_others_at_once_pay_it_once_and_never_by_the_typist(app: Flask) -> None:
    payment = bank.by_transfer(20_00)
    taken = bank.typed(payment, 20_00, TYPIST)
    persons = [TYPIST, OTHER, TYPIST, uuid4(), uuid4(), TYPIST]
    found = at_once(
        app, lambda by: transact(allocation.allocate_to_payment, taken.receipt_id, payment, person_id=by), persons
    )
    codes = sorted(each.code for each in found if isinstance(each, Refused))
    assert (codes, [each for each in found if isinstance(each, int)]) == (
        ["nothing_missing"] * 2 + ["same_person"] * 3,
        [20_00],
    )
    (by,) = session.scalars(sa.select(BankAllocation.placed_by).where(BankAllocation.receipt_id == taken.receipt_id))
    session.commit()
    assert (by != TYPIST, told(payment).secured) == (True, 1)
    assert findings() == []


def test_the_line_of_the_statement_confirms_what_was_typed_and_is_not_booked_again() -> None:
    payment = bank.by_transfer(20_00)
    account, own = bank.expected(payment)
    taken = bank.typed(payment, 20_00, TYPIST)
    typed = bank.receipt(taken.receipt_id)
    session.commit()
    before = bank.stated(account)
    assert before.opening is not None
    before.opening = before.opening._replace(cents=0)
    confirming = bank.line(20_00, own, bank_reference=typed.bank_reference)
    report = importing.take([(account, replace(before, lines=[confirming]))])
    assert (report.new, report.known) == (0, 1)
    assert (balance("KZ", taken.receipt_id), placements(taken.receipt_id)) == (20_00, 0)
    assert bank.states(account, bank.line(20_00, own)).paid == 1
    assert findings() == []
