"""Agreements with shops: versions, an end by either side, and what a shop that leaves keeps."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from foundation import clock, errors
from foundation.database import session, transact
from people.models import Outlet
from tests.builders import network as people
from tests.builders import vouchers as build
from tests.builders.ledger import database_now
from vouchers.network import agreements, queries
from vouchers.stored_value.models import Acceptance, Programme
from vouchers.tills import redeeming
from vouchers.tills.redeeming import RedemptionOrder


def outcome(shop: build.Shop, given: build.Issued, cents: int = 10_00) -> str:
    """What the till is told: `done`, or why not."""
    try:
        redeeming.redeem(shop.token, RedemptionOrder(given.token, cents, str(uuid4())))
    except errors.NotAllowed as refused:
        return str(refused.details["reason_code"])
    return "done"


def rows(programme: Programme, outlet_id: UUID) -> list[Acceptance]:
    """Every version of an agreement, the oldest first."""
    session.expire_all()
    query = sa.select(Acceptance).where(Acceptance.programme_id == programme.id, Acceptance.outlet_id == outlet_id)
    return list(session.scalars(query.order_by(Acceptance.version)))


def test_a_change_ends_one_version_and_begins_the_next_without_a_gap(context: Flask) -> None:
    programme, shop, given = build.scene()
    gerda = transact(people.clerk, programme.issuer_id)
    transact(
        agreements.change,
        programme.id,
        shop.outlet_id,
        person_id=gerda,
        commission=250,
        vat_rates="19, 7",
        reason="Neue Provision",
    )
    before, after = rows(programme, shop.outlet_id)
    assert (before.version, before.ended_by, before.ended_reason) == (1, "change", "Neue Provision")
    assert before.valid_until == after.valid_from
    assert (after.version, after.commission_basis_points, after.vat_rates) == (2, 250, "7,19")
    assert (after.begun_by, after.valid_until, after.ended_by) == (gerda, None, None)
    assert outcome(shop, given) == "done"


@pytest.mark.parametrize("by", ["issuer", "shop", "suspension"])
def test_either_side_ends_it_at_once_and_it_says_who_and_why(context: Flask, by: str) -> None:
    programme, shop, given = build.scene()
    assert outcome(shop, given) == "done"
    gerda = transact(people.clerk, programme.issuer_id)
    with clock.at(clock.now() + timedelta(seconds=1)):
        transact(agreements.end, programme.id, shop.outlet_id, by=by, reason="So ist es besser", person_id=gerda)
        [row] = rows(programme, shop.outlet_id)
        assert (row.ended_by, row.ended_reason, row.ender_id) == (by, "So ist es besser", gerda)
        assert outcome(shop, given) == "not_accepted_here"
        with pytest.raises(errors.Refused) as refused:
            transact(agreements.end, programme.id, shop.outlet_id, by=by, reason="Noch einmal")
    assert refused.value.code == "no_agreement"


def test_with_notice_it_holds_until_then_and_not_a_second_longer(context: Flask) -> None:
    programme, shop, given = build.scene()
    last = clock.now() + timedelta(days=28)
    transact(agreements.end, programme.id, shop.outlet_id, by="shop", reason="Geschäftsaufgabe", at=last)
    [row] = rows(programme, shop.outlet_id)
    assert row.valid_until == last
    assert row.notice_at
    assert row.notice_at < last
    assert outcome(shop, given) == "done"
    with clock.at(last - timedelta(seconds=1)):
        assert outcome(shop, given) == "done"
    with clock.at(last):
        assert outcome(shop, given) == "not_accepted_here"


def test_a_notice_that_is_taken_back_begins_another_version(context: Flask) -> None:
    programme, shop, given = build.scene()
    last = clock.now() + timedelta(days=28)
    transact(agreements.end, programme.id, shop.outlet_id, by="shop", reason="Vielleicht", at=last)
    transact(agreements.begin, programme.id, shop.outlet_id, vat_rates="19")
    before, after = rows(programme, shop.outlet_id)
    assert (before.ended_by, before.valid_until) == ("change", after.valid_from)
    assert (after.version, after.valid_until) == (2, None)
    with clock.at(last + timedelta(days=1)):
        assert outcome(shop, given) == "done"


@pytest.mark.parametrize("days", [-1, 367])
def test_an_end_in_the_past_or_far_away_is_refused(context: Flask, days: int) -> None:
    programme, shop, _given = build.scene()
    with pytest.raises(errors.Invalid):
        transact(
            agreements.end,
            programme.id,
            shop.outlet_id,
            by="issuer",
            reason="Irgendwann",
            at=clock.now() + timedelta(days=days),
        )
    [row] = rows(programme, shop.outlet_id)
    assert row.valid_until is None


def test_a_shop_that_moves_out_of_the_area_stops_in_that_second_and_keeps_its_history(context: Flask) -> None:
    programme = transact(build.programme, [build.COESFELD])
    shop = transact(build.accepting_shop, programme.id)
    given = transact(build.voucher, programme.id)
    assert outcome(shop, given) == "done"
    session.get_one(Outlet, shop.outlet_id).ags = build.DUELMEN
    session.commit()
    with clock.at(database_now()):  # the database itself ended the agreement, by its clock
        assert outcome(shop, given) == "not_accepted_here"
    [row] = rows(programme, shop.outlet_id)
    assert row.ended_by == "area"
    with pytest.raises(errors.Refused) as refused:
        transact(agreements.begin, programme.id, shop.outlet_id)
    assert refused.value.code == "outside_area"


def test_a_suspended_shop_stops_at_once_and_cannot_begin_again(context: Flask) -> None:
    _programme, shop, given = build.scene()
    session.get_one(Outlet, shop.outlet_id).active = False
    session.commit()
    assert outcome(shop, given) == "outlet_suspended"
    other = transact(build.programme)
    with pytest.raises(errors.Refused) as refused:
        transact(agreements.begin, other.id, shop.outlet_id)
    assert refused.value.code == "outlet_suspended"


@pytest.mark.parametrize(("commission", "rates"), [(-1, "19"), (10_001, "19"), (0, "16"), (0, "7;19"), (0, "x" * 300)])
def test_terms_that_make_no_sense_are_refused(context: Flask, commission: int, rates: str) -> None:
    programme, outlet = transact(build.programme), transact(build.outlet)
    with pytest.raises(errors.Invalid):
        transact(agreements.begin, programme.id, outlet.id, commission=commission, vat_rates=rates)
    assert queries.find_agreement(programme.id, outlet.id) is None
