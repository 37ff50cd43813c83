"""Paths of value that was not bought, or ends otherwise than by being spent."""

from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import sqlalchemy as sa

from foundation import clock
from foundation.database import session, transact, uuid7
from tests.builders import approvals as by_two
from tests.builders import vouchers as build
from tests.builders.ledger import JournalDocument, JournalLine, write
from tests.database.accounts import ground
from tests.database.accounts.stage import Stage, money_path
from vouchers.adjustments import goodwill
from vouchers.approvals import deciding
from vouchers.lapsing import queries as lapsing
from vouchers.lapsing import running, undoing
from vouchers.lapsing.models import LapseItem, LapseRun
from vouchers.moving import export_issuer, restore_issuer
from vouchers.stored_value import issuing, queries
from vouchers.stored_value.issuing import Funding

GROUP = "Given, lapsed, corrected, moved"
BOUGHT = datetime(2020, 3, 5, 12, tzinfo=clock.BERLIN)


def paid_in(ledger_id: UUID, account: str, party: UUID, cents: int) -> None:
    """A budget that was paid in before the path begins."""
    transact(
        write,
        JournalDocument(uuid7(), party, ledger_id, "test.budget"),
        [JournalLine("TB", account, cents, credit_party=party)],
    )


def load(bought: ground.Holder, cents: int, kind: str, funding: Funding) -> None:
    """One more lot on a voucher."""
    ends = clock.today() + timedelta(days=400)
    terms = issuing.LotTerms(kind=kind, origin_id=funding.party, ends_on=ends)
    transact(
        issuing.load,
        bought.voucher_id,
        cents,
        terms=terms,
        funding=funding,
        actor_id=funding.party,
        key=str(uuid4()),
    )


def lot_of(voucher_id: UUID, kind: str) -> UUID:
    """The voucher's lot of a kind."""
    found: UUID = next(lot.id for lot in queries.list_lots(voucher_id) if lot.kind == kind)
    session.commit()
    return found


@money_path(
    "bonus",
    GROUP,
    "A campaign adds a bonus, and takes back what was too much",
    "The sponsor's budget (CB) becomes what the holder may spend as bonus (VB). It is never more than was paid in.",
)
def give_bonus(stage: Stage) -> None:
    bought, campaign = ground.holder(), uuid7()
    paid_in(bought.programme.issuer_id, "CB", campaign, 50_00)
    with stage.step("10.00 of the budget are loaded onto the voucher."):
        load(bought, 10_00, "bonus", Funding("CB", campaign))
    people = by_two.two(bought.programme.issuer_id)
    wish = goodwill.AdjustmentRequest(bought.voucher_id, 4_00, "Bonus doppelt gutgeschrieben")
    proposal = transact(goodwill.propose_reduction, wish, lot_of(bought.voucher_id, "bonus"), people.first)
    with stage.step("4.00 should never have been there: two people take them off, back to the budget."):
        transact(deciding.approve, proposal, people.second)
    with stage.step("25.00 are spent; the bonus ends first and goes first."):
        ground.redeem(bought.shop, bought.token, 25_00)


@money_path(
    "employers-value",
    GROUP,
    "An employer's money is loaded",
    "What an employer has paid in advance (EP) becomes what the employee may spend (VE).",
)
def load_of_employer(stage: Stage) -> None:
    bought, employer = ground.holder(), uuid7()
    paid_in(bought.programme.issuer_id, "EP", employer, 500_00)
    with stage.step("The month's 50.00 are loaded."):
        load(bought, 50_00, "employer", Funding("EP", employer))
    with stage.step("60.00 are spent: the employer's value first."):
        ground.redeem(bought.shop, bought.token, 60_00)


@money_path(
    "goodwill",
    GROUP,
    "Goodwill at the issuer's own cost",
    "Two people give value that nobody paid for: advertising expense, out of own funds that lie in the pool.",
)
def give_goodwill(stage: Stage) -> None:
    bought = ground.holder()
    people = by_two.two(bought.programme.issuer_id)
    wish = goodwill.AdjustmentRequest(bought.voucher_id, 20_00, "Ware war verdorben, Laden ist geschlossen")
    proposal = transact(goodwill.propose, wish, people.first)
    with stage.step("A second person approves 20.00."):
        transact(deciding.approve, proposal, people.second)


@money_path(
    "lapse-and-undo",
    GROUP,
    "Value lapses after its legal end, and is given back out of goodwill",
    "Paid value lapses three years after the end of its year at the earliest (§§ 195, 199 BGB), by a run that two"
    " people approve; it becomes income. Who asks nicely may get it back, by two people again.",
)
def lapse_and_undo(stage: Stage) -> None:
    made = ground.programme()
    with clock.at(BOUGHT):
        given = build.voucher(made.id, 50_00)
        session.commit()
    people = by_two.two(made.issuer_id)
    cutoff, why = date(2023, 12, 31), "Verjährt, §§ 195, 199 BGB"
    run = transact(running.propose, made.id, "paid", cutoff, reason=why, person_id=people.first)
    transact(deciding.approve, lapsing.load_proposal(session.get_one(LapseRun, run)).id, people.second)
    with stage.step("The run is carried out lot by lot."):
        running.carry_out(str(run))
    lot = session.scalars(sa.select(LapseItem.lot_id).where(LapseItem.voucher_id == given.voucher_id)).one()
    values = {"reason": "Brief der Enkelin", "person_id": people.first}
    undo = transact(undoing.propose, run, given.voucher_id, lot, **values)
    with stage.step("The granddaughter writes a letter: two people give the 50.00 back."):
        transact(deciding.approve, undo, people.second)


@money_path(
    "moving-in",
    GROUP,
    "An issuer moves in from another house",
    "Vouchers come with their operations and the entries that belong to them. What else its books held comes as sums of"
    " each account and day (`moved_sum`).",
)
def move_in(stage: Stage) -> None:
    bought = ground.holder()
    ground.redeem(bought.shop, bought.token, 30_00)
    archive = stage.folder / "house.zip"
    export_issuer.export(bought.programme.issuer_id, archive, lambda _table, _rows: None)
    session.remove()
    with stage.other_house(), stage.step("The archive is taken over into an empty house.", in_new_house=True):
        restore_issuer.restore(archive, lambda _table, _rows: None)
