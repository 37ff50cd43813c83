"""What a counter owes: its line by two people and covered, its payments once, its account to the cent."""

from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from foundation import clock
from foundation.database import session, transact
from foundation.errors import Invalid, NotAllowed, NotFound, Refused
from money.ledger import explaining
from money.ledger.models import Entry
from tests.builders import approvals
from tests.builders import cards as build_cards
from tests.builders import vouchers as build
from tests.builders.booking import balance, findings
from tests.builders.ledger import add_float
from tests.builders.threads import at_once
from vouchers.approvals import deciding
from vouchers.cards import account_csv, counters, credit_lines, queries, selling, settlements, statements
from vouchers.cards.counters import CounterDetails
from vouchers.cards.models import Counter, CounterPayment

PLACE = {
    "code": "COE1",
    "name": "Bürgerbüro",
    "operator": "Stadt Coesfeld",
    "street": "Markt 8",
    "postcode": "48653",
    "ags": build.COESFELD,
    "email": "buergerbuero@example.org",
    "phone": "02541 939",
}


def pay(ground: build_cards.Scene, cents: int, key: str = "") -> CounterPayment:
    receipt_id = build_cards.receipt(ground, cents)
    return settle(ground, receipt_id, key)


def settle(ground: build_cards.Scene, receipt_id: object, key: str = "") -> CounterPayment:
    return transact(
        settlements.settle_counter,
        ground.counter_id,
        receipt_id,  # type: ignore[arg-type]
        person_id=ground.clerk_id,
        key=key or str(uuid4()),
    )


def test_a_receipt_of_the_bank_lowers_the_claim_once(context: Flask) -> None:
    ground = build_cards.scene()
    transact(build_cards.sell, ground, ground.cards[0], 80_00)
    receipt_id = build_cards.receipt(ground, 50_00)
    first = settle(ground, receipt_id, "k")
    assert settle(ground, receipt_id, "k").id == first.id
    assert (ground.counter.open_cents, balance("SF", ground.counter_id), balance("KZ", receipt_id)) == (
        30_00,
        -30_00,
        0,
    )
    entry = session.scalars(sa.select(Entry).where(Entry.kind == "bank_claim", Entry.aggregate_id == receipt_id)).one()
    assert (entry.debit_account, entry.credit_account, entry.ledger_id) == ("KZ", "SF", ground.programme.issuer_id)
    assert f"50,00\u202f€ von {ground.counter.name} auf dem Treuhandkonto" in explaining.explain(entry)
    with pytest.raises(Refused) as refused:
        settle(ground, receipt_id, "another")
    assert refused.value.code == "nothing_left"
    assert findings() == []


def test_what_is_more_than_open_stays_with_the_bank(context: Flask) -> None:
    ground = build_cards.scene()
    transact(build_cards.sell, ground, ground.cards[0], 80_00)
    receipt_id = build_cards.receipt(ground, 100_00)
    assert settle(ground, receipt_id).cents == 80_00
    assert (ground.counter.open_cents, balance("KZ", receipt_id)) == (0, 20_00)
    with pytest.raises(Refused) as refused:
        settle(ground, receipt_id)
    assert refused.value.code == "nothing_open"
    transact(build_cards.sell, ground, ground.cards[1], 50_00)
    assert settle(ground, receipt_id).cents == 20_00
    assert (ground.counter.open_cents, balance("KZ", receipt_id)) == (30_00, 0)
    assert findings() == []


def test_one_receipt_pays_once_under_eight_clerks(app: Flask, context: Flask) -> None:
    ground = build_cards.scene()
    transact(build_cards.sell, ground, ground.cards[0], 80_00)
    receipt_id = build_cards.receipt(ground, 50_00)
    results = at_once(app, lambda _n: settle(ground, receipt_id), range(8))
    assert len([r for r in results if isinstance(r, CounterPayment)]) == 1
    assert ground.counter.open_cents == 30_00


