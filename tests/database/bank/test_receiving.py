"""Money by bank transfer: what pays, what waits for a person, and that the books always equal the bank."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from foundation import clock
from foundation.database import session, transact
from foundation.errors import Invalid, Refused
from money.bank import accounts, allocation, importing, placing, receiving, returning
from money.bank import lines as taking
from money.bank.models import BankReceipt, BankReturn
from money.ledger import balances
from money.payments import opening, recovering, refunding, starting
from money.payments.models import Tender
from money.payments.tendering import TenderRequest
from tests.builders import bank
from tests.builders.booking import balance, findings
from tests.builders.organisations import organisation
from tests.builders.payments import THINGS, opened, thing, told
from tests.builders.threads import at_once

CLERK = uuid4()


def pool(payment: UUID) -> int:
    """What the books say lies on the trust account, without the builder's float."""
    found = balances.load_balance(bank.payment(payment).ledger_id, "TB") - 100_00
    session.commit()
    return found


def rest(receipt_id: UUID) -> int:
    found = allocation.count_unallocated_cents(bank.receipt(receipt_id))
    session.commit()
    return found


def tender_of(payment: UUID) -> UUID:
    found = session.scalar(sa.select(Tender.id).where(Tender.payment_id == payment))
    session.commit()
    assert found
    return found


def returns_of(payment: UUID) -> list[BankReturn]:
    found = list(session.scalars(sa.select(BankReturn).where(BankReturn.payment_id == payment)))
    session.commit()
    return found


def test_an_order_waits_two_weeks_and_the_exact_sum_with_its_reference_pays_it() -> None:
    payment = bank.by_transfer(42_50)
    waits = bank.payment(payment).expires_at - clock.now()
    session.commit()
    assert timedelta(days=13, hours=23) < waits <= timedelta(days=14)
    assert (told(payment).state, told(payment).secured) == ("open", 0)
    taken = bank.came(payment, 42_50)
    assert taken.payment_id == payment
    now = told(payment)
    assert (now.state, now.tenders, now.secured) == ("secured", {"transfer": "captured"}, 1)
    assert now.booked == {"bank_placed": 42_50}
    assert (balance("KZ", payment), pool(payment), rest(taken.receipt_id)) == (0, 42_50, 0)
    assert findings() == []


@pytest.mark.parametrize(
    "words", ["{}", "danke {} fuer den gutschein", "{grouped}", "RE\n{halves}", "kd-nr. 4711/{lower}/xx"]
)
def test_the_reference_is_found_however_it_is_written(words: str) -> None:
    payment = bank.by_transfer(20_00)
    _account, own = bank.expected(payment)
    grouped = " ".join(own[place : place + 4] for place in range(0, 12, 4))
    text = words.format(own, grouped=grouped, halves=f"{own[:7]}\n{own[7:]}", lower=own.lower())
    assert bank.came(payment, 20_00, text).payment_id == payment


@pytest.mark.parametrize("cents", [19_99, 1])
def test_less_is_put_to_its_payment_and_waits_there_for_the_rest(cents: int) -> None:
    payment = bank.by_transfer(20_00)
    taken = bank.came(payment, cents)
    assert taken.payment_id is None
    assert (told(payment).state, told(payment).secured) == ("open", 0)
    assert (balance("KZ", payment), pool(payment), rest(taken.receipt_id)) == (cents, cents, 0)
    assert findings() == []
    assert bank.came(payment, 20_00 - cents).payment_id == payment
    assert (told(payment).secured, balance("KZ", payment)) == (1, 0)
    assert findings() == []


def test_more_pays_its_payment_and_leaves_the_rest_to_a_person() -> None:
    payment = bank.by_transfer(20_00)
    taken = bank.came(payment, 20_01)
    assert (taken.payment_id, told(payment).state, told(payment).secured) == (payment, "secured", 1)
    assert (balance("KZ", payment), balance("KZ", taken.receipt_id), rest(taken.receipt_id)) == (0, 1, 1)
    assert findings() == []


