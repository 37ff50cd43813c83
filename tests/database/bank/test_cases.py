"""Files of banks that once went wrong, one each in `cases/`, with what is right. None of them is of a real account."""

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa

from foundation.clock import today
from foundation.database import session, transact
from foundation.errors import Invalid, Refused
from money.bank import accounts, allocation, importing, lines, queries, returning
from money.bank.models import BankLine, BankReturn
from money.bank.states import Feed
from money.ledger import balances
from money.payments import refunding
from tests.builders import bank
from tests.builders.booking import balance, findings
from tests.builders.ledger import add_float
from tests.builders.organisations import organisation
from tests.builders.payments import told

CASES = Path(__file__).parent / "cases"
IBAN = "DE89370400440532013000"  # the account of the files


class Desk:
    """Payments that wait on one issuer's account, and the files of its bank."""

    def __init__(self, *cents: int) -> None:
        self.ledger = organisation("issuer").id
        add_float(self.ledger, 100_00)
        session.commit()
        self.account = bank.account_of(self.ledger)
        self.payments = [bank.waits_for(self.ledger, amount) for amount in cents]

    def file(self, name: str) -> bytes:
        """A file for this account and these payments, of the last days."""
        iban = accounts.load_account(self.account).iban
        references = [bank.expected(payment)[1] for payment in self.payments] + [""] * 2
        session.commit()
        days = {"2026-12-01": today() - timedelta(days=2), "2026-12-03": today()}
        text = (CASES / name).read_text(encoding="utf-8").replace(IBAN, iban)
        text = text.replace("3704004 0532013000", f"{iban[4:11]} {iban[12:]}")
        text = text.replace("37040044/0532013000", f"{iban[4:12]}/{iban[12:]}")
        for written, day in days.items():
            text = text.replace(written, day.isoformat())
        text = text.replace("2612011201", f"{days['2026-12-01']:%y%m%d%m%d}").replace(
            "261201", f"{days['2026-12-01']:%y%m%d}"
        )
        text = text.replace("261130", f"{today() - timedelta(days=3):%y%m%d}")
        return text.replace("{REF_A}", references[0]).replace("{REF_B}", references[1]).encode()

    def take(self, name: str) -> importing.StatementReport:
        return importing.import_file(self.file(name))

    def states(self) -> list[str]:
        return [told(payment).state for payment in self.payments]

    def lines(self) -> list[BankLine]:
        """What moved the account, without the balance that it began with."""
        query = sa.select(BankLine).where(BankLine.account_id == self.account, BankLine.moves, BankLine.position > 0)
        found = list(session.scalars(query.order_by(BankLine.id)))
        session.commit()
        return found

    def pool(self) -> int:
        """The trust account in the books, without the builder's float."""
        found = balances.load_balance(self.ledger, "TB") - 100_00
        session.commit()
        return found

    def own_what_was_there(self) -> None:
        """A person says that the balance which the account began with is the issuer's own."""
        (found,) = [o for o in queries.list_open_receipts([self.ledger]) if o.why == "opening"]
        session.commit()
        transact(allocation.reclassify, found.receipt.id, "own", person_id=uuid4(), note="Anfangsbestand")

    def waiting(self) -> list[queries.OpenReceipt]:
        found = [o for o in queries.list_open_receipts([self.ledger]) if o.receipt.remittance != lines.OPENING_WORDS]
        session.commit()
        return found


@pytest.mark.parametrize("name", ["two_equal_sums.xml", "two_equal_sums.sta"])
def test_two_equal_sums_without_a_reference_of_the_bank_are_two_payments(name: str) -> None:
    desk = Desk(50_00, 50_00)
    report = desk.take(name)
    assert (report.paid, desk.states(), len(desk.lines())) == (2, ["secured", "secured"], 2)
    assert desk.pool() == 1100_00
    again = desk.take(name)
    assert (again.new, again.known, len(desk.lines()), desk.pool()) == (0, 2, 2, 1100_00)
    assert findings() == []


def test_one_line_twice_is_two_receipts_and_the_second_is_too_much() -> None:
    desk = Desk(50_00)
    report = desk.take("one_line_twice.xml")
    assert (report.paid, desk.states(), len(desk.lines())) == (1, ["secured"], 2)
    (waits,) = desk.waiting()
    assert (waits.why, waits.rest_cents, waits.payment and waits.payment.id) == ("again", 50_00, desk.payments[0])
    assert findings() == []


def test_lines_without_a_reference_of_the_bank_are_told_apart_by_their_place() -> None:
    desk = Desk(20_00, 20_00)
    assert (desk.take("without_reference.xml").paid, desk.states()) == (2, ["secured", "secured"])
    assert [(line.position, line.bank_reference) for line in desk.lines()] == [(1, ""), (2, "")]


def test_a_balance_that_does_not_add_up_refuses_the_file_with_the_difference() -> None:
    desk = Desk(50_00)
    with pytest.raises(Invalid) as refusal:
        desk.take("wrong_closing_balance.xml")
    assert (refusal.value.code, refusal.value.details["cents"]) == ("balances_differ", 10_00)
    assert (desk.lines(), desk.states(), desk.pool()) == ([], ["open"], 0)


