"""Rules that lots, tills and issuers bring along: order, places, scopes, pauses, speed, and other issuers' shops."""

from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from foundation import clock, errors
from foundation.clock import today
from foundation.database import session, transact, uuid7
from people.models import Outlet
from tests.builders import vouchers as build
from tests.builders.booking import balance, findings
from vouchers.stored_value import codes, issuing, queries
from vouchers.stored_value.models import Acceptance, Programme, Reciprocity, Voucher
from vouchers.tills import devices, holds, redeeming, redemption_log, returns, tokens
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


def take(shop: build.Shop, token: str, cents: int) -> dict[str, object]:
    return redeeming.redeem(shop.token, RedemptionOrder(token, cents, key())).body


def load(voucher: issuing.Issued, cents: int, **values: object) -> None:
    programme_id = session.get_one(Voucher, voucher.voucher_id).programme_id
    issuing.load(
        voucher.voucher_id,
        cents,
        terms=issuing.LotTerms(**values),
        funding=build.paid_in(programme_id, cents),
        actor_id=uuid7(),
        key=key(),
    )
    session.commit()


def test_a_lot_with_a_lower_rank_is_spent_first_whatever_its_end(context: Flask) -> None:
    _programme, shop, voucher = build.scene(50_00)
    later = date(clock.today().year + 9, 1, 1)
    load(voucher, 10_00, kind="goodwill", ends_on=later, spend_rank=-1)
    buckets = take(shop, voucher.token, 12_00)["buckets"]
    assert [(b["kind"], b["amount_cents"]) for b in buckets] == [("goodwill", 10_00), ("paid", 2_00)]  # type: ignore[attr-defined]


def test_an_employers_lot_is_spent_only_in_its_postcode_areas(context: Flask) -> None:
    programme, here, voucher = build.scene(50_00)
    load(voucher, 30_00, kind="employer", postcode_areas=["33", "59"])
    there = build.accepting_shop(programme.id)
    session.execute(sa.update(Outlet).where(Outlet.id == there.outlet_id).values(postcode="59348"))
    session.commit()
    with pytest.raises(errors.NotEnough) as refusal:
        take(here, voucher.token, 50_01)
    assert refusal.value.details == {"remaining_cents": 50_00}
    assert redeeming.look(here.token, voucher.token)["remaining_cents"] == 50_00
    assert [b["kind"] for b in redeeming.look(here.token, voucher.token)["buckets"]] == ["paid"]
    assert queries.calculate_available(voucher.voucher_id) == 80_00
    assert redeeming.look(there.token, voucher.token)["remaining_cents"] == 80_00
    held = session.get_one(Voucher, voucher.voucher_id)
    assert queries.sum_spendable(held, {here.outlet_id, there.outlet_id}) == {
        here.outlet_id: 50_00,
        there.outlet_id: 80_00,
    }
    assert take(there, voucher.token, 80_00)["remaining_cents"] == 0


def test_a_code_that_exists_already_can_be_issued_once(context: Flask) -> None:
    programme, shop, _voucher = build.scene()
    plain = codes.make_token(), codes.make_code(), codes.make_pin()

    def issue() -> UUID:
        return issuing.issue_known(
            programme.id,
            issuing.KnownVoucher(codes.hash_secrets(*plain), 33_00, key()),
            terms=issuing.LotTerms(issued_on=date(today().year - 2, 5, 5), ends_on=date(today().year + 1, 12, 31)),
            funding=build.paid_in(programme.id, 33_00),
            actor_id=uuid7(),
        )

    voucher_id = issue()
    with pytest.raises(errors.Refused) as refusal:
        issue()
    assert refusal.value.code == "code_taken"
    session.commit()
    assert take(shop, plain[0], 3_00)["remaining_cents"] == 30_00
    assert take(shop, plain[1], 30_00)["remaining_cents"] == 0
    lot = queries.list_lots(voucher_id)[0]
    assert (lot.issued_on, lot.legal_end) == (date(today().year - 2, 5, 5), date(today().year + 1, 12, 31))