def test_money_without_reference_or_with_two_waits_for_a_person() -> None:
    payment = bank.by_transfer(20_00)
    assert bank.came(payment, 20_00, "Gutschein für Oma").payment_id is None
    other = bank.by_transfer(20_00)
    both = f"{bank.expected(payment)[1]} {bank.expected(other)[1]}"
    assert bank.came(payment, 20_00, both).payment_id is None
    assert told(payment).state == "open"


def test_money_on_another_issuers_account_waits_for_a_person() -> None:
    payment, other = bank.by_transfer(20_00), bank.by_transfer(20_00)
    taken = bank.came(other, 20_00, bank.expected(payment)[1])
    assert (taken.payment_id, told(payment).state, told(other).state) == (None, "open", "open")
    with pytest.raises(Refused) as refusal:
        transact(allocation.allocate_to_payment, taken.receipt_id, payment, person_id=CLERK)
    assert refusal.value.code == "other_issuer"
    assert findings() == []


def test_the_same_credit_typed_again_is_nothing_new_and_other_figures_are_refused() -> None:
    payment = bank.by_transfer(20_00)
    account, own = bank.expected(payment)
    wanted = bank.credit(20_00, own, reference="ABC1")
    first = transact(receiving.record_receipt, account, wanted, CLERK)
    again = transact(receiving.record_receipt, account, wanted, CLERK)
    assert (again.receipt_id, again.new) == (first.receipt_id, False)
    with pytest.raises(Refused) as refusal:
        transact(receiving.record_receipt, account, replace(wanted, cents=20_01), CLERK)
    assert refusal.value.code == "bank_reference_differs"
    assert pool(payment) == 20_00


@pytest.mark.parametrize(
    "wrong",
    [{"cents": 0}, {"cents": -5}, {"bank_reference": ""}, {"bank_reference": "x" * 141}, {"remittance": "x" * 2001}],
)
def test_nonsense_is_refused_and_changes_nothing(wrong: dict[str, object]) -> None:
    payment = bank.by_transfer(20_00)
    values = vars(bank.credit(20_00)) | wrong
    with pytest.raises(Invalid):
        transact(receiving.record_receipt, bank.expected(payment)[0], receiving.BankCredit(**values), CLERK)
    assert pool(payment) == 0


def test_days_in_the_future_and_very_old_ones_are_refused() -> None:
    payment = bank.by_transfer(20_00)
    account, own = bank.expected(payment)
    for days in (1, -401):
        day = clock.today() + timedelta(days=days)
        values = vars(bank.credit(20_00)) | {"booked_on": day}
        with pytest.raises(Invalid):
            transact(receiving.record_receipt, account, receiving.BankCredit(**values), CLERK)
        with pytest.raises(Invalid) as refusal:
            bank.states(account, bank.line(20_00, own, booked_on=day))
        assert refusal.value.code == "line_day_wrong"
    assert pool(payment) == 0


def test_the_same_statement_from_many_threads_is_booked_once(app: Flask) -> None:
    payment = bank.by_transfer(20_00)
    account, own = bank.expected(payment)
    stated = bank.stated(account, bank.line(20_00, own))
    found = at_once(app, lambda _n: importing.take([(account, stated)]), range(6))
    assert [each for each in found if isinstance(each, Exception)] == []
    assert sorted(each.new for each in found) == [0] * 5 + [1]
    assert (told(payment).secured, pool(payment)) == (1, 20_00)
    assert findings() == []


def test_two_statements_that_follow_the_same_one_are_never_both_taken(app: Flask) -> None:
    payment = bank.by_transfer(20_00)
    account, _own = bank.expected(payment)
    bank.states(account, bank.line(1_00, "x"))
    rivals = [bank.stated(account, bank.line(2_00, f"y{n}")) for n in range(4)]
    found = at_once(app, lambda stated: importing.take([(account, stated)]), rivals)
    assert sorted(getattr(each, "code", "taken") for each in found) == ["statement_not_next"] * 3 + ["taken"]
    assert pool(payment) == 3_00
    assert findings() == []