def test_details_above_their_entry_refuse_the_file_with_the_difference() -> None:
    desk = Desk(50_00, 50_00)
    with pytest.raises(Invalid) as refusal:
        desk.take("details_exceed_entry.xml")
    assert (refusal.value.code, refusal.value.details["cents"]) == ("details_differ", 50_00)
    assert (desk.lines(), desk.states()) == ([], ["open", "open"])


@pytest.mark.parametrize(
    "order", [("collective_entry.xml", "collective_details.xml"), ("collective_details.xml", "collective_entry.xml")]
)
def test_details_explain_their_entry_which_is_booked_once_whichever_comes_first(order: tuple[str, str]) -> None:
    desk = Desk(20_00, 25_00)
    for name in order:
        desk.take(name)
    assert (desk.states(), desk.pool(), len(desk.lines())) == (["secured", "secured"], 1045_00, 1)
    assert desk.waiting() == []
    for name in order:
        desk.take(name)
    assert (desk.pool(), desk.waiting()) == (1045_00, [])
    assert findings() == []


def test_an_account_is_found_by_bank_code_and_number() -> None:
    desk = Desk(20_00)
    assert (desk.take("account_by_number.xml").paid, desk.states()) == (1, ["secured"])


def test_a_report_within_the_day_is_a_notice_and_the_days_statement_is_booked() -> None:
    desk = Desk(20_00, 20_00)
    report = desk.take("intraday_report.xml")
    assert (report.notices, report.new, desk.states(), desk.pool()) == (1, 0, ["open", "open"], 0)
    desk.take("without_reference.xml")
    assert (desk.states(), desk.pool()) == (["secured", "secured"], 1040_00)
    assert findings() == []


def test_a_report_within_the_day_is_booked_where_chosen_and_the_days_statement_then_is_not() -> None:
    desk = Desk(20_00, 20_00)
    transact(lines.choose_feed, desk.account, Feed.INTRADAY)
    assert (desk.take("intraday_report.xml").paid, desk.pool()) == (1, 20_00)
    report = desk.take("without_reference.xml")
    assert (report.notices, report.new, desk.states(), desk.pool()) == (2, 0, ["secured", "open"], 20_00)
    with pytest.raises(Refused) as refusal:
        transact(lines.choose_feed, desk.account, Feed.DAILY)
    assert refusal.value.code == "feed_in_use"
    assert findings() == []


def test_an_unknown_encoding_cannot_be_read() -> None:
    with pytest.raises(Invalid) as refusal:
        Desk().take("strange_encoding.xml")
    assert refusal.value.code == "file_unreadable"


def test_fee_and_interest_are_posted_by_rule_and_a_debit_waits_for_people() -> None:
    desk = Desk()
    report = desk.take("debits_fee_interest.xml")
    assert (report.debits, report.new) == (2, 2)  # the opening balance is a receipt, too
    assert [balances.load_balance(desk.ledger, key) for key in ("GK", "ZE")] == [7_90, 41]
    session.commit()
    (open_debit,) = queries.list_open_debits([desk.ledger])
    session.commit()
    assert (open_debit.rest_cents, open_debit.line.remittance) == (500_00, "Auszahlung Laden")
    assert (desk.pool(), balance("KZ", open_debit.line.id)) == (492_51, -500_00)
    assert findings() == ["L-11"]  # money has gone that stands against a sum of which nobody has said whose it is
    desk.own_what_was_there()
    assert findings() == []


def test_a_debit_that_came_back_opens_again_what_it_had_paid() -> None:
    desk = Desk(12_34)
    bank.came(desk.payments[0], 12_34)
    tender = bank.payment(desk.payments[0]).tenders[0].id
    session.commit()
    transact(refunding.refund_tender, tender, 12_34, key=f"r {tender}", reason="withdrawal")
    owed = session.scalars(sa.select(BankReturn).where(BankReturn.payment_id == desk.payments[0])).one()
    session.commit()
    transact(returning.record_return, owed.id, person_id=uuid4(), done_on=today())
    bank.states(desk.account, bank.line(-12_34, owed.remittance))
    assert (balance("KZ", owed.id), queries.list_open_returns([desk.ledger])) == (0, [])
    raw = desk.file("debit_came_back.xml").replace(b">1000.00<", b">0.00<").replace(b">1012.34<", b">12.34<")
    importing.import_file(raw)
    (again,) = queries.list_open_returns([desk.ledger])
    session.commit()
    assert (again.reopens, again.cents, again.payer_iban, desk.waiting()) == (owed.id, 12_34, None, [])
    assert findings() == []


def test_a_debit_that_came_back_and_fits_nothing_waits_for_people() -> None:
    desk = Desk()
    desk.take("debit_came_back.xml")
    (waits,) = desk.waiting()
    assert (waits.rest_cents, waits.why) == (12_34, "came_back")
    assert findings() == []


def test_a_credit_that_the_bank_takes_back_undoes_what_it_had_paid() -> None:
    desk = Desk(30_00)
    report = desk.take("credit_taken_back.xml")
    assert (report.paid, desk.pool(), desk.waiting()) == (1, 1000_00, [])
    assert queries.list_open_debits([desk.ledger]) == []
    claim = balances.load_balance(desk.ledger, "SF", desk.payments[0])
    session.commit()
    assert (claim, balance("KZ", desk.payments[0])) == (30_00, 0)
    assert findings() == []