def test_value_that_moves_in_cannot_end_earlier_than_the_law_allows(context: Flask) -> None:
    programme = build.programme()
    with pytest.raises(errors.Invalid, match="drei Jahre"):
        issuing.issue_known(
            programme.id,
            issuing.KnownVoucher(
                codes.hash_secrets(codes.make_token(), codes.make_code(), codes.make_pin()), 33_00, key()
            ),
            terms=issuing.LotTerms(issued_on=date(today().year - 2, 5, 5), ends_on=date(today().year + 1, 12, 30)),
            funding=build.paid_in(programme.id, 33_00),
            actor_id=uuid7(),
        )


def test_a_token_does_only_what_it_may(context: Flask) -> None:
    _programme, shop, voucher = build.scene(50_00)
    looking = transact(tokens.add_token, shop.till_id, "Anzeige", ["look"])
    assert redeeming.look(looking, voucher.token)["remaining_cents"] == 50_00
    for act in (
        lambda: redeeming.redeem(looking, RedemptionOrder(voucher.token, 1, key())),
        lambda: holds.hold(looking, voucher.token, cents=1, key=key(), expires_in_seconds=9),
        lambda: returns.void(looking, uuid4(), key=key(), reason="x"),
    ):
        with pytest.raises(errors.NotAllowed) as refusal:
            act()
        assert refusal.value.code == "scope_missing"
    assert balance("VL", voucher.voucher_id) == 50_00


def test_a_token_that_is_rotated_lives_on_for_a_day_and_a_revoked_one_not_a_second(context: Flask) -> None:
    _programme, shop, voucher = build.scene(50_00)
    old = transact(tokens.add_token, shop.till_id, "Kassensystem", ["look", "redeem"])
    new = transact(tokens.rotate_token, tokens.hash_bearer(old))
    for bearer in (old, new):
        assert redeeming.redeem(bearer, RedemptionOrder(voucher.token, 1_00, key())).body["amount_cents"] == 1_00
    with clock.at(clock.now() + timedelta(hours=25)):
        with pytest.raises(errors.NotSignedIn):
            redeeming.look(old, voucher.token)
        assert redeeming.look(new, voucher.token)["remaining_cents"] == 48_00
    transact(tokens.revoke_token, tokens.hash_bearer(new))
    with pytest.raises(errors.NotSignedIn):
        redeeming.look(new, voucher.token)
    assert devices.find_till(new) is None
    with pytest.raises(errors.Invalid):
        tokens.add_token(shop.till_id, "Alles", ["look", "print"])


def test_a_paused_till_takes_nothing_but_gives_back(context: Flask) -> None:
    _programme, shop, voucher = build.scene(50_00)
    taken = UUID(str(take(shop, voucher.token, 10_00)["redemption_id"]))
    held = holds.hold(shop.token, voucher.token, cents=5_00, key=key(), expires_in_seconds=60).body["hold_id"]
    session.get_one(Till, shop.till_id).paused_until = clock.now() + timedelta(minutes=10)
    session.commit()
    for act in (
        lambda: take(shop, voucher.token, 1),
        lambda: holds.capture(shop.token, UUID(held), key=key()),
        lambda: holds.hold(shop.token, voucher.token, cents=1, key=key(), expires_in_seconds=60),
    ):
        with pytest.raises(errors.NotAllowed) as refusal:
            act()
        assert refusal.value.code == "till_paused"
    holds.release(shop.token, UUID(held), key=key())
    returns.void(shop.token, taken, key=key(), reason="Irrtum")
    assert balance("VL", voucher.voucher_id) == 50_00


def test_a_held_amount_is_captured_once_or_released_and_never_after_its_time(context: Flask) -> None:
    _programme, shop, voucher = build.scene(50_00)
    again = key()
    first = holds.hold(shop.token, voucher.token, cents=20_00, key=again, expires_in_seconds=600, receipt_no="7")
    assert holds.hold(shop.token, voucher.token, cents=20_00, key=again, expires_in_seconds=600, receipt_no="7").replay
    hold = UUID(first.body["hold_id"])
    captured = holds.capture(shop.token, hold, key=key()).body
    assert (captured["amount_cents"], captured["remaining_cents"]) == (20_00, 30_00)
    with pytest.raises(errors.Refused, match="schon beendet"):
        holds.release(shop.token, hold, key=key())
    returns.refund(shop.token, UUID(captured["redemption_id"]), cents=20_00, key=key(), reason="Ware zurück")
    late = UUID(holds.hold(shop.token, voucher.token, cents=1_00, key=key(), expires_in_seconds=60).body["hold_id"])
    with clock.at(clock.now() + timedelta(seconds=61)):
        with pytest.raises(errors.Refused, match="abgelaufen"):
            holds.capture(shop.token, late, key=key())
        holds.release(shop.token, late, key=key())
    stranger = build.accepting_shop(_programme.id)
    session.commit()
    with pytest.raises(errors.NotFound):
        holds.release(stranger.token, late, key=key())
    assert balance("KR", shop.outlet_id) == 0


