"""Value that leaves a voucher otherwise than by being spent: withdrawn, lapsed, corrected, merged."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from flask import Flask

from foundation import clock, errors
from foundation.database import session, transact, uuid7
from tests.builders import vouchers as build
from tests.builders.booking import balance, counts, findings
from tests.builders.threads import at_once
from vouchers.stored_value import access, deductions, issuing, queries
from vouchers.stored_value.issuing import Funding
from vouchers.stored_value.models import Lot, Voucher
from vouchers.tills import holds, redeeming, returns
from vouchers.tills.redeeming import RedemptionOrder


@pytest.fixture(autouse=True)
def proven(context: Flask) -> Iterator[None]:
    """The books are right after every test."""
    yield
    session.rollback()
    assert findings() == []


def key() -> str:
    return str(uuid4())


def bought(programme_id: UUID, cents: int) -> tuple[issuing.Issued, UUID]:
    """A voucher of one purchase, and that purchase."""
    origin = uuid7()
    given = build.voucher(programme_id, cents, origin_id=origin)
    session.commit()
    return given, origin


def back(origin: UUID, with_key: str | None = None) -> deductions.Deduction:
    return transact(
        deductions.withdraw,
        origin,
        actor_id=uuid7(),
        key=with_key or key(),
        credit=Funding("KZ", origin),
        reason="Widerruf",
    )


def state_of(voucher_id: UUID) -> str:
    session.expire_all()
    return session.get_one(Voucher, voucher_id).state


def test_a_withdrawal_takes_the_whole_rest_and_the_voucher_is_dead(context: Flask) -> None:
    programme, shop, _other = build.scene()
    voucher, origin = bought(programme.id, 100_00)
    redeeming.redeem(shop.token, RedemptionOrder(voucher.token, 30_00, key()))
    assert back(origin) == deductions.Deduction(voucher.voucher_id, 70_00, 30_00)
    assert state_of(voucher.voucher_id) == "withdrawn"
    assert balance("VL", voucher.voucher_id) == 0
    with pytest.raises(errors.NotFound):
        redeeming.redeem(shop.token, RedemptionOrder(voucher.token, 1, key()))


def test_a_withdrawal_leaves_bonus_and_other_purchases_alone(context: Flask) -> None:
    programme, shop, _other = build.scene()
    voucher, origin = bought(programme.id, 100_00)
    build.load(programme.id, voucher.voucher_id, 20_00, kind="bonus", origin_id=uuid4(), days=30)
    assert back(origin).cents == 100_00
    assert state_of(voucher.voucher_id) == "active"
    assert queries.calculate_available(voucher.voucher_id) == 20_00
    assert redeeming.redeem(shop.token, RedemptionOrder(voucher.token, 20_00, key())).body["remaining_cents"] == 0


def test_a_withdrawal_waits_for_what_is_held(context: Flask) -> None:
    programme, shop, _other = build.scene()
    voucher, origin = bought(programme.id, 50_00)
    held = holds.hold(shop.token, voucher.token, cents=10_00, key=key(), expires_in_seconds=60).body["hold_id"]
    with pytest.raises(errors.Refused, match="reserviert") as refusal:
        back(origin)
    assert refusal.value.code == "voucher_held"
    assert queries.calculate_available(voucher.voucher_id) == 40_00
    holds.release(shop.token, UUID(held), key=key())
    assert back(origin).cents == 50_00


def test_the_same_withdrawal_again_takes_nothing_more(context: Flask) -> None:
    programme, _shop, _other = build.scene()
    voucher, origin = bought(programme.id, 50_00)
    assert back(origin).cents == 50_00
    assert back(origin).cents == 0
    assert balance("VL", voucher.voucher_id) == 0


def test_goods_that_come_back_after_a_withdrawal_wake_the_voucher(context: Flask) -> None:
    programme, shop, _other = build.scene()
    voucher, origin = bought(programme.id, 50_00)
    taken = redeeming.redeem(shop.token, RedemptionOrder(voucher.token, 20_00, key())).body["redemption_id"]
    back(origin)
    returns.refund(shop.token, UUID(taken), cents=20_00, key=key(), reason="Ware zurück")
    assert state_of(voucher.voucher_id) == "active"
    assert queries.calculate_available(voucher.voucher_id) == 20_00


def test_nothing_is_given_back_to_what_was_charged_back(context: Flask) -> None:
    programme, shop, _other = build.scene()
    payment = uuid7()
    voucher = transact(build.voucher, programme.id, 50_00, origin_id=payment)
    taken = redeeming.redeem(shop.token, RedemptionOrder(voucher.token, 20_00, key())).body["redemption_id"]
    transact(
        deductions.charge_back,
        deductions.ChargeBack(payment, 50_00, whole=True),
        actor_id=uuid7(),
        key=key(),
        credit=Funding("KZ", payment),
        reason="Rücklastschrift",
    )
    before = counts(voucher.voucher_id)
    with pytest.raises(errors.Refused) as refusal:
        returns.refund(shop.token, UUID(taken), cents=1, key=key(), reason="Ware zurück")
    assert (refusal.value.code, refusal.value.details) == ("not_returnable", {"returnable_cents": 0})
    assert counts(voucher.voucher_id)[1:] == before[1:]
    assert balance("KR", shop.outlet_id) == 20_00


def test_a_withdrawal_and_a_redemption_at_once_never_spend_a_cent_twice(app: Flask) -> None:
    programme, shop, _other = build.scene()
    for _round in range(6):
        voucher, origin = bought(programme.id, 40_00)

        def act(what: str, voucher: issuing.Issued = voucher, origin: UUID = origin) -> int:
            if what == "back":
                return back(origin).cents
            try:
                redeeming.redeem(shop.token, RedemptionOrder(voucher.token, 25_00, key()))
            except errors.NotFound:
                return 0
            return 25_00

        session.remove()
        assert sum(at_once(app, act, ["back", "redeem"])) == 40_00
        assert balance("VL", voucher.voucher_id) == 0


def test_lapse_is_refused_before_the_end_and_takes_the_free_rest_after_it(context: Flask) -> None:
    _programme, shop, voucher = build.scene(50_00)
    lot = queries.list_lots(voucher.voucher_id)[0]
    redeeming.redeem(shop.token, RedemptionOrder(voucher.token, 12_34, key()))

    def lapse(with_key: str) -> int:
        return transact(
            deductions.lapse,
            deductions.LotKey(voucher.voucher_id, lot.id),
            actor_id=shop.outlet_id,
            key=with_key,
            credit=Funding("BE"),
            reason="verjährt",
        )

    with pytest.raises(errors.Refused, match="gilt noch"):
        lapse(key())
    with clock.at(clock.now() + timedelta(days=4 * 366)):
        once = key()
        assert lapse(once) == 37_66
        assert lapse(once) == 37_66
        with pytest.raises(errors.Refused):
            lapse(key())
    assert balance("VL", voucher.voucher_id) == 0


def test_an_adjustment_takes_a_part_and_no_more_than_is_free(context: Flask) -> None:
    _programme, shop, voucher = build.scene(50_00)
    lot = queries.list_lots(voucher.voucher_id)[0]
    holds.hold(shop.token, voucher.token, cents=20_00, key=key(), expires_in_seconds=60)
    actor = uuid7()

    def reduce(cents: int) -> int:
        return transact(
            deductions.reduce,
            deductions.LotKey(voucher.voucher_id, lot.id),
            cents,
            actor_id=actor,
            key=f"adjust:{cents}",
            credit=Funding("WK"),
            reason="doppelt ausgegeben",
        )

    with pytest.raises(errors.Refused, match="nicht frei"):
        reduce(30_01)
    assert reduce(30_00) == 30_00
    assert queries.calculate_available(voucher.voucher_id) == 0


def test_merged_vouchers_keep_their_lots_and_the_old_code_is_dead(context: Flask) -> None:
    programme, shop, first = build.scene(30_00)
    build.load(programme.id, first.voucher_id, 5_00, kind="bonus", origin_id=uuid4(), days=30)
    second = build.voucher(programme.id, 40_00)
    session.commit()
    lots = [(lot.id, lot.kind, lot.balance, lot.legal_end) for lot in queries.list_lots(first.voucher_id)]
    moved = transact(
        deductions.merge, first.voucher_id, second.voucher_id, actor_id=shop.till_id, key=key(), reason="ein Gutschein"
    )
    assert moved == 35_00
    now_there = {lot.id: (lot.id, lot.kind, lot.balance, lot.legal_end) for lot in queries.list_lots(second.voucher_id)}
    assert [now_there[lot[0]] for lot in lots] == lots
    assert state_of(first.voucher_id) == "replaced"
    with pytest.raises(errors.NotFound):
        redeeming.redeem(shop.token, RedemptionOrder(first.token, 1, key()))
    assert redeeming.redeem(shop.token, RedemptionOrder(second.token, 75_00, key())).body["remaining_cents"] == 0


def test_what_was_bought_can_be_withdrawn_wherever_it_was_merged_to(context: Flask) -> None:
    programme, shop, _other = build.scene()
    first, origin = bought(programme.id, 30_00)
    second, _origin = bought(programme.id, 40_00)
    transact(deductions.merge, first.voucher_id, second.voucher_id, actor_id=shop.till_id, key=key(), reason="eins")
    assert back(origin) == deductions.Deduction(second.voucher_id, 30_00, 0)
    assert queries.calculate_available(second.voucher_id) == 40_00


def test_nothing_is_left_of_a_purchase_that_was_spent_before_its_voucher_was_merged(context: Flask) -> None:
    programme, shop, _other = build.scene()
    first, origin = bought(programme.id, 30_00)
    build.load(programme.id, first.voucher_id, 5_00, kind="bonus", origin_id=uuid4(), days=2000)
    second, _origin = bought(programme.id, 40_00)
    redeeming.redeem(shop.token, RedemptionOrder(first.token, 30_00, key()))
    transact(deductions.merge, first.voucher_id, second.voucher_id, actor_id=shop.till_id, key=key(), reason="eins")
    assert back(origin) == deductions.Deduction(first.voucher_id, 0, 30_00)
    assert queries.calculate_available(second.voucher_id) == 45_00


def test_goods_paid_with_a_merged_voucher_go_back_to_its_successors_successor(context: Flask) -> None:
    programme, shop, first = build.scene(30_00)
    second, third = build.voucher(programme.id, 40_00), build.voucher(programme.id, 50_00)
    session.commit()
    taken = redeeming.redeem(shop.token, RedemptionOrder(first.token, 12_00, key())).body["redemption_id"]
    for old, new in ((first, second), (second, third)):
        transact(deductions.merge, old.voucher_id, new.voucher_id, actor_id=shop.till_id, key=key(), reason="eins")
    again = key()
    for replay in (False, True):
        answer = returns.refund(shop.token, UUID(taken), cents=7_00, key=again, reason="Ware zurück")
        assert answer.replay is replay
    assert queries.calculate_available(third.voucher_id) == 115_00
    assert [state_of(v.voucher_id) for v in (first, second)] == ["replaced", "replaced"]
    assert balance("KR", shop.outlet_id) == 5_00


@pytest.mark.parametrize(
    ("case", "code"),
    [
        ("same", "voucher_same"),
        ("foreign", "voucher_other_programme"),
        ("blocked", "voucher_blocked"),
        ("held", "voucher_held"),
        ("full", "voucher_over_limit"),
    ],
)
def test_what_cannot_be_merged_stays_as_it_is(context: Flask, case: str, code: str) -> None:
    programme, shop, first = build.scene(30_00)
    other = build.programme() if case == "foreign" else programme
    second = build.voucher(other.id, 240_00 if case == "full" else 40_00)
    if case == "blocked":
        access.block(second.voucher_id, actor_id=shop.till_id, key=key(), reason="verloren")
    session.commit()
    if case == "held":
        holds.hold(shop.token, first.token, cents=1, key=key(), expires_in_seconds=60)
    into = first.voucher_id if case == "same" else second.voucher_id
    before = queries.calculate_available(first.voucher_id), queries.calculate_available(second.voucher_id)
    with pytest.raises(errors.Refused) as refusal:
        transact(deductions.merge, first.voucher_id, into, actor_id=shop.till_id, key=key(), reason="eins")
    assert refusal.value.code == code
    assert (queries.calculate_available(first.voucher_id), queries.calculate_available(second.voucher_id)) == before


def test_two_mergers_across_and_a_redemption_leave_every_cent_once(app: Flask) -> None:
    programme, shop, _other = build.scene()
    for _round in range(5):
        pair = [build.voucher(programme.id, 30_00), build.voucher(programme.id, 50_00)]
        session.commit()

        def act(what: int, pair: list[issuing.Issued] = pair) -> int:
            try:
                if what == 2:
                    return int(
                        redeeming.redeem(shop.token, RedemptionOrder(pair[0].token, 10_00, key())).body["amount_cents"]
                    )
                old, new = pair[what].voucher_id, pair[1 - what].voucher_id
                transact(deductions.merge, old, new, actor_id=shop.till_id, key=key(), reason="eins")
            except (errors.Refused, errors.NotFound):
                return 0
            return 0

        session.remove()
        spent = sum(at_once(app, act, range(3)))
        left = sum(balance("VL", v.voucher_id) for v in pair)
        assert spent + left == 80_00
        assert sorted(state_of(v.voucher_id) for v in pair)[1] == "replaced"


def test_more_than_the_charter_allows_is_never_on_one_voucher(context: Flask) -> None:
    programme, _shop, voucher = build.scene(240_00)
    before = counts(voucher.voucher_id)
    with pytest.raises(errors.Refused) as refusal:
        build.load(programme.id, voucher.voucher_id, 10_01, kind="bonus", origin_id=uuid4(), days=30)
    assert refusal.value.code == "charter_most"
    session.rollback()
    assert counts(voucher.voucher_id) == before
    build.load(programme.id, voucher.voucher_id, 10_00, kind="bonus", origin_id=uuid4(), days=30)
    assert session.query(Lot).filter_by(voucher_id=voucher.voucher_id).count() == 2