def test_two_receipts_for_one_payment_at_once_pay_it_once(app: Flask) -> None:
    for _round in range(3):
        payment = bank.by_transfer(20_00)
        account, own = bank.expected(payment)
        lines = [bank.line(20_00, own, position=n) for n in range(1, 5)]
        transact(taking.take_statement, account, bank.stated(account, *lines))
        named = placing.list_named(account)
        session.commit()
        found = at_once(app, lambda pair: transact(placing.place, *pair), named)
        assert [each for each in found if isinstance(each, Exception)] == []
        assert sorted(len(each.paid) for each in found) == [0, 0, 0, 1]
        assert (told(payment).secured, pool(payment)) == (1, 80_00)
    assert findings() == []


def test_expiry_and_receipt_at_once_end_in_one_of_the_two(app: Flask) -> None:
    for _round in range(4):
        payment = bank.by_transfer(20_00)
        account, own = bank.expected(payment)
        stated = bank.stated(account, bank.line(20_00, own))
        deeds = [
            lambda: importing.take([(account, stated)]),  # noqa: B023
            lambda: starting.abandon(payment, "expired"),  # noqa: B023
        ]
        found = at_once(app, lambda deed: deed(), deeds)
        assert [each for each in found if isinstance(each, Exception)] == []
        now = told(payment)
        assert (now.state, now.secured, now.failed) in [("secured", 1, []), ("failed", 0, ["expired"])]
        assert pool(payment) == 20_00
    assert findings() == []


@settings(max_examples=25)
@given(st.permutations([(20_00, True), (20_00, True), (5_00, True), (20_00, False), (15_00, True)]))
def test_the_order_of_receipts_changes_nothing(order: list[tuple[int, bool]]) -> None:
    payment = bank.by_transfer(20_00)
    taken = [bank.came(payment, cents, None if named else "ohne") for cents, named in order]
    assert sum(each.payment_id == payment for each in taken) == 1
    left = [rest(each.receipt_id) for each in taken]
    unnamed = next(place for place, (_cents, named) in enumerate(order) if not named)
    assert (sum(left), left[unnamed], pool(payment)) == (60_00, 20_00, 80_00)
    assert (told(payment).state, told(payment).secured, balance("KZ", payment)) == ("secured", 1, 0)


def test_parts_without_a_reference_are_put_together_by_a_person_until_the_sum_is_there() -> None:
    payment = bank.by_transfer(50_00)
    first, second = bank.came(payment, 30_00, "Teil"), bank.came(payment, 25_00, "Teil")
    assert transact(allocation.allocate_to_payment, first.receipt_id, payment, person_id=CLERK) == 30_00
    assert (told(payment).state, balance("KZ", payment)) == ("open", 30_00)
    assert findings() == []
    assert transact(allocation.allocate_to_payment, second.receipt_id, payment, person_id=CLERK) == 20_00
    assert (told(payment).state, told(payment).secured, balance("KZ", payment)) == ("secured", 1, 0)
    assert (rest(first.receipt_id), rest(second.receipt_id)) == (0, 5_00)
    with pytest.raises(Refused) as refusal:
        transact(allocation.allocate_to_payment, second.receipt_id, payment, person_id=CLERK)
    assert refusal.value.code == "nothing_missing"
    assert findings() == []


def test_when_the_time_is_over_what_was_placed_is_nobodys_again() -> None:
    payment = bank.by_transfer(50_00)
    taken = bank.came(payment, 30_00)
    with clock.at(clock.now() + timedelta(days=14, minutes=1)):
        recovering.recover()
    assert (told(payment).state, told(payment).failed) == ("failed", ["expired"])
    assert (rest(taken.receipt_id), balance("KZ", payment), balance("KZ", taken.receipt_id)) == (30_00, 0, 30_00)
    assert findings() == []


