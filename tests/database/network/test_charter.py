"""The network charter: versions by two people, and nothing exceeds the one in force."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DBAPIError, IntegrityError

from foundation import errors
from foundation.clock import at, now
from foundation.database import session, transact
from tests.builders import network as people
from tests.builders import vouchers as build
from vouchers.approvals import deciding
from vouchers.network import charter, documents, programmes, queries
from vouchers.network.models import Charter
from vouchers.stored_value.models import Acceptance, Programme


def scene(towns: list[str] | None = None) -> tuple[Programme, UUID, UUID]:
    """A programme and two clerks of its issuer."""

    def lay() -> tuple[Programme, UUID, UUID]:
        made = build.programme(towns)
        return made, people.clerk(made.issuer_id), people.clerk(made.issuer_id, "Hans")

    return transact(lay)


def test_another_version_is_in_force_once_another_person_approves(context: Flask) -> None:
    programme, gerda, hans = scene()
    wanted = replace(charter.read_limits(programme), max_cents=200_00, month_cents=5_000_00)
    proposal = transact(charter.propose, programme.id, wanted, person_id=gerda, reason="Weniger je Gutschein")
    assert [c.version for c in queries.list_charters(programme.id)] == [1]
    with pytest.raises(errors.NotAllowed):
        transact(deciding.approve, proposal, gerda)
    assert [c.version for c in queries.list_charters(programme.id)] == [1]
    with at(now() + timedelta(seconds=1)):
        transact(deciding.approve, proposal, hans)
    newest, first = queries.list_charters(programme.id)
    assert (newest.version, newest.proposed_by, newest.approved_by) == (2, gerda, hans)
    assert (newest.max_cents, newest.month_cents, newest.reason) == (200_00, 5_000_00, "Weniger je Gutschein")
    assert newest.valid_from > first.valid_from
    session.refresh(programme)
    assert charter.read_limits(programme) == wanted


def test_a_second_proposal_waits_for_the_first_and_the_same_again_is_none(context: Flask) -> None:
    programme, gerda, _hans = scene()
    wanted = replace(charter.read_limits(programme), max_outlets=40)
    transact(charter.propose, programme.id, wanted, person_id=gerda, reason="Weniger Geschäfte")
    for limits, code in (
        (replace(wanted, max_outlets=41), "charter_waiting"),
        (charter.read_limits(programme), "charter_unchanged"),
    ):
        with pytest.raises(errors.Refused) as refused:
            transact(charter.propose, programme.id, limits, person_id=gerda, reason="Noch einmal")
        assert refused.value.code == code


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"max_outlets": 1}, "max_outlets"),
        ({"max_outlets": 10_001}, "max_outlets"),
        ({"max_cents": 250_01}, "max_cents"),
        ({"month_cents": 1}, "month_cents"),
        ({"payer_cents": 1_000_01}, "payer_cents"),
        ({"towns": ("00000000",)}, "towns"),
    ],
)
def test_limits_beyond_law_and_sense_are_refused(context: Flask, changes: dict[str, object], field: str) -> None:
    programme, gerda, _hans = scene()
    wanted = replace(charter.read_limits(programme), **changes)  # type: ignore[arg-type]
    with pytest.raises(errors.Invalid) as refused:
        transact(charter.propose, programme.id, wanted, person_id=gerda, reason="Zu weit")
    assert refused.value.details["field"] == field


def test_fewer_shops_than_accept_already_are_refused_also_at_the_approval(context: Flask) -> None:
    programme, gerda, hans = scene()
    wanted = replace(charter.read_limits(programme), max_outlets=2)
    proposal = transact(charter.propose, programme.id, wanted, person_id=gerda, reason="Nur die zwei")
    transact(build.accepting_shop, programme.id)
    with pytest.raises(errors.Refused) as refused:
        transact(deciding.approve, proposal, hans)
    assert refused.value.code == "charter_below_present"
    assert [c.version for c in queries.list_charters(programme.id)] == [1]


def test_a_smaller_area_ends_what_lies_outside_at_once(context: Flask) -> None:
    programme, gerda, hans = scene([build.COESFELD, build.DUELMEN])
    far = transact(build.accepting_shop, programme.id, build.DUELMEN)
    wanted = replace(charter.read_limits(programme), towns=(build.COESFELD,))
    transact(
        deciding.approve, transact(charter.propose, programme.id, wanted, person_id=gerda, reason="Nur Coesfeld"), hans
    )
    assert queries.find_agreement(programme.id, far.outlet_id) is None
    row = session.scalars(sa.select(Acceptance).where(Acceptance.outlet_id == far.outlet_id)).one()
    assert (row.ended_by, row.ended_reason) == ("area", "Das Gebiet ist kleiner geworden.")
    assert len(queries.list_network_shops(programme.id)) == 2
    assert [town.ags for town in session.get_one(Programme, programme.id, populate_existing=True).towns] == [
        build.COESFELD
    ]


@pytest.mark.parametrize("column", ["max_outlets", "max_cents", "month_cents", "payer_cents"])
def test_the_database_refuses_a_programme_that_is_not_as_its_charter_says(context: Flask, column: str) -> None:
    programme, _gerda, _hans = scene()
    setattr(programme, column, getattr(programme, column) - 1)
    with pytest.raises((IntegrityError, DBAPIError)) as refused:
        session.commit()
    session.rollback()
    assert "not as its charter says" in str(refused.value)


def test_the_database_refuses_a_town_that_the_charter_does_not_name(context: Flask) -> None:
    programme, _gerda, _hans = scene([build.COESFELD])
    session.execute(
        sa.text("INSERT INTO programme_town (programme_id, ags) VALUES (:p, :a)"),
        {"p": programme.id, "a": build.DUELMEN},
    )
    with pytest.raises(IntegrityError) as refused:
        session.commit()
    session.rollback()
    assert "not as its charter says" in str(refused.value)


def test_the_database_refuses_a_shop_too_many_whoever_writes_the_row(context: Flask) -> None:
    programme = transact(build.programme, max_outlets=2)
    outlet = transact(build.outlet)
    with pytest.raises(errors.Refused) as refused:
        transact(programmes.accept, programme.id, outlet.id)
    assert refused.value.code == "charter_full"
    session.add(Acceptance(programme_id=programme.id, outlet_id=outlet.id))
    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()
    assert len(queries.list_network_shops(programme.id)) == 2


def test_a_version_is_never_changed_and_never_by_one_person(context: Flask) -> None:
    programme, gerda, _hans = scene()
    with pytest.raises(IntegrityError):
        charter.enact(
            programme.id, charter.read_limits(programme), proposed_by=gerda, approved_by=gerda, reason="Allein"
        )
    session.rollback()
    with pytest.raises(DBAPIError):
        session.execute(sa.update(Charter).where(Charter.programme_id == programme.id).values(max_cents=1))
    session.rollback()


def test_the_annex_tells_limits_and_who_stands_for_them(context: Flask) -> None:
    programme, _gerda, _hans = scene([build.COESFELD])
    told = documents.collect_charter_data(programme)
    assert told["programme"] == programme.name
    assert told["versions"][0]["towns"] == ["Coesfeld"]
    assert (told["versions"][0]["max_cents"], told["versions"][0]["month_cents"]) == (250_00, 250_000_00)
    assert {told["versions"][0]["proposed_by"], told["versions"][0]["approved_by"]} == {"Gerda", "Hans"}
    assert len(told["shops"]) == 2
    assert told["shops"][0]["since"] <= (now() + timedelta(days=1)).date().isoformat()
    assert documents.draw_charter(programme).startswith(b"%PDF-")
