"""Goodwill, corrections and vouchers from the office: by two people, against money that is there, once."""

from collections.abc import Iterator
from datetime import date
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from foundation.database import session, transact, uuid7
from foundation.errors import DomainError, Invalid, NotAllowed, Refused
from money.bank import accounts, allocation, receiving
from money.bank.states import AccountPurpose
from people.models import Person
from tests.builders import approvals as by_two
from tests.builders import bank
from tests.builders import cards as build_cards
from tests.builders import vouchers as build
from tests.builders.booking import balance, findings
from tests.builders.ledger import add_float
from tests.builders.orders import mails_to
from tests.builders.threads import at_once
from vouchers.adjustments import goodwill, manual_issue
from vouchers.approvals import deciding
from vouchers.approvals.models import Proposal
from vouchers.stored_value import access, queries
from vouchers.stored_value.issuing import Issued
from vouchers.stored_value.models import Lot, Programme, Voucher


@pytest.fixture(autouse=True)
def proven(context: Flask) -> Iterator[None]:
    """The books are right after every test."""
    yield
    session.rollback()
    assert findings() == []


def ground(cents: int = 50_00, own: int = 100_00) -> tuple[Programme, Issued, by_two.Two]:
    """A voucher of an issuer with own funds in the pool, and two clerks."""
    programme = build.programme()
    voucher = build.voucher(programme.id, cents)
    if own:
        add_float(programme.issuer_id, own)
    return programme, voucher, by_two.two(programme.issuer_id)


def wish(voucher: Issued, cents: int = 20_00) -> goodwill.AdjustmentRequest:
    return goodwill.AdjustmentRequest(voucher.voucher_id, cents, "Ware war verdorben, Laden ist geschlossen")


def lots(voucher_id: UUID) -> list[tuple[str, int]]:
    return [(lot.kind, lot.balance) for lot in queries.list_lots(voucher_id)]


def paid_lot(voucher: Issued) -> UUID:
    return next(lot.id for lot in queries.list_lots(voucher.voucher_id) if lot.kind == "paid")


def test_goodwill_is_a_lot_of_its_own_at_the_issuers_cost(context: Flask) -> None:
    _programme, voucher, people = ground()
    made = transact(goodwill.propose, wish(voucher), people.first)
    assert lots(voucher.voucher_id) == [("paid", 50_00)]
    transact(deciding.approve, made, people.second)
    assert sorted(lots(voucher.voucher_id)) == [("goodwill", 20_00), ("paid", 50_00)]
    lines = session.execute(
        sa.text(
            "SELECT debit_account, credit_account, cents FROM entry WHERE aggregate_id = :v AND kind = 'voucher.load'"
        ),
        {"v": voucher.voucher_id},
    ).all()
    assert [tuple(line) for line in lines] == [("WK", "VL", 20_00)]
    assert balance("VL", voucher.voucher_id) == 70_00


def test_one_person_alone_adds_nothing(context: Flask) -> None:
    _programme, voucher, people = ground()
    made = transact(goodwill.propose, wish(voucher), people.first)
    with pytest.raises(NotAllowed):
        transact(deciding.approve, made, people.first)
    assert lots(voucher.voucher_id) == [("paid", 50_00)]


def test_goodwill_without_own_funds_is_refused_and_stays_open(context: Flask) -> None:
    _programme, voucher, people = ground(own=19_99)
    made = transact(goodwill.propose, wish(voucher), people.first)
    with pytest.raises(Refused) as refused:
        transact(deciding.approve, made, people.second)
    assert refused.value.code == "not_covered"
    assert lots(voucher.voucher_id) == [("paid", 50_00)]
    assert session.get_one(Proposal, made).state == "proposed"


def test_approvals_at_the_same_moment_do_not_spend_own_funds_twice(app: Flask, context: Flask) -> None:
    _programme, voucher, people = ground(own=50_00)
    made = [transact(goodwill.propose, wish(voucher, 20_00), people.first) for _n in range(6)]
    session.remove()
    answers = at_once(app, lambda proposal: transact(deciding.approve, proposal, people.second), made)
    assert sum(answer is None for answer in answers) == 2
    assert {getattr(a, "code", repr(a)) for a in answers if a is not None} == {"not_covered"}
    assert sorted(lots(voucher.voucher_id)) == [("goodwill", 20_00), ("goodwill", 20_00), ("paid", 50_00)]


