"""Lapse: proposed, approved by a second person, carried out lot by lot, once; and given back out of goodwill."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DBAPIError

from foundation import clock
from foundation.database import session, transact, uuid7
from foundation.errors import Invalid, NotAllowed, NotFound, Refused
from tests.builders import approvals as by_two
from tests.builders import vouchers as build
from tests.builders.booking import balance, findings
from tests.builders.ledger import JournalDocument, JournalLine, add_float, write
from tests.builders.threads import at_once
from vouchers.approvals import deciding
from vouchers.lapsing import queries as lapsing
from vouchers.lapsing import running, undoing
from vouchers.lapsing.models import LapseItem, LapseRun
from vouchers.stored_value import access, queries
from vouchers.stored_value.issuing import Issued
from vouchers.stored_value.models import Programme
from vouchers.tills import holds, redeeming, returns
from vouchers.tills.redeeming import RedemptionOrder

BOUGHT = datetime(2020, 3, 5, 12, tzinfo=clock.BERLIN)
CUTOFF = date(2023, 12, 31)


@pytest.fixture(autouse=True)
def proven(context: Flask) -> Iterator[None]:
    """The books are right after every test."""
    yield
    session.rollback()
    assert findings() == []


def old(programme: Programme, cents: int = 50_00, **values: object) -> Issued:
    """A voucher sold in March 2020, whose value ended with the year 2023."""
    with clock.at(BOUGHT):
        return build.voucher(programme.id, cents, **values)


def old_shop(programme: Programme) -> build.Shop:
    """A shop that has accepted the programme all the time."""
    with clock.at(BOUGHT):
        shop = build.accepting_shop(programme.id)
    session.commit()
    return shop


def ground(*amounts: int) -> tuple[Programme, list[Issued], by_two.Two]:
    programme = build.programme()
    vouchers = [old(programme, cents) for cents in amounts]
    return programme, vouchers, by_two.two(programme.issuer_id)


def proposed(programme: Programme, people: by_two.Two, kind: str = "paid", cutoff: date = CUTOFF) -> UUID:
    return transact(
        running.propose, programme.id, kind, cutoff, reason="Verjährt, §§ 195, 199 BGB", person_id=people.first
    )


def approve(run_id: UUID, people: by_two.Two) -> None:
    transact(deciding.approve, lapsing.load_proposal(session.get_one(LapseRun, run_id)).id, people.second)


def lapsed(programme: Programme, people: by_two.Two, kind: str = "paid", cutoff: date = CUTOFF) -> UUID:
    """A run that was approved and carried out."""
    run_id = proposed(programme, people, kind, cutoff)
    approve(run_id, people)
    running.carry_out(str(run_id))
    return run_id


def booked(voucher_id: UUID, kind: str = "voucher.lapse") -> list[tuple[object, ...]]:
    rows = session.execute(
        sa.text(
            "SELECT debit_account, credit_account, credit_party, cents FROM entry WHERE aggregate_id = :v AND kind = :k"
            " ORDER BY recorded_at, line_no"
        ),
        {"v": voucher_id, "k": kind},
    )
    return [tuple(row) for row in rows]


def items(run_id: UUID) -> dict[UUID, tuple[str, int, str]]:
    session.expire_all()
    found = session.scalars(sa.select(LapseItem).where(LapseItem.run_id == run_id))
    return {item.voucher_id: (item.outcome, item.lapsed_cents, item.reason) for item in found}


def test_paid_value_becomes_income_after_its_legal_end_and_without_a_tax_line(context: Flask) -> None:
    programme, (first, second), people = ground(50_00, 30_00)
    run_id = lapsed(programme, people)
    assert booked(first.voucher_id) == [("VL", "BE", None, 50_00)]
    assert booked(second.voucher_id) == [("VL", "BE", None, 30_00)]
    assert (queries.calculate_available(first.voucher_id), balance("VL", first.voucher_id)) == (0, 0)
    seen = lapsing.load_progress(run_id)
    assert (seen.number, seen.done, seen.cents, seen.lapsed, seen.skipped) == (2, 2, 80_00, 80_00, 0)
    assert lapsing.sum_by_year(run_id) == [(2020, 2, 80_00)]
    assert lapsing.load_proposal(session.get_one(LapseRun, run_id)).state == "done"


@pytest.mark.parametrize(
    ("instant", "code"),
    [
        (datetime(2023, 12, 31, 23, 59, 59, tzinfo=clock.BERLIN), "cutoff_not_passed"),
        (datetime(2024, 1, 1, 0, 0, 0, tzinfo=clock.BERLIN), None),
    ],
)
def test_nothing_lapses_before_midnight_of_the_31_december_in_berlin(
    context: Flask, instant: datetime, code: str | None
) -> None:
    programme, (voucher,), people = ground(50_00)
    with clock.at(instant):
        if code:
            with pytest.raises(Invalid) as refused:
                proposed(programme, people)
            assert refused.value.code == code
        else:
            lapsed(programme, people)
    assert booked(voucher.voucher_id) == ([] if code else [("VL", "BE", None, 50_00)])


def test_value_whose_end_has_not_come_is_not_on_the_list(context: Flask) -> None:
    programme, (voucher,), people = ground(50_00)
    with clock.at(BOUGHT + timedelta(days=366)):
        young = build.voucher(programme.id, 40_00)
    session.commit()
    run_id = lapsed(programme, people)
    assert list(items(run_id)) == [voucher.voucher_id]
    assert balance("VL", young.voucher_id) == 40_00


@pytest.mark.parametrize("kind", ["bonus", "goodwill", "employer"])
def test_every_kind_goes_where_it_belongs(context: Flask, kind: str) -> None:
    programme, (voucher,), people = ground(50_00)
    origin = uuid7()
    with clock.at(BOUGHT):
        build.load(programme.id, voucher.voucher_id, 10_00, kind=kind, origin_id=origin, days=30)
    lapsed(programme, people, kind, date(2020, 12, 31))
    account, credit, party = {
        "bonus": ("VB", "CB", origin),
        "goodwill": ("VL", "WK", None),
        "employer": ("VE", "BE", None),
    }[kind]
    assert booked(voucher.voucher_id) == [(account, credit, party, 10_00)]
    assert balance("VL", voucher.voucher_id) == 50_00


def test_one_person_alone_lets_nothing_lapse(context: Flask) -> None:
    programme, (voucher,), people = ground(50_00)
    run_id = proposed(programme, people)
    running.carry_out(str(run_id))
    with pytest.raises(NotAllowed):
        transact(deciding.approve, lapsing.load_proposal(session.get_one(LapseRun, run_id)).id, people.first)
    running.carry_out(str(run_id))
    assert (booked(voucher.voucher_id), items(run_id)[voucher.voucher_id][0]) == ([], "open")


def test_a_run_that_was_declined_does_nothing_and_makes_room_for_another(context: Flask) -> None:
    programme, (voucher,), people = ground(50_00)
    run_id = proposed(programme, people)
    with pytest.raises(Refused) as refused:
        proposed(programme, people)
    assert refused.value.code == "run_open"
    proposal = lapsing.load_proposal(session.get_one(LapseRun, run_id))
    transact(deciding.decline, proposal.id, people.second, "erst nach Weihnachten")
    running.carry_out(str(run_id))
    assert booked(voucher.voucher_id) == []
    lapsed(programme, people)
    assert booked(voucher.voucher_id) == [("VL", "BE", None, 50_00)]


def test_what_was_captured_or_is_held_meanwhile_is_left_out_and_reported(context: Flask) -> None:
    programme, (gone, held, whole), people = ground(50_00, 50_00, 50_00)
    shop = old_shop(programme)
    with clock.at(datetime(2023, 12, 31, 12, tzinfo=clock.BERLIN)):
        taken = holds.hold(shop.token, held.token, cents=20_00, key=str(uuid4()), expires_in_seconds=1800)
    run_id = proposed(programme, people)
    late = datetime(2023, 12, 31, 13, tzinfo=clock.BERLIN)
    with clock.at(late):
        redeeming.redeem(shop.token, RedemptionOrder(gone.token, 50_00, str(uuid4())))
    approve(run_id, people)
    running.carry_out(str(run_id))
    assert taken.body
    assert items(run_id) == {
        gone.voucher_id: ("skipped", 0, "voucher_nothing_left"),
        held.voucher_id: ("lapsed", 30_00, ""),
        whole.voucher_id: ("lapsed", 50_00, ""),
    }
    seen = lapsing.load_progress(run_id)
    assert (seen.cents, seen.lapsed, seen.skipped_cents, seen.skipped) == (130_00, 80_00, 50_00, 1)


def test_goods_that_came_back_after_the_list_do_not_lapse_unapproved(context: Flask) -> None:
    programme, (voucher,), people = ground(50_00)
    shop = old_shop(programme)
    with clock.at(BOUGHT + timedelta(days=1)):
        bought = redeeming.redeem(shop.token, RedemptionOrder(voucher.token, 20_00, str(uuid4())))
    run_id = proposed(programme, people)
    returns.refund(shop.token, UUID(bought.body["redemption_id"]), cents=5_00, key=str(uuid4()), reason="Ware zurück")
    approve(run_id, people)
    running.carry_out(str(run_id))
    assert items(run_id) == {voucher.voucher_id: ("skipped", 0, "more_than_approved")}
    assert (booked(voucher.voucher_id), balance("VL", voucher.voucher_id)) == ([], 35_00)


def test_blocked_vouchers_are_left_alone(context: Flask) -> None:
    programme, (blocked, free), people = ground(50_00, 30_00)
    transact(access.block, blocked.voucher_id, actor_id=uuid7(), key=str(uuid4()), reason="Streit")
    run_id = lapsed(programme, people)
    assert list(items(run_id)) == [free.voucher_id]


def test_a_job_that_runs_twice_at_once_lets_each_lot_lapse_once(app: Flask, context: Flask) -> None:
    programme, vouchers, people = ground(*([20_00] * 12))
    run_id = proposed(programme, people)
    approve(run_id, people)
    session.remove()
    assert at_once(app, lambda _n: running.carry_out(str(run_id)), range(4)) == [None] * 4
    assert [booked(v.voucher_id) for v in vouchers] == [[("VL", "BE", None, 20_00)]] * 12
    assert lapsing.load_progress(run_id).lapsed == 240_00


def test_a_job_that_was_killed_goes_on_where_it_stopped(context: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    programme, vouchers, people = ground(*([20_00] * 5))
    run_id = proposed(programme, people)
    approve(run_id, people)
    monkeypatch.setattr(running, "BATCH_SIZE", 2)
    assert transact(running._lapse_batch, run_id) == 2
    assert lapsing.load_progress(run_id).done == 2
    assert run_id in lapsing.list_approved_runs()
    running.carry_out(str(run_id))
    assert lapsing.load_progress(run_id).lapsed == 100_00
    assert run_id not in lapsing.list_approved_runs()
    assert [booked(v.voucher_id) for v in vouchers] == [[("VL", "BE", None, 20_00)]] * 5


def test_the_list_cannot_be_changed_between_proposal_and_approval(context: Flask) -> None:
    programme, (voucher,), people = ground(50_00)
    run_id = proposed(programme, people)
    for statement in (
        "UPDATE lapse_item SET cents = 1",
        "DELETE FROM lapse_item",
        "UPDATE lapse_run SET kind = 'bonus'",
    ):
        with pytest.raises(DBAPIError):
            session.execute(sa.text(statement))
        session.rollback()
    other = old(programme, 90_00)
    lot = queries.list_lots(other.voucher_id)[0]
    session.add(
        LapseItem(
            run_id=run_id,
            voucher_id=other.voucher_id,
            lot_id=lot.id,
            cents=90_00,
            issued_on=lot.issued_on,
            legal_end=lot.legal_end,
        )
    )
    session.commit()
    with pytest.raises(Refused) as refused:
        approve(run_id, people)
    assert refused.value.code == "run_changed"
    assert booked(voucher.voucher_id) == []


def test_a_run_of_nothing_is_refused(context: Flask) -> None:
    programme, _vouchers, people = ground()
    with pytest.raises(Refused) as refused:
        proposed(programme, people)
    assert refused.value.code == "nothing_to_lapse"
    assert session.scalar(sa.select(sa.func.count()).where(LapseRun.programme_id == programme.id)) == 0


def test_the_document_names_every_lot(context: Flask) -> None:
    programme, vouchers, people = ground(50_00, 30_00)
    run_id = lapsed(programme, people)
    assert {item.voucher_id for item in lapsing.stream_items(run_id)} == {v.voucher_id for v in vouchers}


def undo(run_id: UUID, voucher: Issued, people: by_two.Two) -> UUID:
    lot = session.scalars(sa.select(LapseItem.lot_id).where(LapseItem.voucher_id == voucher.voucher_id)).one()
    return transact(
        undoing.propose, run_id, voucher.voucher_id, lot, reason="Brief der Enkelin", person_id=people.first
    )


def test_goodwill_gives_back_what_lapsed_once_and_by_two(context: Flask) -> None:
    programme, (voucher, _other), people = ground(50_00, 30_00)
    run_id = lapsed(programme, people)
    made = undo(run_id, voucher, people)
    with pytest.raises(Refused) as twice:
        undo(run_id, voucher, people)
    assert twice.value.code == "undo_waiting"
    with pytest.raises(NotAllowed):
        transact(deciding.approve, made, people.first)
    transact(deciding.approve, made, people.second)
    rows = session.execute(
        sa.text(
            "SELECT debit_account, credit_account, cents FROM entry WHERE aggregate_id = :v AND kind = 'voucher.load'"
        ),
        {"v": voucher.voucher_id},
    ).all()
    assert [tuple(row) for row in rows] == [("BE", "VL", 50_00)]
    assert queries.calculate_available(voucher.voucher_id) == 50_00
    with pytest.raises(Refused) as again:
        undo(run_id, voucher, people)
    assert again.value.code == "already_undone"


def test_what_did_not_lapse_is_not_given_back(context: Flask) -> None:
    programme, (voucher,), people = ground(50_00)
    run_id = proposed(programme, people)
    with pytest.raises(NotFound):
        undo(run_id, voucher, people)


def test_giving_back_needs_funds_that_are_still_there(context: Flask) -> None:
    programme, (voucher,), people = ground(50_00)
    run_id = lapsed(programme, people)
    made = undo(run_id, voucher, people)
    # The income was swept to the operating account meanwhile.
    journal = uuid7()
    document = JournalDocument(journal, journal, programme.issuer_id, "test.sweep")
    write(document, [JournalLine("OB", "TB", 50_00)])
    session.commit()
    with pytest.raises(Refused) as refused:
        transact(deciding.approve, made, people.second)
    assert refused.value.code == "not_covered"
    add_float(programme.issuer_id, 50_00)
    session.commit()
    transact(deciding.approve, made, people.second)
    assert queries.calculate_available(voucher.voucher_id) == 50_00