def test_a_voucher_in_a_hurry_is_refused_for_ten_minutes(context: Flask) -> None:
    programme, shop, voucher = build.scene(50_00)
    session.get_one(Programme, programme.id).velocity_limit = 60
    session.commit()
    for _n in range(60):
        take(shop, voucher.token, 1)
    with pytest.raises(errors.TooMany) as refusal:
        take(shop, voucher.token, 1)
    assert refusal.value.code == "velocity_voucher"
    with clock.at(clock.now() + timedelta(minutes=11)):
        take(shop, voucher.token, 1)


def test_a_shop_that_moves_out_of_town_accepts_no_more_and_history_stays(context: Flask) -> None:
    programme = build.programme([build.COESFELD])
    shop, voucher = build.accepting_shop(programme.id), build.voucher(programme.id)
    session.commit()
    take(shop, voucher.token, 5_00)
    session.get_one(Outlet, shop.outlet_id).ags = build.DUELMEN
    session.commit()
    ended = session.scalars(sa.select(Acceptance).where(Acceptance.outlet_id == shop.outlet_id)).one()
    assert ended.valid_until is not None
    with clock.at(ended.valid_until), pytest.raises(errors.NotAllowed):  # by the database's clock, which runs on
        take(shop, voucher.token, 5_00)
    assert [line.cents for line in redemption_log.LIVE_LOG.of_day(shop.outlet_id)] == [5_00]


def test_in_another_issuers_shop_that_issuer_owes_the_shop_and_ours_owes_the_other(context: Flask) -> None:
    ours, theirs = build.programme([build.COESFELD]), build.programme([build.DUELMEN])
    voucher, shop = build.voucher(ours.id, 50_00), build.accepting_shop(theirs.id, build.DUELMEN)
    session.commit()
    with pytest.raises(errors.NotAllowed):
        take(shop, voucher.token, 10_00)
    session.add(Reciprocity(programme_id=ours.id, host_programme_id=theirs.id))
    session.commit()
    taken = UUID(str(take(shop, voucher.token, 10_00)["redemption_id"]))
    held = UUID(holds.hold(shop.token, voucher.token, cents=7_00, key=key(), expires_in_seconds=60).body["hold_id"])
    holds.capture(shop.token, held, key=key())

    def owed() -> tuple[int, int, int]:
        return (
            _between(ours.issuer_id, theirs.issuer_id),
            _between(theirs.issuer_id, ours.issuer_id),
            balance("KR", shop.outlet_id),
        )

    assert owed() == (17_00, -17_00, 17_00)
    returns.refund(shop.token, taken, cents=4_00, key=key(), reason="Ware zurück")
    assert owed() == (13_00, -13_00, 13_00)
    assert balance("VL", voucher.voucher_id) == 37_00
    assert queries.find_accepting(ours.id, [shop.outlet_id]) == {shop.outlet_id}
    session.scalars(sa.select(Reciprocity)).all()[-1].valid_until = clock.now()
    session.commit()
    with pytest.raises(errors.NotAllowed):
        take(shop, voucher.token, 1)


def _between(ledger: UUID, other: UUID) -> int:
    found = session.scalar(
        sa.text(
            "SELECT coalesce(sum(CASE WHEN credit_account = 'CL' THEN cents ELSE -cents END), 0) FROM entry"
            " WHERE ledger_id = :l AND ((credit_account = 'CL' AND credit_party = :o)"
            " OR (debit_account = 'CL' AND debit_party = :o))"
        ),
        {"l": ledger, "o": other},
    )
    return int(found or 0)