def test_own_funds_that_stand_for_a_counters_line_are_given_to_nobody(context: Flask) -> None:
    counter = build_cards.scene(line=100_00)
    voucher = build.voucher(counter.programme.id, 50_00)
    people = by_two.two(counter.programme.issuer_id)
    made = transact(goodwill.propose, wish(voucher), people.first)
    with pytest.raises(Refused) as refused:
        transact(deciding.approve, made, people.second)
    assert refused.value.code == "not_covered"
    build_cards.sell(counter, counter.cards[0], 100_00)
    session.commit()
    assert lots(voucher.voucher_id) == [("paid", 50_00)]


def test_goodwill_goes_to_no_voucher_that_takes_no_load(context: Flask) -> None:
    _programme, voucher, people = ground()
    made = transact(goodwill.propose, wish(voucher), people.first)
    transact(access.block, voucher.voucher_id, actor_id=uuid7(), key=str(uuid4()), reason="verloren")
    with pytest.raises(Refused):
        transact(goodwill.propose, wish(voucher), people.first)
    with pytest.raises(Refused):
        transact(deciding.approve, made, people.second)
    assert lots(voucher.voucher_id) == [("paid", 50_00)]


@pytest.mark.parametrize("cents", [0, -5, 250_01])
def test_goodwill_knows_the_limits_of_the_programme(context: Flask, cents: int) -> None:
    _programme, voucher, people = ground()
    with pytest.raises(Invalid):
        transact(goodwill.propose, wish(voucher, cents), people.first)


def test_a_form_sent_twice_proposes_once(context: Flask) -> None:
    _programme, voucher, people = ground()
    key = str(uuid4())
    first, second = (
        transact(goodwill.propose, goodwill.AdjustmentRequest(voucher.voucher_id, 5_00, "Kulanz", key), people.first)
        for _n in range(2)
    )
    assert first == second


def test_what_should_never_have_been_there_is_taken_off_where_it_came_from(context: Flask) -> None:
    programme, voucher, people = ground()
    campaign = uuid7()
    build.load(programme.id, voucher.voucher_id, 10_00, kind="bonus", origin_id=campaign, days=30)
    bonus = next(lot.id for lot in queries.list_lots(voucher.voucher_id) if lot.kind == "bonus")
    for lot, cents in ((paid_lot(voucher), 40_00), (bonus, 4_00)):
        made = transact(goodwill.propose_reduction, wish(voucher, cents), lot, people.first)
        transact(deciding.approve, made, people.second)
    assert sorted(lots(voucher.voucher_id)) == [("bonus", 6_00), ("paid", 10_00)]
    lines = session.execute(
        sa.text(
            "SELECT debit_account, credit_account, credit_party, cents FROM entry WHERE aggregate_id = :v"
            " AND kind = 'voucher.adjust' ORDER BY recorded_at"
        ),
        {"v": voucher.voucher_id},
    ).all()
    assert [tuple(line) for line in lines] == [("VL", "TB", None, 40_00), ("VB", "CB", campaign, 4_00)]


def test_no_more_is_taken_off_than_is_free(context: Flask) -> None:
    _programme, voucher, people = ground()
    with pytest.raises(Invalid):
        transact(goodwill.propose_reduction, wish(voucher, 50_01), paid_lot(voucher), people.first)
    made = [
        transact(goodwill.propose_reduction, wish(voucher, 30_00), paid_lot(voucher), people.first) for _n in range(2)
    ]
    transact(deciding.approve, made[0], people.second)
    with pytest.raises(Refused):
        transact(deciding.approve, made[1], people.second)
    assert lots(voucher.voucher_id) == [("paid", 20_00)]


def test_what_an_employer_loaded_is_not_pulled_back(context: Flask) -> None:
    programme, voucher, people = ground()
    build.load(programme.id, voucher.voucher_id, 10_00, kind="employer", origin_id=uuid7(), days=400)
    lot = next(lot.id for lot in queries.list_lots(voucher.voucher_id) if lot.kind == "employer")
    with pytest.raises(Refused) as refused:
        transact(goodwill.propose_reduction, wish(voucher, 5_00), lot, people.first)
    assert refused.value.code == "not_reducible"


def handed(programme: Programme, receipt_id: UUID, email: str, cents: int = 50_00) -> manual_issue.ManualIssueRequest:
    return manual_issue.ManualIssueRequest(programme.id, cents, email, receipt_id, "Preis der Tombola, bar bezahlt")


def both(request: manual_issue.ManualIssueRequest, people: by_two.Two) -> None:
    """One proposes it, the other approves."""
    transact(deciding.approve, transact(manual_issue.propose, request, people.first), people.second)