def test_late_money_can_still_buy_it_or_goes_back() -> None:
    payment = bank.by_transfer(50_00)
    starting.abandon(payment, "expired")
    late = bank.came(payment, 50_00)
    assert (late.payment_id, told(payment).state) == (None, "failed")
    made = transact(allocation.allocate_late, late.receipt_id, payment, person_id=CLERK)
    assert (told(made).state, told(made).secured, rest(late.receipt_id)) == ("secured", 1, 0)
    again = bank.came(payment, 50_00)
    with pytest.raises(Refused) as refusal:
        transact(allocation.allocate_late, again.receipt_id, payment, person_id=CLERK)
    assert refusal.value.code == "payment_under_way"
    back = transact(allocation.request_return, again.receipt_id, person_id=CLERK)
    assert rest(again.receipt_id) == 0
    with pytest.raises(Refused) as refusal:
        transact(returning.record_return, back, person_id=CLERK, done_on=clock.today())
    assert refusal.value.code == "asked_yourself"
    assert transact(returning.record_return, back, person_id=uuid4(), done_on=clock.today()) is True
    assert transact(returning.record_return, back, person_id=CLERK, done_on=clock.today()) is False
    assert (balance("KZ", again.receipt_id), balance("KZ", back), pool(payment)) == (0, 50_00, 100_00)
    assert findings() == []
    remittance = session.get_one(BankReturn, back).remittance
    bank.states(bank.expected(payment)[0], bank.line(-50_00, remittance))
    assert (balance("KZ", again.receipt_id), balance("KZ", back), pool(payment)) == (0, 0, 50_00)
    assert findings() == []


def test_a_payout_of_the_provider_and_own_funds_are_told_from_customers_money() -> None:
    payment = bank.by_transfer(20_00)
    ledger = bank.payment(payment).ledger_id
    taken = bank.came(payment, 30_00, "STRIPE PAYOUT")
    with pytest.raises(Refused) as refusal:
        transact(allocation.reclassify, taken.receipt_id, "provider", person_id=CLERK, note="Auszahlung")
    assert refusal.value.code == "provider_owes_less"
    with pytest.raises(Invalid):
        transact(allocation.reclassify, taken.receipt_id, "own", person_id=CLERK, note="")
    assert (
        transact(allocation.reclassify, taken.receipt_id, "own", person_id=CLERK, note="Polster für Gebühren") == 30_00
    )
    assert (balances.load_balance(ledger, "OB"), balance("KZ", taken.receipt_id)) == (-130_00, 0)
    session.commit()
    assert findings() == []


def test_a_refund_is_asked_for_sent_by_a_person_and_booked_once() -> None:
    payment = bank.by_transfer(50_00)
    bank.came(payment, 50_00)
    transact(refunding.refund_tender, tender_of(payment), 20_00, key=f"r {payment}", reason="withdrawal")
    (owed,) = returns_of(payment)
    assert (owed.cents, owed.payer_iban, owed.done_at) == (20_00, bank.PAYER_IBAN, None)
    assert (pool(payment), told(payment).booked) == (50_00, {"bank_placed": 50_00})
    assert findings() == []
    with pytest.raises(Invalid):
        transact(returning.record_return, owed.id, person_id=CLERK, done_on=clock.today() + timedelta(days=1))
    assert (
        transact(returning.record_return, owed.id, person_id=CLERK, done_on=clock.today(), bank_reference="OUT1")
        is True
    )
    assert (
        transact(returning.record_return, owed.id, person_id=CLERK, done_on=clock.today(), bank_reference="OUT2")
        is False
    )
    assert told(payment).booked == {"bank_placed": 50_00, "bank_returned": 20_00}
    assert (balance("KZ", owed.id), pool(payment)) == (20_00, 50_00)
    assert findings() == []
    bank.states(bank.expected(payment)[0], bank.line(-20_00, owed.remittance))
    assert (balance("KZ", owed.id), pool(payment)) == (0, 30_00)
    assert findings() == []


