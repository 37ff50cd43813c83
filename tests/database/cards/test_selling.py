"""A card out of the box is worth nothing; a counter makes it a voucher, once, within its line, and may take it back."""

from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from foundation import clock
from foundation.database import session, transact
from foundation.errors import DomainError, Invalid, NotFound, Refused
from tests.builders import cards as build_cards
from tests.builders import vouchers as build
from tests.builders.booking import balance, findings
from tests.builders.threads import at_once
from vouchers.cards import selling
from vouchers.cards.models import CardSale, StockCard
from vouchers.cards.numbers import read_number
from vouchers.stored_value import holder_view
from vouchers.stored_value.models import Lot, Voucher
from vouchers.tills import redeeming
from vouchers.tills.redeeming import RedemptionOrder


def card_of(number: str) -> StockCard:
    session.expire_all()
    return session.scalars(sa.select(StockCard).where(StockCard.serial == read_number(number))).unique().one()


def refusal(ground: build_cards.Scene, presented: str, cents: int | None = 50_00, **values: object) -> DomainError:
    chosen: dict[str, object] = {"paid_by": "cash", "clerk_id": ground.clerk_id, "key": str(uuid4())} | values
    with pytest.raises(DomainError) as refused:
        transact(selling.sell_card, ground.counter_id, presented=presented, cents=cents, **chosen)  # type: ignore[arg-type]
    return refused.value


def test_a_card_out_of_the_box_is_worth_nothing(context: Flask) -> None:
    ground = build_cards.scene()
    shop = build.accepting_shop(ground.programme.id)
    session.commit()
    card = ground.cards[0]
    for presented in (card.address, card.code):
        with pytest.raises(NotFound) as refused:
            redeeming.redeem(shop.token, RedemptionOrder(presented, 1_00, str(uuid4())))
        assert refused.value.code == "not_redeemable"
        with pytest.raises(NotFound):
            holder_view.view_by_code_and_pin(presented, card.pin)
    assert session.scalar(sa.select(sa.func.count()).where(Voucher.programme_id == ground.programme.id)) == 0


def test_a_sold_card_is_an_ordinary_voucher(context: Flask) -> None:
    ground = build_cards.scene()
    shop = build.accepting_shop(ground.programme.id)
    session.commit()
    card = ground.cards[0]
    sale = transact(build_cards.sell, ground, card, 50_00)
    held = holder_view.view_by_code_and_pin(card.code, card.pin)
    assert (held.voucher_id, held.balance_cents, held.last4) == (
        sale.voucher_id,
        50_00,
        card.code.replace("-", "")[-4:],
    )
    redeeming.redeem(shop.token, RedemptionOrder(card.address, 20_00, str(uuid4())))
    redeeming.redeem(shop.token, RedemptionOrder(card.code, 30_00, str(uuid4())))
    voucher = session.get_one(Voucher, sale.voucher_id, populate_existing=True)
    assert voucher.issue_ags == build.COESFELD
    lot = session.scalars(sa.select(Lot).where(Lot.voucher_id == voucher.id)).one()
    assert (lot.kind, lot.origin_id, lot.issued_cents) == ("paid", sale.id, 50_00)
    assert (balance("SF", ground.counter_id), ground.counter.open_cents) == (-50_00, 50_00)
    assert findings() == []


def test_number_address_and_typed_code_name_the_same_card(context: Flask) -> None:
    ground = build_cards.scene()
    for card, presented in zip(
        ground.cards, (ground.cards[0].number, ground.cards[1].barcode, ground.cards[2].address), strict=False
    ):
        assert selling.look_up_card(ground.counter_id, presented).number == card.number
    assert selling.look_up_card(ground.counter_id, ground.cards[3].code.lower()).number == ground.cards[3].number