def test_who_typed_a_receipt_does_not_settle_a_counter_with_it(context: Flask) -> None:
    ground = build_cards.scene()
    transact(build_cards.sell, ground, ground.cards[0], 80_00)
    mine = build_cards.receipt(ground, 50_00, typed_by=ground.clerk_id)
    with pytest.raises(Refused) as refusal:
        settle(ground, mine)
    assert (refusal.value.code, ground.counter.open_cents) == ("same_person", 80_00)
    session.rollback()
    settle(ground, build_cards.receipt(ground, 50_00, typed_by=uuid4()))
    assert ground.counter.open_cents == 30_00


def test_receipts_of_others_pay_nothing_here(context: Flask) -> None:
    ground, other = build_cards.scene(), build_cards.scene()
    transact(build_cards.sell, ground, ground.cards[0], 80_00)
    foreign, mine = build_cards.receipt(other, 50_00), build_cards.receipt(ground, 10_00)
    for receipt_id in (foreign, uuid4()):
        with pytest.raises(NotFound):
            settle(ground, receipt_id)
    settle(ground, mine, "k")
    with pytest.raises(Refused) as refused:
        settle(ground, build_cards.receipt(ground, 5_00), "k")
    assert (refused.value.code, ground.counter.open_cents) == ("receipt_key_reused", 70_00)
    named = [row.receipt.cents for row, named in queries.list_open_receipts(ground.counter) if named]
    assert named == [5_00]


def test_payments_and_sales_at_once_lose_no_cent(app: Flask, context: Flask) -> None:
    ground = build_cards.scene(6, line=400_00)
    transact(build_cards.sell, ground, ground.cards[5], 100_00)

    def act(place: int) -> object:
        if place < 5:
            return transact(build_cards.sell, ground, ground.cards[place], 50_00)
        return settle(ground, receipts[place - 5])

    receipts = [build_cards.receipt(ground, 10_00) for _n in range(5)]
    at_once(app, act, range(10))
    assert (ground.counter.open_cents, balance("SF", ground.counter_id)) == (300_00, -300_00)
    assert findings() == []


def test_once_paid_over_a_sale_is_not_taken_back(context: Flask) -> None:
    ground = build_cards.scene()
    sale = transact(build_cards.sell, ground, ground.cards[0], 80_00)
    pay(ground, 10_00)
    with pytest.raises(Refused) as refused:
        transact(selling.undo_sale, sale.id, counter_id=ground.counter_id, clerk_id=ground.clerk_id, reason="vertippt")
    assert (refused.value.code, ground.counter.open_cents) == ("undo_settled", 70_00)


def propose(ground: build_cards.Scene, cents: int, person_id: object, key: str | None = None) -> object:
    return transact(
        credit_lines.propose_credit_line,
        ground.counter_id,
        cents,
        person_id=person_id,  # type: ignore[arg-type]
        reason="Weihnachtsgeschäft",
        key=key or str(uuid4()),
    )


def test_a_line_is_changed_by_two_people_and_only_as_far_as_own_money_covers_it(context: Flask) -> None:
    ground = build_cards.scene(line=100_00)
    people = approvals.two(ground.programme.issuer_id)
    made = propose(ground, 150_00, people.first)
    with pytest.raises(NotAllowed):
        transact(deciding.approve, made, people.first)  # type: ignore[arg-type]
    with pytest.raises(Refused) as refused:
        transact(deciding.approve, made, people.second)  # type: ignore[arg-type]
    assert (refused.value.code, ground.counter.credit_line_cents) == ("line_not_covered", 100_00)
    add_float(ground.programme.issuer_id, 50_00)
    session.commit()
    transact(deciding.approve, made, people.second)  # type: ignore[arg-type]
    assert ground.counter.credit_line_cents == 150_00
    lower = propose(ground, 0, people.second)
    transact(deciding.approve, lower, people.first)  # type: ignore[arg-type]
    assert ground.counter.credit_line_cents == 0