def test_a_voucher_from_the_office_is_issued_and_mailed_when_the_second_person_wants_it(context: Flask) -> None:
    programme, _voucher, people = ground()
    email, receipt = f"{uuid4().hex}@example.org", bank.income(programme.issuer_id, 60_00)
    made = transact(manual_issue.propose, handed(programme, receipt, email), people.first)
    assert mails_to(email) == []
    transact(deciding.approve, made, people.second)
    ((template, _text),) = mails_to(email)
    assert template == "vouchers/from_office"
    lot = session.scalars(sa.select(Lot).where(Lot.origin_id == made)).one()
    assert (lot.kind, lot.balance, lot.legal_end) == ("paid", 50_00, date(lot.issued_on.year + 3, 12, 31))
    assert (balance("VL", lot.voucher_id), balance("KZ", made), balance("KZ", receipt)) == (50_00, 0, 10_00)
    assert email not in str(session.get_one(Proposal, made).details)


def test_money_that_arrived_pays_for_vouchers_once(app: Flask, context: Flask) -> None:
    """To the cent: what waits for a second person counts, what is approved is gone, for pages and commands alike."""
    programme, _voucher, people = ground()
    email, receipt = f"{uuid4().hex}@example.org", bank.income(programme.issuer_id, 99_99)
    made = transact(manual_issue.propose, handed(programme, receipt, email), people.first)
    for _n in range(2):
        with pytest.raises(Refused) as refused:
            transact(manual_issue.propose, handed(programme, receipt, email), people.first)
        assert refused.value.code == "receipt_has_less"
        session.rollback()
        if session.get_one(Proposal, made).is_proposed:
            transact(deciding.approve, made, people.second)
    clerks = [session.get_one(Person, who).email for who in (people.first, people.second)]
    arguments = ["vouchers", "issue", "--programme", programme.slug, "--cents", "5000", "--receipt", str(receipt)]
    session.remove()
    done = app.test_cli_runner().invoke(args=[*arguments, "--by", clerks[0], "--approved-by", clerks[1]])
    assert (done.exit_code, "49,99" in done.output) == (1, True)
    assert (
        session.scalar(sa.select(sa.func.count()).select_from(Voucher).where(Voucher.programme_id == programme.id)) == 2
    )


def test_at_the_same_moment_a_receipt_pays_no_more_than_it_is(context: Flask) -> None:
    """Control: without `check_free_for_value` and the guard of the table, all of them are issued."""
    programme, _voucher, people = ground()
    receipt = bank.income(programme.issuer_id, 100_00)
    papers = [uuid7() for _n in range(6)]

    def take(paper: UUID) -> bool:
        try:
            transact(
                allocation.allocate_to_value,
                receipt,
                paper,
                30_00,
                ledger_id=programme.issuer_id,
                person_ids=(people.first, people.second),
            )
        except Refused:
            return False
        return True

    assert sum(at_once(context, take, papers)) == 3
    assert balance("KZ", receipt) == 10_00
    assert sum(balance("KZ", paper) for paper in papers) == 90_00


def test_money_that_is_no_buyers_or_that_one_of_the_two_typed_pays_for_nothing(context: Flask) -> None:
    programme, _voucher, people = ground()
    own_account = bank.account_of(programme.issuer_id, "e.V.", AccountPurpose.OPERATING)
    foreign = bank.income(build.programme().issuer_id, 50_00)
    account = accounts.find_open_account(programme.issuer_id)
    trust = account.id if account else bank.account_of(programme.issuer_id)
    typed = transact(receiving.record_receipt, trust, bank.credit(50_00), people.second).receipt_id
    for receipt, code in (
        (bank.received(own_account, bank.line(50_00)), "not_in_trust"),
        (foreign, "receipt_unknown"),
        (typed, "same_person"),
    ):
        with pytest.raises(DomainError) as refused:
            both(handed(programme, receipt, "anna@example.org"), people)
        assert refused.value.code == code
        session.rollback()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"cents": 9_99}, "amount"),
        ({"cents": 250_01}, "amount"),
        ({"email": "kein Postfach"}, "email"),
        ({"receipt_id": uuid7()}, "receipt"),
        ({"reason": ""}, "reason"),
    ],
)
def test_a_wish_of_the_office_that_cannot_be_is_refused_with_its_field(
    context: Flask, change: dict[str, object], field: str
) -> None:
    programme, _voucher, people = ground()
    values = vars(handed(programme, bank.income(programme.issuer_id, 300_00), "anna@example.org")) | change
    with pytest.raises(Invalid) as refused:
        transact(manual_issue.propose, manual_issue.ManualIssueRequest(**values), people.first)
    assert refused.value.details["field"] == field