def test_receipts_are_counted_without_a_gap(context: Flask) -> None:
    ground = build_cards.scene()
    code = ground.counter.code
    first = transact(build_cards.sell, ground, ground.cards[0])
    refusal(ground, ground.cards[1].number, 251_00)
    second = transact(build_cards.sell, ground, ground.cards[1])
    assert (first.receipt_no, second.receipt_no) == (f"{code}-00001", f"{code}-00002")


def test_the_same_key_sells_once(context: Flask) -> None:
    ground, key = build_cards.scene(), str(uuid4())
    first = transact(build_cards.sell, ground, ground.cards[0], key=key)
    assert transact(build_cards.sell, ground, ground.cards[0], key=key).id == first.id
    assert ground.counter.open_cents == 50_00
    assert refusal(ground, ground.cards[1].number, key=key).code == "sale_key_reused"
    assert refusal(ground, ground.cards[0].number, 49_00, key=key).code == "sale_key_reused"


@pytest.mark.parametrize("cents", [9_99, 250_01, None, -50_00, 0])
def test_amounts_outside_the_limits_are_refused(context: Flask, cents: int | None) -> None:
    ground = build_cards.scene()
    assert isinstance(refusal(ground, ground.cards[0].number, cents), Invalid)
    assert (card_of(ground.cards[0].number).state, ground.counter.open_cents) == ("received", 0)


def test_a_card_of_fixed_value_costs_that(context: Flask) -> None:
    ground = build_cards.scene(face_cents=25_00)
    assert refusal(ground, ground.cards[0].number, 50_00).code == "face_value"
    assert transact(build_cards.sell, ground, ground.cards[0], None).cents == 25_00


def test_what_is_not_this_counters_card_gets_one_sentence(context: Flask) -> None:
    ground, other = build_cards.scene(), build_cards.scene()
    told = {
        (error.code, str(error.sentence))
        for error in (
            refusal(ground, other.cards[0].number),
            refusal(ground, other.cards[0].code),
            refusal(ground, "0000-0000-000"),
            refusal(ground, "1000 0001 7"),
            refusal(ground, "'; DROP TABLE voucher; --"),
        )
    }
    assert len(told) == 1
    assert told.pop()[0] == "card_not_here"


def test_a_closed_counter_and_a_programme_off_sale_sell_nothing(context: Flask) -> None:
    ground = build_cards.scene()
    ground.counter.active = False
    session.commit()
    assert refusal(ground, ground.cards[0].number).code == "counter_closed"
    ground.counter.active = True
    ground.programme.on_sale = False
    session.commit()
    assert refusal(ground, ground.cards[0].number).code == "not_on_sale"


def test_the_credit_line_bounds_what_is_open(context: Flask) -> None:
    ground = build_cards.scene(line=100_00)
    transact(build_cards.sell, ground, ground.cards[0], 60_00)
    assert refusal(ground, ground.cards[1].number, 40_01).code == "credit_line"
    transact(build_cards.sell, ground, ground.cards[1], 40_00)
    assert (ground.counter.open_cents, ground.counter.free_cents) == (100_00, 0)


def test_twenty_at_once_at_the_last_euros_of_the_line(app: Flask, context: Flask) -> None:
    ground = build_cards.scene(20, line=100_00)
    results = at_once(app, lambda card: transact(build_cards.sell, ground, card, 30_00), ground.cards)
    sold = [r for r in results if isinstance(r, CardSale)]
    assert (len(sold), {r.code for r in results if isinstance(r, Refused)}) == (3, {"credit_line"})
    assert (ground.counter.open_cents, balance("SF", ground.counter_id)) == (90_00, -90_00)
    assert len({sale.receipt_no for sale in sold}) == 3
    assert findings() == []


def test_one_card_is_sold_once_by_eight_clerks_at_once(app: Flask, context: Flask) -> None:
    ground = build_cards.scene()
    results = at_once(app, lambda _place: transact(build_cards.sell, ground, ground.cards[0], 50_00), range(8))
    assert len([r for r in results if isinstance(r, CardSale)]) == 1
    assert {r.code for r in results if isinstance(r, DomainError)} == {"card_sold"}
    assert ground.counter.open_cents == 50_00


