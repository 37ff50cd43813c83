"""Practice gives the answers of real acts, and leaves no trace in vouchers or books."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from foundation import clock, errors
from foundation.clock import today
from foundation.config import settings as settings_of_database
from foundation.database import session, transact
from foundation.schema import functions
from tests.builders import practice as build
from tests.builders import vouchers as real
from tests.builders.threads import at_once
from vouchers.practice import service, setup
from vouchers.tills import redeeming, returns
from vouchers.tills.redeeming import RedemptionOrder

REAL = ("entry", "outbox", "voucher_operation", "operation_part", "lot", "voucher", "missed_redemption")
SEEN = ("municipality", "organisation", "outlet", "till", "till_staff", "till_token")  # of the real world, to read


def key() -> str:
    return str(uuid4())


def left(school: build.School, presented: str) -> int:
    remaining = service.look(school.key, presented)["remaining_cents"]
    assert isinstance(remaining, int)
    return remaining


def real_rows() -> dict[str, int]:
    session.rollback()
    return {table: int(session.scalar(sa.text(f"SELECT count(*) FROM {table}")) or 0) for table in REAL}


def test_an_answer_has_the_form_of_a_real_one(context: Flask) -> None:
    school = build.school()
    made = build.voucher(school)
    _programme, shop, issued = real.scene(50_00)
    practised = service.redeem(school.key, RedemptionOrder(made.token, 12_34, key(), receipt_no="K 7")).body
    meant = redeeming.redeem(shop.token, RedemptionOrder(issued.token, 12_34, key(), receipt_no="K 7")).body
    assert set(practised) == set(meant)
    assert set(practised["receipt"]) == set(meant["receipt"])
    assert [set(bucket) for bucket in practised["buckets"]] == [set(bucket) for bucket in meant["buckets"]]
    assert (
        (practised["amount_cents"], practised["remaining_cents"])
        == (meant["amount_cents"], meant["remaining_cents"])
        == (12_34, 37_66)
    )
    given = service.refund(school.key, UUID(practised["redemption_id"]), cents=1, key=key(), reason="x").body
    back = returns.refund(shop.token, UUID(meant["redemption_id"]), cents=1, key=key(), reason="x").body
    assert set(given) == set(back)


def test_the_same_key_gives_the_first_answer_and_another_body_is_refused(context: Flask) -> None:
    school = build.school()
    made = build.voucher(school)
    mine = key()
    first = service.redeem(school.key, RedemptionOrder(made.token, 10_00, mine))
    again = service.redeem(school.key, RedemptionOrder(f"https://example.org/g#{made.token}", 10_00, mine))
    assert (first.replay, again.replay, again.body) == (False, True, first.body)
    with pytest.raises(errors.Invalid) as refused:
        service.redeem(school.key, RedemptionOrder(made.token, 10_01, mine))
    assert refused.value.code == "key_reused"
    assert left(school, made.token) == 40_00
    found = service.find_by_key(school.key, mine)
    assert (found["outcome"], found["redemption"], found["returned_cents"]) == ("done", first.body, 0)
    with pytest.raises(errors.NotFound):
        service.find_by_key(school.key, key())


def test_what_is_missing_is_told_and_the_refused_key_stays_refused(context: Flask) -> None:
    school = build.school()
    made = build.voucher(school, 5_00)
    mine = key()
    for _again in range(2):
        with pytest.raises(errors.NotEnough) as refused:
            service.redeem(school.key, RedemptionOrder(made.code, 5_01, mine))
        assert refused.value.details == {"remaining_cents": 5_00}
    assert service.find_by_key(school.key, mine)["outcome"] == "insufficient"


def test_a_refund_goes_to_the_lots_it_came_from_and_lapsed_bonus_lapses(context: Flask) -> None:
    school = build.school()
    made = build.voucher(school, 20_00, bonus=5_00, bonus_until=today())
    taken = service.redeem(school.key, RedemptionOrder(made.token, 8_00, key())).body
    assert [(b["kind"], b["amount_cents"]) for b in taken["buckets"]] == [("bonus", 5_00), ("paid", 3_00)]
    with clock.at(clock.now() + timedelta(days=2)):
        redemption = UUID(taken["redemption_id"])
        with pytest.raises(errors.Refused) as refused:
            service.void(school.key, redemption, key=key(), reason="zu spät")
        assert refused.value.code == "another_day"
        back = service.refund(school.key, redemption, cents=5_00, key=key(), reason="Ware zurück").body
        assert (back["lapsed_cents"], back["remaining_cents"]) == (2_00, 20_00)
        with pytest.raises(errors.Refused) as refused:
            service.refund(school.key, redemption, cents=3_01, key=key(), reason="zu viel")
        assert refused.value.details == {"returnable_cents": 3_00}


def test_a_hold_is_captured_released_or_ends_by_itself(context: Flask) -> None:
    school = build.school()
    made = build.voucher(school, 20_00)
    first = service.hold(school.key, made.token, cents=8_00, key=key(), expires_in_seconds=60).body
    assert (first["amount_cents"], first["remaining_cents"], left(school, made.token)) == (8_00, 12_00, 12_00)
    captured = service.capture(school.key, UUID(first["hold_id"]), key=key()).body
    assert captured["amount_cents"] == 8_00
    with pytest.raises(errors.Refused) as refused:
        service.release(school.key, UUID(first["hold_id"]), key=key())
    assert refused.value.code == "hold_already_ended"
    second = service.hold(school.key, made.token, cents=12_00, key=key(), expires_in_seconds=60).body
    assert service.release(school.key, UUID(second["hold_id"]), key=key()).body["remaining_cents"] == 12_00
    third = service.hold(school.key, made.token, cents=12_00, key=key(), expires_in_seconds=60).body
    with clock.at(clock.now() + timedelta(minutes=2)):
        with pytest.raises(errors.Refused) as late:
            service.capture(school.key, UUID(third["hold_id"]), key=key())
        assert late.value.code == "hold_expired"
        assert service.redeem(school.key, RedemptionOrder(made.token, 12_00, key())).body["remaining_cents"] == 0


def test_two_hands_on_one_voucher_take_it_once(app: Flask, context: Flask) -> None:
    school = build.school()
    made = build.voucher(school, 10_00)
    mine = key()

    def take(given: str) -> Any:
        return service.redeem(school.key, RedemptionOrder(made.token, 8_00, given))

    session.remove()
    results = at_once(app, take, [key() for _n in range(6)])
    assert sorted(type(result).__name__ for result in results) == ["NotEnough"] * 5 + ["TillAnswer"]
    other = build.voucher(school, 10_00)

    def same(_n: int) -> Any:
        return service.redeem(school.key, RedemptionOrder(other.token, 8_00, mine)).body["remaining_cents"]

    session.remove()
    assert at_once(app, same, range(6)) == [2_00] * 6


def test_real_vouchers_do_not_work_while_practising_nor_practice_vouchers_at_a_real_till(context: Flask) -> None:
    school = build.school()
    made = build.voucher(school)
    _programme, shop, issued = real.scene()
    before = real_rows()
    for presented in (issued.token, issued.code, "ML1." + "0" * 26):
        with pytest.raises(errors.NotFound, match="kein Übungsgutschein"):
            service.redeem(school.shop.token, RedemptionOrder(presented, 1, key()))
    assert real_rows() == before
    for presented in (made.token, made.code):
        with pytest.raises(errors.NotFound, match="nicht einlösbar"):
            redeeming.redeem(shop.token, RedemptionOrder(presented, 1, key()))
        assert setup.is_practice_voucher(presented)
    assert not setup.is_practice_voucher(issued.token)
    assert not setup.is_practice_voucher(issued.code)


def test_only_practice_keys_and_tills_that_practise_may(context: Flask) -> None:
    school = build.school()
    made = build.voucher(school)
    assert service.look(school.shop.token, made.token)["remaining_cents"] == 50_00
    transact(setup.switch_off, school.shop.till_id)
    for bearer in (school.shop.token, "x" * 40):
        with pytest.raises(errors.NotSignedIn):
            service.look(bearer, made.token)
    with pytest.raises(errors.NotSignedIn):
        redeeming.look(school.key, made.token)
    late = transact(setup.add_key, school.shop.outlet_id, "alt", expires_at=clock.now() - timedelta(seconds=1))
    with pytest.raises(errors.NotSignedIn):
        service.look(late, made.token)
    stranger = build.school()
    with pytest.raises(errors.NotAllowed):
        service.look(stranger.key, made.token)


STEP = st.tuples(
    st.sampled_from(["redeem", "void", "refund", "hold", "capture", "release", "look", "stranger", "again"]),
    st.integers(min_value=1, max_value=30_00),
    st.integers(min_value=0, max_value=9),
)


@settings(max_examples=15)
@given(steps=st.lists(STEP, min_size=5, max_size=25))
def test_whatever_is_practised_nothing_real_is_written(context: Flask, steps: list[tuple[str, int, int]]) -> None:
    school = build.school()
    made = build.voucher(school, 40_00, bonus=10_00)
    before, taken, holds, keys = real_rows(), [uuid4()], [uuid4()], [key()]
    for name, cents, pick in steps:
        mine = keys[pick % len(keys)] if name == "again" else key()
        keys.append(mine)
        redemption, held = taken[pick % len(taken)], holds[pick % len(holds)]
        try:
            if name in ("redeem", "again"):
                body = service.redeem(school.key, RedemptionOrder(made.token, cents, mine)).body
                taken.append(UUID(body["redemption_id"]))
            elif name == "void":
                service.void(school.key, redemption, key=mine, reason="x")
            elif name == "refund":
                service.refund(school.key, redemption, cents=cents, key=mine, reason="x")
            elif name == "hold":
                body = service.hold(school.key, made.code, cents=cents, key=mine, expires_in_seconds=60).body
                holds.append(UUID(body["hold_id"]))
            elif name == "stranger":
                service.redeem(school.key, RedemptionOrder("ML1." + "0" * 26, cents, mine))
            elif name == "look":
                service.look(school.key, made.token)
            else:
                end = service.capture if name == "capture" else service.release
                end(school.key, held, key=mine)
        except errors.DomainError:
            session.rollback()
        assert 0 <= left(school, made.token) <= 50_00
    assert real_rows() == before


def test_the_database_knows_no_way_from_practising_to_the_books(context: Flask) -> None:
    """Its control: the functions' owner may read shops, so what it may not do is asked of a role that exists."""
    role = settings_of_database().database_role + "_practice"
    ask = "SELECT relname FROM pg_class WHERE relkind IN ('r', 'v') AND relnamespace = 'public'::regnamespace AND "
    reading = session.scalars(sa.text(ask + "has_table_privilege(:role, oid, 'SELECT')"), {"role": role}).all()
    assert set(reading) == {*SEEN, "practice_token", "practice_till"}
    writing = ask + "has_table_privilege(:role, oid, 'INSERT, UPDATE, DELETE, TRUNCATE')"
    assert session.scalars(sa.text(writing), {"role": role}).all() == []
    calling = (
        "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proname = ANY (:ours)"
        " AND has_function_privilege(:role, oid, 'EXECUTE')"
    )
    assert session.scalars(sa.text(calling), {"role": role, "ours": list(functions())}).all() == []
    practised = (
        "SELECT count(*), count(*) FILTER (WHERE pg_get_userbyid(proowner) = :role AND prosrc !~ 'public')"
        " FROM pg_proc WHERE pronamespace = 'practice'::regnamespace"
    )
    there = len(functions(schema="practice"))
    assert session.execute(sa.text(practised), {"role": role}).one() == (there, there)
    across = (
        "SELECT conname FROM pg_constraint c"
        " JOIN pg_class a ON a.oid = c.conrelid JOIN pg_class b ON b.oid = c.confrelid"
        " WHERE c.contype = 'f' AND a.relnamespace <> b.relnamespace"
    )
    assert session.scalars(sa.text(across)).all() == []


def test_the_owner_of_practice_cannot_post(own_database: Flask) -> None:
    role = settings_of_database().database_role + "_practice"
    with psycopg.connect(settings_of_database().database_url, autocommit=True) as owner:
        owner.execute(f'SET ROLE "{role}"'.encode())
        post = "(gen_random_uuid(), gen_random_uuid(), 1, gen_random_uuid(), 'x', 'TB', NULL, 'OB', NULL, 1)"
        assert owner.execute(f"SELECT practice.ledger_post{post}".encode()).fetchone() == ("",)
        for statement in (
            f"SELECT public.ledger_post{post}",
            "SELECT count(*) FROM public.entry",
            "UPDATE public.lot SET balance = 1",
            "SELECT count(*) FROM public.voucher",
            "UPDATE public.till SET name = 'x'",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                owner.execute(statement.encode())
