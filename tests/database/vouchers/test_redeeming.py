"""Redeeming on a real database, with real threads."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from foundation import clock, errors
from foundation.database import session
from tests.builders import vouchers as build
from tests.builders.booking import balance, counts, findings
from tests.builders.threads import at_once
from vouchers.network import programmes
from vouchers.stored_value import access, issuing, queries
from vouchers.stored_value.models import TillKey, Voucher, VoucherOperation
from vouchers.tills import calls, redeeming, returns
from vouchers.tills.models import Till
from vouchers.tills.redeeming import RedemptionOrder


@pytest.fixture(autouse=True)
def proven(context: Flask) -> Iterator[None]:
    """The books are right after every test."""
    yield
    session.rollback()
    assert findings() == []


def key() -> str:
    return str(uuid4())


def take(shop: build.Shop, token: str, cents: int, with_key: str | None = None) -> calls.TillAnswer:
    return redeeming.redeem(shop.token, RedemptionOrder(token, cents, with_key or key()))


def test_a_part_is_taken_and_owed_to_the_shop(context: Flask) -> None:
    programme, shop, voucher = build.scene(100_00)
    answer = take(shop, voucher.token, 37_50)
    assert (answer.replay, answer.body["amount_cents"], answer.body["remaining_cents"]) == (False, 37_50, 62_50)
    assert answer.body["buckets"] == [
        {
            "kind": "paid",
            "amount_cents": 37_50,
            "remaining_cents": 62_50,
            "valid_until": f"{clock.today().year + 3}-12-31",
        }
    ]
    assert answer.body["receipt"]["programme"] == programme.name
    assert answer.body["receipt"]["voucher_last4"] == voucher.code.replace("-", "")[-4:]
    assert balance("VL", voucher.voucher_id) == 62_50
    assert balance("KR", shop.outlet_id) == 37_50


def test_the_last_cent_exhausts_and_a_refund_fills_again(context: Flask) -> None:
    _programme, shop, voucher = build.scene(20_00)
    answer = take(shop, voucher.token, 20_00)
    assert session.get_one(Voucher, voucher.voucher_id).state == "exhausted"
    returns.refund(shop.token, UUID(answer.body["redemption_id"]), cents=5_00, key=key(), reason="Ware zurück")
    session.expire_all()
    assert session.get_one(Voucher, voucher.voucher_id).state == "active"
    assert take(shop, voucher.token, 5_00).body["remaining_cents"] == 0


def test_two_tills_take_80_each_from_a_voucher_of_100(app: Flask) -> None:
    _programme, shop, voucher = build.scene(100_00)
    session.remove()
    results = at_once(app, lambda _n: take(shop, voucher.token, 80_00), range(2))
    assert sorted(type(r).__name__ for r in results) == ["NotEnough", "TillAnswer"]
    assert [r.details for r in results if isinstance(r, errors.NotEnough)] == [{"remaining_cents": 20_00}]
    assert balance("VL", voucher.voucher_id) == 20_00


def test_lanes_that_fail_over_at_once_take_once(app: Flask) -> None:
    """Twelve lanes of one shop with one key. The control is "no unique key" in test_machine.py."""
    _programme, shop, voucher = build.scene(100_00)
    lanes = [build.till(shop.outlet_id, f"Kasse {number}") for number in range(2, 14)]
    session.commit()
    same = key()
    session.remove()
    answers = at_once(app, lambda lane: take(lane, voucher.token, 5_00, same), lanes)
    assert {answer.body["redemption_id"] for answer in answers} == {answers[0].body["redemption_id"]}
    assert sorted(answer.replay for answer in answers) == [False] + [True] * 11
    assert counts(voucher.voucher_id) == (2, 2, 2)


def test_a_key_at_once_for_a_known_and_an_unknown_code_is_one_answer(app: Flask) -> None:
    _programme, shop, voucher = build.scene(100_00)
    same = key()
    session.remove()
    seen = at_once(app, lambda token: take(shop, token, 5_00, same), [voucher.token, "ML1.unknown"] * 6)
    codes = {getattr(answer, "code", "done") for answer in seen}
    assert codes in ({"done", "key_reused"}, {"not_redeemable", "key_reused"})
    assert session.scalar(sa.select(sa.func.count()).select_from(TillKey).where(TillKey.key == same)) == 1


def test_the_same_key_from_20_threads_takes_once(app: Flask) -> None:
    _programme, shop, voucher = build.scene(100_00)
    session.remove()
    one = key()
    results = at_once(app, lambda _n: take(shop, voucher.token, 4_00, one), range(20))
    assert [r.replay for r in results].count(False) == 1
    assert len({r.body["redemption_id"] for r in results}) == 1
    assert balance("VL", voucher.voucher_id) == 96_00
    assert counts(voucher.voucher_id) == (2, 2, 2)


def test_16_tills_take_what_is_there_and_not_a_cent_more(app: Flask) -> None:
    programme, _shop, voucher = build.scene(100_00)
    shops = [build.accepting_shop(programme.id) for _n in range(16)]
    session.commit()
    session.remove()
    results = at_once(app, lambda shop: take(shop, voucher.token, 9_00), shops)
    taken = [r for r in results if isinstance(r, calls.TillAnswer)]
    assert len(taken) == 11
    assert len([r for r in results if isinstance(r, errors.NotEnough)]) == 5
    assert balance("VL", voucher.voucher_id) == 1_00
    assert sum(balance("KR", shop.outlet_id) for shop in shops) == 99_00


def test_the_same_key_on_two_vouchers_at_once_works_on_one_only(app: Flask) -> None:
    programme, shop, first = build.scene(100_00)
    second = build.voucher(programme.id, 100_00)
    session.commit()
    session.remove()
    one = key()
    results = at_once(app, lambda voucher: take(shop, voucher.token, 10_00, one), [first, second])
    assert sorted(type(r).__name__ for r in results) == ["Invalid", "TillAnswer"]
    assert balance("VL", first.voucher_id) + balance("VL", second.voucher_id) == 190_00


def test_a_key_with_another_body_is_refused_and_nothing_changes(context: Flask) -> None:
    _programme, shop, voucher = build.scene(100_00)
    one = key()
    take(shop, voucher.token, 10_00, one)
    before = counts(voucher.voucher_id)
    with pytest.raises(errors.Invalid) as refusal:
        take(shop, voucher.token, 10_01, one)
    assert refusal.value.code == "key_reused"
    assert counts(voucher.voucher_id) == before


def test_a_decline_is_final_for_its_key(context: Flask) -> None:
    _programme, shop, voucher = build.scene(100_00)
    first = take(shop, voucher.token, 60_00)
    declined = key()
    for _try in range(2):
        with pytest.raises(errors.NotEnough) as refusal:
            take(shop, voucher.token, 50_00, declined)
        assert refusal.value.details == {"remaining_cents": 40_00}
    returns.void(shop.token, UUID(first.body["redemption_id"]), key=key(), reason="vertippt")
    with pytest.raises(errors.NotEnough):
        take(shop, voucher.token, 50_00, declined)
    assert take(shop, voucher.token, 50_00).body["remaining_cents"] == 50_00


def test_an_unknown_code_is_final_for_its_key_too(context: Flask) -> None:
    _programme, shop, voucher = build.scene(100_00)
    one = key()
    with pytest.raises(errors.NotFound):
        take(shop, "ML1." + "0" * 26, 10_00, one)
    with pytest.raises(errors.Invalid):
        take(shop, voucher.token, 10_00, one)
    assert redeeming.find_by_key(shop.token, one)["outcome"] == "not_redeemable"


def test_unknown_and_blocked_read_the_same(context: Flask) -> None:
    _programme, shop, voucher = build.scene(100_00)
    access.block(voucher.voucher_id, actor_id=uuid4(), key=key(), reason="verloren")
    session.commit()
    said = []
    for presented in (voucher.token, voucher.code, "ML1." + "1" * 26, "nichts", "0000-0000-000"):
        with pytest.raises(errors.NotFound) as refusal:
            take(shop, presented, 1_00)
        said.append((str(refusal.value.sentence), refusal.value.code, refusal.value.details))
    assert said == [("Dieser Gutschein ist nicht einlösbar.", "not_redeemable", {})] * 5
    access.unblock(voucher.voucher_id, actor_id=uuid4(), key=key(), reason="gefunden")
    session.commit()
    assert take(shop, voucher.code, 1_00).body["remaining_cents"] == 99_00


def test_a_shop_outside_the_network_learns_the_programme_and_nothing_of_the_balance(context: Flask) -> None:
    programme = build.programme(towns=[build.COESFELD])
    build.accepting_shop(programme.id)
    stranger = build.till(build.outlet(build.DUELMEN).id)
    voucher = build.voucher(programme.id)
    session.commit()
    with pytest.raises(errors.NotAllowed) as refusal:
        take(stranger, voucher.token, 1_00)
    assert refusal.value.details == {"reason_code": "not_accepted_here", "programme": programme.name}
    assert balance("VL", voucher.voucher_id) == 100_00


def test_acceptance_ends_with_the_next_second_and_history_stays(context: Flask) -> None:
    programme, shop, voucher = build.scene(100_00)
    take(shop, voucher.token, 1_00)
    programmes.stop_accepting(programme.id, shop.outlet_id)
    session.commit()
    with pytest.raises(errors.NotAllowed):
        take(shop, voucher.token, 1_00)
    programmes.accept(programme.id, shop.outlet_id)
    session.commit()
    assert take(shop, voucher.token, 1_00).body["remaining_cents"] == 98_00


def test_a_suspended_shop_and_a_revoked_till_take_nothing(context: Flask) -> None:
    _programme, shop, voucher = build.scene(100_00)
    till = session.get_one(Till, shop.till_id)
    till.outlet.active = False
    session.commit()
    with pytest.raises(errors.NotAllowed) as refusal:
        take(shop, voucher.token, 1_00)
    assert refusal.value.details == {"reason_code": "outlet_suspended"}
    till.outlet.active = True
    till.revoked_at = clock.now()
    session.commit()
    with pytest.raises(errors.NotSignedIn):
        take(shop, voucher.token, 1_00)
    assert counts(voucher.voucher_id) == (1, 1, 1)


def test_twenty_wrong_typed_codes_stop_typed_codes_at_this_till_but_not_scanning(context: Flask) -> None:
    _programme, shop, voucher = build.scene(100_00)
    for _n in range(20):
        with pytest.raises(errors.NotFound):
            take(shop, "0000-0000-000", 1_00)
    with pytest.raises(errors.TooMany):
        take(shop, voucher.code, 1_00)
    assert take(shop, voucher.token, 1_00).body["remaining_cents"] == 99_00
    with clock.at(clock.now() + timedelta(minutes=11)):
        assert take(shop, voucher.code, 1_00).body["remaining_cents"] == 98_00


def test_lots_are_used_by_their_end_and_refunded_to_where_they_came_from(context: Flask) -> None:
    programme, shop, voucher = build.scene(100_00)
    campaign = uuid4()
    build.load(programme.id, voucher.voucher_id, 20_00, kind="bonus", origin_id=campaign, days=30)
    answer = take(shop, voucher.token, 50_00)
    assert [(b["kind"], b["amount_cents"], b["remaining_cents"]) for b in answer.body["buckets"]] == [
        ("bonus", 20_00, 0),
        ("paid", 30_00, 70_00),
    ]
    redemption = UUID(answer.body["redemption_id"])
    back = returns.refund(shop.token, redemption, cents=40_00, key=key(), reason="Ware zurück")
    assert [(b["kind"], b["amount_cents"], b["remaining_cents"]) for b in back.body["buckets"]] == [
        ("bonus", 10_00, 10_00),
        ("paid", 30_00, 100_00),
    ]
    assert (balance("VB", voucher.voucher_id), balance("VL", voucher.voucher_id)) == (10_00, 100_00)
    with pytest.raises(errors.Refused) as refusal:
        returns.refund(shop.token, redemption, cents=10_01, key=key(), reason="zu viel")
    assert (refusal.value.code, refusal.value.details) == ("more_than_redeemed", {"returnable_cents": 10_00})


def test_what_a_lapsed_bonus_gets_back_goes_to_the_campaign(context: Flask) -> None:
    programme, shop, voucher = build.scene(100_00)
    campaign = uuid4()
    build.load(programme.id, voucher.voucher_id, 20_00, kind="bonus", origin_id=campaign, days=10)
    answer = take(shop, voucher.token, 30_00)
    with clock.at(clock.now() + timedelta(days=20)):
        back = returns.refund(shop.token, UUID(answer.body["redemption_id"]), cents=30_00, key=key(), reason="zurück")
        assert (back.body["lapsed_cents"], back.body["remaining_cents"]) == (20_00, 100_00)
    assert balance("CB", campaign) == 20_00
    assert balance("VB", voucher.voucher_id) == 0


def test_a_lapsed_lot_cannot_be_spent(context: Flask) -> None:
    _programme, shop, voucher = build.scene(100_00)
    end = issuing.calculate_legal_end(clock.today())
    with clock.at(clock.now().replace(year=end.year, month=12, day=31, hour=22, minute=59)):
        assert take(shop, voucher.token, 1_00).body["remaining_cents"] == 99_00
    with (
        clock.at(clock.now().replace(year=end.year, month=12, day=31, hour=23, minute=1)),
        pytest.raises(errors.NotEnough) as refusal,
    ):
        take(shop, voucher.token, 1_00)
    assert refusal.value.details == {"remaining_cents": 0}


def test_void_is_whole_same_day_same_shop_and_once(context: Flask) -> None:
    programme, shop, voucher = build.scene(100_00)
    other = build.accepting_shop(programme.id)
    session.commit()
    redemption = UUID(take(shop, voucher.token, 30_00).body["redemption_id"])
    with pytest.raises(errors.NotFound):
        returns.void(other.token, redemption, key=key(), reason="fremd")
    with clock.at(clock.now() + timedelta(days=1)), pytest.raises(errors.Refused) as late:
        returns.void(shop.token, redemption, key=key(), reason="zu spät")
    assert late.value.code == "another_day"
    one = key()
    done = returns.void(shop.token, redemption, key=one, reason="vertippt")
    assert (done.replay, done.body["remaining_cents"]) == (False, 100_00)
    assert returns.void(shop.token, redemption, key=one, reason="vertippt") == calls.TillAnswer(True, done.body)
    with pytest.raises(errors.Refused) as twice:
        returns.void(shop.token, redemption, key=key(), reason="noch einmal")
    assert twice.value.code == "already_returned"
    with pytest.raises(errors.Refused):
        returns.refund(shop.token, redemption, cents=1, key=key(), reason="nach Storno")
    assert (balance("VL", voucher.voucher_id), balance("KR", shop.outlet_id)) == (100_00, 0)
    stored = session.scalars(sa.select(VoucherOperation).where(VoucherOperation.ref_id == redemption)).all()
    assert sorted((o.kind, o.outcome) for o in stored) == [
        ("refund", "more_than_redeemed"),
        ("void", "already_returned"),
        ("void", "another_day"),
        ("void", "done"),
    ]


def test_ten_refunds_at_once_give_back_no_more_than_was_taken(app: Flask) -> None:
    _programme, shop, voucher = build.scene(100_00)
    redemption = UUID(take(shop, voucher.token, 30_00).body["redemption_id"])
    session.remove()
    results = at_once(
        app, lambda n: returns.refund(shop.token, redemption, cents=7_00, key=key(), reason=f"Teil {n}"), range(10)
    )
    assert len([r for r in results if isinstance(r, calls.TillAnswer)]) == 4
    assert balance("VL", voucher.voucher_id) == 98_00


def test_by_key_tells_what_became_of_it(context: Flask) -> None:
    _programme, shop, voucher = build.scene(100_00)
    one = key()
    with pytest.raises(errors.NotFound):
        redeeming.find_by_key(shop.token, one)
    answer = take(shop, voucher.token, 10_00, one)
    found = redeeming.find_by_key(shop.token, one)
    assert (found["outcome"], found["returned_cents"], found["redemption"]) == ("done", 0, answer.body)
    other = build.till(build.outlet().id)
    session.commit()
    with pytest.raises(errors.NotFound):
        redeeming.find_by_key(other.token, one)


def test_new_secrets_kill_the_old_ones_and_keep_the_value(context: Flask) -> None:
    _programme, shop, voucher = build.scene(100_00)
    fresh = access.renew(voucher.voucher_id, actor_id=uuid4(), key=key(), reason="Telefon verloren")
    session.commit()
    for old in (voucher.token, voucher.code):
        with pytest.raises(errors.NotFound):
            take(shop, old, 1_00)
    assert take(shop, fresh.token, 1_00).body["remaining_cents"] == 99_00
    assert queries.calculate_available(voucher.voucher_id) == 99_00