def test_two_counters_cannot_sell_one_card(app: Flask, context: Flask) -> None:
    ground = build_cards.scene()
    other = build_cards.counter(ground.programme.issuer_id)
    session.commit()

    def sell(counter_id: object) -> CardSale:
        return transact(
            selling.sell_card,
            counter_id,  # type: ignore[arg-type]
            presented=ground.cards[0].number,
            cents=50_00,
            paid_by="cash",
            clerk_id=ground.clerk_id,
            key=str(uuid4()),
        )

    results = at_once(app, sell, [ground.counter_id, other] * 3)
    assert [r.counter_id for r in results if isinstance(r, CardSale)] == [ground.counter_id]
    assert {r.code for r in results if isinstance(r, DomainError)} == {"card_sold", "card_not_here"}


def test_a_sale_is_taken_back_and_the_card_is_dead(context: Flask) -> None:
    ground = build_cards.scene()
    card = ground.cards[0]
    sale = transact(build_cards.sell, ground, card)
    for _twice in range(2):
        transact(selling.undo_sale, sale.id, counter_id=ground.counter_id, clerk_id=ground.clerk_id, reason="vertippt")
    assert (card_of(card.number).state, ground.counter.open_cents, balance("SF", ground.counter_id)) == (
        "destroyed",
        0,
        0,
    )
    assert session.get_one(Voucher, sale.voucher_id, populate_existing=True).state == "withdrawn"
    assert refusal(ground, card.number).code == "card_blocked"
    assert findings() == []


def undo_refused(ground: build_cards.Scene, sale: CardSale, reason: str = "vertippt") -> str:
    with pytest.raises(DomainError) as refused:
        transact(selling.undo_sale, sale.id, counter_id=ground.counter_id, clerk_id=ground.clerk_id, reason=reason)
    return refused.value.code


def test_what_was_spent_even_in_part_is_not_taken_back(context: Flask) -> None:
    ground = build_cards.scene()
    shop = build.accepting_shop(ground.programme.id)
    session.commit()
    for card, cents in zip(ground.cards, (1, 50_00), strict=False):
        sale = transact(build_cards.sell, ground, card)
        redeeming.redeem(shop.token, RedemptionOrder(card.address, cents, str(uuid4())))
        assert undo_refused(ground, sale) == "undo_spent"
        assert card_of(card.number).state == "activated"
    assert ground.counter.open_cents == 100_00


def test_a_sale_is_not_taken_back_late_without_reason_or_by_others(context: Flask) -> None:
    ground, other = build_cards.scene(), build_cards.scene()
    sale = transact(build_cards.sell, ground, ground.cards[0])
    assert undo_refused(other, sale) == "card_sale_unknown"
    with pytest.raises(Invalid):
        transact(selling.undo_sale, sale.id, counter_id=ground.counter_id, clerk_id=ground.clerk_id, reason="  ")
    with clock.at(clock.now() + timedelta(minutes=31)):
        assert undo_refused(ground, sale) == "undo_too_late"
    assert ground.counter.open_cents == 50_00


def test_taking_back_and_spending_at_once_never_both(app: Flask, context: Flask) -> None:
    ground = build_cards.scene()
    shop = build.accepting_shop(ground.programme.id)
    session.commit()
    for card in ground.cards:
        sale = transact(build_cards.sell, ground, card)

        def act(what: str, sale: CardSale = sale, address: str = card.address) -> object:
            if what == "undo":
                transact(
                    selling.undo_sale,
                    sale.id,
                    counter_id=ground.counter_id,
                    clerk_id=ground.clerk_id,
                    reason="vertippt",
                )
                return "undone"
            redeeming.redeem(shop.token, RedemptionOrder(address, 50_00, str(uuid4())))
            return "spent"

        undone, spent = at_once(app, act, ["undo", "redeem"])
        assert (undone == "undone") != (spent == "spent")
    assert findings() == []