def test_the_same_own_money_covers_only_one_line(context: Flask) -> None:
    ground = build_cards.scene(line=100_00)
    other = build_cards.counter(ground.programme.issuer_id, 0)
    transact(build_cards.sell, ground, ground.cards[0], 60_00)
    with pytest.raises(Refused) as refused:
        transact(credit_lines.set_credit_line, other, 1)
    assert refused.value.code == "line_not_covered"
    pay(ground, 60_00)
    with pytest.raises(Refused):
        transact(credit_lines.set_credit_line, other, 1)
    transact(credit_lines.set_credit_line, ground.counter_id, 40_00)
    transact(credit_lines.set_credit_line, other, 60_00)
    assert session.get_one(Counter, other, populate_existing=True).credit_line_cents == 60_00


def test_people_of_other_issuers_propose_nothing(context: Flask) -> None:
    ground, other = build_cards.scene(), build_cards.scene()
    stranger = approvals.clerk(other.programme.issuer_id)
    session.commit()
    with pytest.raises(NotAllowed):
        propose(ground, 1_00, stranger)
    with pytest.raises(Invalid):
        propose(ground, 100_000_01, approvals.two(ground.programme.issuer_id).first)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("code", "c"),
        ("code", "COE-1"),
        ("code", "ABCDEFGHI"),
        ("name", ""),
        ("name", "x" * 81),
        ("postcode", "4865"),
        ("postcode", "٤٨٦٥٣"),
        ("ags", "00000000"),
        ("email", "kein-at"),
        ("phone", "1" * 41),
    ],
)
def test_a_counter_needs_whole_particulars(context: Flask, field: str, value: str) -> None:
    programme = build.programme()
    with pytest.raises(Invalid):
        transact(counters.open_counter, programme.issuer_id, CounterDetails(**PLACE | {field: value}))


def test_the_account_adds_up_over_any_days(context: Flask) -> None:
    with clock.at(clock.now() - timedelta(days=7)):  # its shops accept since then
        ground = build_cards.scene(line=400_00)
    today = clock.today()
    with clock.at(clock.now() - timedelta(days=3)):
        transact(build_cards.sell, ground, ground.cards[0], 40_00)
    with clock.at(clock.now() - timedelta(days=1)):
        pay(ground, 25_00)
        sale = transact(build_cards.sell, ground, ground.cards[1], 30_00)
        transact(selling.undo_sale, sale.id, counter_id=ground.counter_id, clerk_id=ground.clerk_id, reason="vertippt")
    transact(build_cards.sell, ground, ground.cards[2], 50_00)
    account = statements.build_statement(ground.counter_id, today - timedelta(days=2), today)
    assert (account.open_before, account.sold, account.undone, account.paid) == (40_00, 80_00, 30_00, 25_00)
    assert account.open_after == ground.counter.open_cents == 65_00
    lines = account_csv.write_account(ground.counter, account).splitlines()
    assert [line.rsplit(";", 1)[1] for line in lines[1:]] == ["40,00", "-25,00", "30,00", "-30,00", "50,00", "65,00"]


def test_a_file_for_spreadsheets_holds_no_formula(context: Flask) -> None:
    ground = build_cards.scene()
    transact(build_cards.sell, ground, ground.cards[0])
    receipt_id = build_cards.receipt(ground, 10_00)
    session.get_one(CounterPayment, settle(ground, receipt_id).id).reference = "=HYPERLINK(1)"
    session.commit()
    today = clock.today()
    assert ";'=HYPERLINK(1);" in account_csv.write_account(
        ground.counter, statements.build_statement(ground.counter_id, today, today)
    )


@pytest.mark.parametrize(
    ("since", "until"),
    [("", ""), ("x", "y"), ("9999-12-31", "0001-01-01"), ("2026-13-01", ""), ("2020-01-01", "2199-01-01")],
)
def test_days_that_are_none_give_a_sensible_period(since: str, until: str) -> None:
    first, last = account_csv.read_period(since, until)
    assert first <= last
    assert last - first <= account_csv.MAX_PERIOD
