"""Withdrawal from the sale of a voucher: frozen and given back at once, never doubled, never after the time."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from demo.stripe_standin.testing import Running
from foundation import clock
from foundation.database import session, transact, uuid7
from foundation.errors import NotEnough, NotFound
from marketplace.orders import withdrawing as desk
from marketplace.orders.models import Withdrawal
from money.payments import calling, recovering, starting, withdrawals
from money.payments.models import Refund
from money.payments.withdrawals import WithdrawalOutcome, WithdrawalStatement
from tests.builders import vouchers as build
from tests.builders.bank import account_of, came
from tests.builders.booking import balance, findings
from tests.builders.ledger import float_for
from tests.builders.sales import last_mail, link_in, mails, order, paid, sale, text_of, wanted
from tests.builders.stripe import at_stripe
from tests.builders.threads import at_once
from vouchers.purchases.models import VoucherSale
from vouchers.sales import delivery, drafts, ordering, withdrawal_period, withdrawing
from vouchers.stored_value import access, deductions, issuing
from vouchers.stored_value.models import Lot, Programme, Voucher
from vouchers.tills import holds, redeeming
from vouchers.tills.redeeming import RedemptionOrder


@pytest.fixture(autouse=True)
def proven(context: Flask) -> Iterator[None]:
    """The books are right after every test."""
    yield
    session.rollback()
    assert findings() == []


@pytest.fixture
def programme(context: Flask) -> Programme:
    made: Programme = transact(build.programme)
    float_for(made.issuer_id)
    return made


def stated(found: VoucherSale, **changes: object) -> WithdrawalStatement:
    values = {"id": uuid7(), "number": found.number, "email": found.buyer_email, "received_at": clock.now()} | changes
    return WithdrawalStatement(**values)  # type: ignore[arg-type]


def withdraw(found: VoucherSale, **changes: object) -> list[WithdrawalOutcome]:
    return transact(withdrawals.withdraw, stated(found, **changes))


def token_of(found: VoucherSale) -> str:
    return link_in(text_of(last_mail("vouchers/voucher", found.recipient_email or found.buyer_email)))


def refunds(found: VoucherSale) -> list[int]:
    query = sa.select(Refund.cents).where(Refund.payment_id == found.payment_id).order_by(Refund.id)
    return list(session.scalars(query))


def state_of(found: VoucherSale) -> str:
    session.expire_all()
    return str(session.get_one(Voucher, found.voucher_id).state)


def test_a_withdrawal_freezes_the_voucher_and_gives_everything_back(programme: Programme) -> None:
    shop = build.accepting_shop(programme.id)
    found = sale(paid(programme))
    token = token_of(found)
    [outcome] = withdraw(found)
    assert outcome.number == found.number
    assert "Wir geben Ihnen 42,50" in outcome.sentence
    found = sale(found.id)
    assert (found.state, found.refunded_cents, state_of(found)) == ("withdrawn", 42_50, "withdrawn")
    assert refunds(found) == [42_50]
    with pytest.raises(NotFound):
        redeeming.redeem(shop.token, RedemptionOrder(token, 100, str(uuid4())))


def test_card_money_goes_back_to_the_card(stripe: Running, programme: Programme) -> None:
    sale_id = transact(drafts.draft_sale, wanted(programme))
    payment = transact(ordering.place_order, sale_id, method="card", shown_cents=42_50)
    stripe.pay(starting.start(payment).url)
    for _round in range(2):
        calling.advance(payment, force=True)
    transact(delivery.deliver_sale, str(sale_id))
    withdraw(sale(sale_id))
    calling.advance(payment, force=True)
    recovering.recover()
    assert at_stripe(stripe, payment)["refunded"] == 42_50
    assert balance("KZ", payment) == 0


def test_of_a_partly_used_voucher_the_rest_goes_back(programme: Programme) -> None:
    shop = build.accepting_shop(programme.id)
    found = sale(paid(programme))
    redeeming.redeem(shop.token, RedemptionOrder(token_of(found), 12_50, str(uuid4())))
    [outcome] = withdraw(found)
    assert "Rest von 30,00" in outcome.sentence
    assert (sale(found.id).refunded_cents, refunds(found), state_of(found)) == (30_00, [30_00], "withdrawn")
    assert balance("KR", shop.outlet_id) == 12_50


def test_of_a_spent_voucher_nothing_goes_back(programme: Programme) -> None:
    shop = build.accepting_shop(programme.id)
    found = sale(paid(programme))
    redeeming.redeem(shop.token, RedemptionOrder(token_of(found), 42_50, str(uuid4())))
    [outcome] = withdraw(found)
    assert "nichts zu erstatten" in outcome.sentence
    assert (sale(found.id).state, sale(found.id).refunded_cents, refunds(found)) == ("withdrawn", 0, [])


def test_a_bonus_returns_to_its_campaign(programme: Programme) -> None:
    found = sale(paid(programme))
    campaign = uuid7()
    assert found.voucher_id
    build.load(programme.id, found.voucher_id, 10_00, kind="bonus", origin_id=campaign, days=60)
    assert balance("CB", campaign) == 0
    withdraw(found)
    assert (balance("CB", campaign), balance("VB", found.voucher_id)) == (10_00, 0)
    assert (refunds(found), state_of(found)) == ([42_50], "withdrawn")


def test_other_value_on_the_same_voucher_stays(programme: Programme) -> None:
    found, campaign = sale(paid(programme)), uuid7()
    assert found.voucher_id
    other = build.paid_in(programme.id, 20_00)
    issuing.load(
        found.voucher_id,
        20_00,
        terms=issuing.LotTerms(origin_id=other.party),
        funding=other,
        actor_id=uuid7(),
        key=str(uuid4()),
    )
    build.load(programme.id, found.voucher_id, 10_00, kind="bonus", origin_id=campaign, days=60)
    withdraw(found)
    left = sa.select(sa.func.sum(Lot.balance)).where(Lot.voucher_id == found.voucher_id)
    assert (session.scalar(left), state_of(found), refunds(found)) == (30_00, "active", [42_50])


@pytest.mark.parametrize("into", [True, False])
def test_no_bonus_is_kept_by_merging_before_the_withdrawal(programme: Programme, into: bool) -> None:
    found, campaign = sale(paid(programme)), uuid7()
    assert found.voucher_id
    build.load(programme.id, found.voucher_id, 10_00, kind="bonus", origin_id=campaign, days=60)
    other = build.voucher(programme.id, 10_00).voucher_id
    first, second = (found.voucher_id, other) if into else (other, found.voucher_id)
    transact(deductions.merge, first, second, actor_id=uuid7(), key=str(uuid4()), reason="merge by holder")
    withdraw(found)
    left = session.scalar(sa.select(sa.func.sum(Lot.balance)).where(Lot.voucher_id == second))
    assert (balance("CB", campaign), left, refunds(found)) == (10_00, 10_00, [42_50])


@pytest.mark.parametrize(
    "changes", [{"email": "fremd@example.org"}, {"number": "MG-AAAA-AAAA"}, {"number": ""}, {"email": ""}]
)
def test_only_number_and_address_together_mean_a_contract(programme: Programme, changes: dict[str, str]) -> None:
    found = sale(paid(programme))
    assert withdraw(found, **changes) == []
    assert sale(found.id).state == "delivered"


def test_number_and_address_may_be_typed_in_any_case(programme: Programme) -> None:
    found = sale(paid(programme))
    assert len(withdraw(found, number=f" {found.number.lower()} ", email=found.buyer_email.upper())) == 1


def test_the_number_of_an_order_means_all_its_sales(programme: Programme) -> None:
    found = sale(paid(programme))
    assert [o.number for o in withdraw(found, number=order(found.order_id).number)] == [found.number]


def test_a_second_withdrawal_changes_nothing(programme: Programme) -> None:
    found = sale(paid(programme))
    withdraw(found)
    [again] = withdraw(found)
    assert "schon widerrufen" in again.sentence
    assert refunds(found) == [42_50]


def test_the_same_statement_twice_gives_the_same_answer(programme: Programme) -> None:
    found = sale(paid(programme))
    same = stated(found)
    first = transact(withdrawals.withdraw, same)
    assert transact(withdrawals.withdraw, same) == first
    assert refunds(found) == [42_50]


def test_after_the_last_day_nothing_is_carried_out(programme: Programme) -> None:
    found = sale(paid(programme))
    last = withdrawal_period.find_last_day(found)
    assert last
    late = datetime.combine(last + timedelta(days=1), datetime.min.time(), tzinfo=clock.BERLIN)
    [outcome] = withdraw(found, received_at=late)
    assert "Die Frist endete am" in outcome.sentence
    assert (sale(found.id).state, refunds(found)) == ("delivered", [])
    [outcome] = withdraw(found, received_at=late - timedelta(seconds=1))
    assert "Wir geben Ihnen" in outcome.sentence


@pytest.mark.parametrize(
    ("delivered", "told", "last"),
    [
        ("2026-11-02T12:00", "2026-11-02T12:00", date(2026, 11, 16)),
        ("2026-11-02T23:30", "2026-11-02T12:00", date(2026, 11, 16)),  # Berlin's day, not that of UTC
        ("2026-11-07T12:00", "2026-11-02T12:00", date(2026, 11, 23)),  # the 21st is a Saturday
        ("2026-12-11T12:00", "2026-12-11T12:00", date(2026, 12, 28)),  # Christmas, then Saturday and Sunday
        ("2026-11-02T12:00", "2026-12-01T12:00", date(2026, 12, 15)),  # told later than delivered
        ("2026-11-02T12:00", None, date(2027, 11, 16)),  # never told: 12 months more
        ("2024-02-29T12:00", None, date(2025, 3, 14)),
    ],
)
def test_the_last_day(context: Flask, delivered: str, told: str | None, last: date) -> None:
    at = [datetime.fromisoformat(text).replace(tzinfo=clock.BERLIN) if text else None for text in (delivered, told)]
    assert withdrawal_period.find_last_day(VoucherSale(delivered_at=at[0], instructed_at=at[1])) == last


def test_before_the_delivery_no_period_runs_and_nothing_is_delivered_any_more(programme: Programme) -> None:
    later = clock.now() + timedelta(days=60)
    gift: dict[str, Any] = {"gift": True, "recipient_email": f"{uuid4().hex}@example.org", "deliver_at": later}
    found = sale(paid(programme, **gift))
    session.get_one(VoucherSale, found.id).state = "paid"  # the builder delivers at once
    session.get_one(VoucherSale, found.id).delivered_at = None
    session.commit()
    before = len(mails("vouchers/voucher", found.recipient_email))
    assert withdrawal_period.find_last_day(sale(found.id)) is None
    withdraw(found)
    transact(delivery.deliver_sale, str(found.id))
    assert sale(found.id).state == "withdrawn"
    assert len(mails("vouchers/voucher", found.recipient_email)) == before


def test_money_that_comes_after_the_withdrawal_goes_back(programme: Programme) -> None:
    account_of(programme.issuer_id)
    sale_id = transact(drafts.draft_sale, wanted(programme))
    payment = transact(ordering.place_order, sale_id, method="transfer", shown_cents=42_50)
    [outcome] = withdraw(sale(sale_id))
    assert "noch kein Geld" in outcome.sentence
    came(payment, 42_50)
    transact(delivery.deliver_sale, str(sale_id))
    assert sale(sale_id).state == "paid"
    transact(withdrawing.withdraw_sale, str(sale_id))
    found = sale(sale_id)
    assert (found.state, refunds(found), state_of(found)) == ("withdrawn", [42_50], "withdrawn")
    assert mails("vouchers/voucher", found.buyer_email) == []


def test_while_something_is_reserved_the_voucher_is_frozen_and_the_rest_comes_later(programme: Programme) -> None:
    shop = build.accepting_shop(programme.id)
    found = sale(paid(programme))
    held = holds.hold(shop.token, token_of(found), cents=10_00, key=str(uuid4()), expires_in_seconds=600)
    [outcome] = withdraw(found)
    assert "gesperrt" in outcome.sentence
    assert (sale(found.id).state, state_of(found), refunds(found)) == ("delivered", "blocked", [])
    transact(withdrawing.withdraw_sale, str(found.id))
    assert refunds(found) == []
    holds.capture(shop.token, UUID(str(held.body["hold_id"])), key=str(uuid4()))
    transact(withdrawing.withdraw_overdue)
    transact(withdrawing.withdraw_sale, str(found.id))
    assert (sale(found.id).state, refunds(found)) == ("withdrawn", [32_50])
    assert "Rest von 32,50" in text_of(last_mail("vouchers/withdrawn", found.buyer_email))
    transact(withdrawing.withdraw_sale, str(found.id))
    assert refunds(found) == [32_50]


@pytest.mark.parametrize("blocked_before", [False, True])
def test_what_was_merged_into_another_voucher_is_frozen_there(programme: Programme, blocked_before: bool) -> None:
    shop = build.accepting_shop(programme.id)
    found, other = sale(paid(programme)), build.voucher(programme.id, 10_00)
    assert found.voucher_id
    merged = {"actor_id": uuid7(), "key": str(uuid4()), "reason": "merge by holder"}
    transact(deductions.merge, found.voucher_id, other.voucher_id, **merged)
    held = holds.hold(shop.token, other.token, cents=45_00, key=str(uuid4()), expires_in_seconds=600)
    if blocked_before:
        transact(access.block, other.voucher_id, actor_id=uuid7(), key=str(uuid4()), reason="stolen")
    [outcome] = withdraw(found)
    assert "gesperrt" in outcome.sentence
    assert session.get_one(Voucher, other.voucher_id, populate_existing=True).state == "blocked"
    session.commit()
    with pytest.raises(NotFound):
        redeeming.redeem(shop.token, RedemptionOrder(other.token, 1_00, str(uuid4())))
    session.rollback()
    holds.release(shop.token, UUID(str(held.body["hold_id"])), key=str(uuid4()))
    transact(withdrawing.withdraw_sale, str(found.id))
    left = session.scalar(sa.select(sa.func.sum(Lot.balance)).where(Lot.voucher_id == other.voucher_id))
    state = session.get_one(Voucher, other.voucher_id, populate_existing=True).state
    assert (refunds(found), left, state) == ([42_50], 10_00, "blocked" if blocked_before else "active")


def test_withdrawal_and_redemption_at_the_same_moment_never_pay_a_cent_twice(app: Flask, programme: Programme) -> None:
    programme_id, shop = programme.id, build.accepting_shop(programme.id)
    session.commit()
    for _round in range(6):
        found = sale(paid(session.get_one(Programme, programme_id)))
        token, wish = token_of(found), stated(found)
        session.remove()

        def act(n: int, token: str = token, wish: WithdrawalStatement = wish) -> object:
            if n == 0:
                return transact(withdrawals.withdraw, wish)
            return redeeming.redeem(shop.token, RedemptionOrder(token, 20_00, str(uuid4()))).body["amount_cents"]

        answers = at_once(app, act, [1, 0, 1, 1])
        taken = sum(int(a) for a in answers if isinstance(a, int))
        refused = [a for a in answers if isinstance(a, Exception)]
        assert all(isinstance(a, NotFound | NotEnough) for a in refused), answers
        back = sale(found.id).refunded_cents
        assert taken + back == 42_50, answers
        assert sum(refunds(found)) == back


def test_two_withdrawals_at_the_same_moment_refund_once(app: Flask, programme: Programme) -> None:
    found = sale(paid(programme))
    wishes = [stated(found) for _n in range(6)]
    session.remove()
    answers = at_once(app, lambda wish: transact(withdrawals.withdraw, wish), wishes)
    assert not [a for a in answers if isinstance(a, Exception)], answers
    assert refunds(found) == [42_50]


def test_the_function_on_every_page_carries_it_out_and_the_receipt_says_so(programme: Programme) -> None:
    found = sale(paid(programme))
    given = {"name": "Paula Payer", "contract": found.number, "email": found.buyer_email, "statement": ""}
    with clock.at(clock.now()):
        row_id = transact(desk.record_withdrawal, language="de", **given)
        at = clock.now()
    row = session.get_one(Withdrawal, row_id)
    assert row.received_at == at
    letter = text_of(last_mail("marketplace/withdrawal_received", found.buyer_email))
    assert found.number in letter
    assert "Wir geben Ihnen 42,50" in letter
    assert sale(found.id).withdrawal_id == row_id


def test_a_foreign_number_is_taken_down_and_told_nothing(programme: Programme) -> None:
    found, stranger = sale(paid(programme)), f"{uuid4().hex}@example.org"
    given = {"name": "Wer", "contract": found.number, "email": stranger, "statement": ""}
    transact(desk.record_withdrawal, language="de", **given)
    letter = text_of(last_mail("marketplace/withdrawal_received", stranger))
    assert "Ihr Vertragspartner meldet sich" in letter
    assert programme.name not in letter
    assert sale(found.id).state == "delivered"