def test_a_refund_recorded_by_two_persons_at_once_is_booked_once(app: Flask) -> None:
    payment = bank.by_transfer(50_00)
    bank.came(payment, 50_00)
    transact(refunding.refund_tender, tender_of(payment), 50_00, key=f"r {payment}", reason="withdrawal")
    (owed,) = returns_of(payment)

    def record(_place: int) -> bool:
        return transact(returning.record_return, owed.id, person_id=uuid4(), done_on=clock.today())

    assert sorted(at_once(app, record, range(5))) == [False] * 4 + [True]
    assert (told(payment).state, balance("KZ", owed.id), pool(payment)) == ("refunded", 50_00, 50_00)
    bank.states(bank.expected(payment)[0], bank.line(-50_00, owed.remittance))
    assert (balance("KZ", owed.id), pool(payment)) == (0, 0)


def test_a_receipt_is_decided_about_once_by_many_persons_at_once(app: Flask) -> None:
    payment = bank.by_transfer(20_00)
    taken = bank.came(payment, 50_00, "ohne")
    deeds = [
        lambda: transact(allocation.allocate_to_payment, taken.receipt_id, payment, person_id=CLERK),
        lambda: transact(allocation.request_return, taken.receipt_id, person_id=CLERK),
        lambda: transact(allocation.reclassify, taken.receipt_id, "own", person_id=CLERK, note="eigenes Geld"),
    ]
    found = at_once(app, lambda deed: deed(), deeds * 2)
    assert {type(each).__name__ for each in found if isinstance(each, Exception)} <= {"Refused"}
    assert rest(taken.receipt_id) in {0, 30_00}
    assert findings() == []


def test_transfer_is_offered_only_for_one_issuer_with_an_account() -> None:
    several, bare = thing(10_00, 10_00, issuers=2), thing(10_00)
    for ref in (several, bare):
        with pytest.raises(Refused) as refusal:
            opened(ref, TenderRequest("transfer", THINGS.known[ref].cents))
        assert refusal.value.code == "method_not_offered"
    for share in THINGS.known[several].shares:
        bank.account_of(share.organisation_id)
    with pytest.raises(Refused):
        opened(several, TenderRequest("transfer", 20_00))
    seller = thing(10_00, rail="seller")
    bank.account_of(organisation("issuer").id)
    with pytest.raises(Refused):
        opened(seller, TenderRequest("transfer", 10_00))
    assert opening.open_payment


def test_an_account_is_checked_kept_and_changed_by_closing_the_old_one() -> None:
    issuer, other, shop = organisation("issuer").id, organisation("issuer").id, organisation().id
    session.commit()
    first = bank.iban()
    made = transact(accounts.record_account, issuer, iban=first, holder="Verein")
    assert transact(accounts.record_account, issuer, iban=f" {first[:4]} {first[4:]} ", holder=" Verein ") == made
    for wrong in ("DE00123", "", first[:-1] + str((int(first[-1]) + 1) % 10), "x" * 90):
        with pytest.raises(Invalid):
            transact(accounts.record_account, issuer, iban=wrong, holder="Verein")
    with pytest.raises(Invalid):
        transact(accounts.record_account, issuer, iban=first, holder="x" * 71)
    with pytest.raises(Refused):
        transact(accounts.record_account, other, iban=first, holder="Andere")
    with pytest.raises(Refused):
        transact(accounts.record_account, shop, iban=bank.iban(), holder="Laden")
    second = transact(accounts.record_account, issuer, iban=bank.iban(), holder="Verein")
    found = accounts.find_open_account(issuer)
    assert found is not None
    assert found.id == second
    assert accounts.find_by_iban(first).id == made  # type: ignore[union-attr]
    session.commit()


def test_late_money_on_a_closed_account_is_still_taken() -> None:
    payment = bank.by_transfer(20_00)
    bank.account_of(bank.payment(payment).ledger_id)
    assert bank.came(payment, 20_00).payment_id == payment


def test_receipts_cannot_be_changed() -> None:
    payment = bank.by_transfer(20_00)
    taken = bank.came(payment, 20_00)
    row = session.get_one(BankReceipt, taken.receipt_id)
    row.cents = 1
    with pytest.raises(sa.exc.DBAPIError):
        session.flush()
    session.rollback()
