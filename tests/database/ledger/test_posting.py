"""Posting: one writer, balanced lines, no document twice, nothing changed afterwards."""

from datetime import date
from uuid import UUID

import psycopg
import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DBAPIError

from foundation.database import call, session, transact, uuid7
from money.bank import receiving
from money.bank.receiving import BankCredit
from money.ledger import journal, plan, queries
from money.ledger.models import AccountRow, Entry
from tests.builders import bank
from tests.builders.ledger import (
    Books,
    JournalDocument,
    JournalLine,
    add_float,
    float_for,
    reverse_lines,
    tampering,
    write,
)
from tests.builders.organisations import organisation
from tests.builders.threads import at_once
from tests.conftest import ROOT

APPEND_ONLY = ("entry", "seal", "day_root", "check_run")
FUNCTIONS_ONLY = (
    "account",
    "entry",
    "outbox",
    "stream_head",
    "seal",
    "balance_rollup",
    "daily_rollup",
    "day_root",
)


def state(code: str, sql: str) -> bool:
    """Whether the statement fails with this SQLSTATE, as the application's role."""
    with pytest.raises(DBAPIError) as refused:
        session.execute(sa.text(sql))
    session.rollback()
    return sqlstate(refused.value) == code


def sqlstate(error: DBAPIError) -> str:
    """The five letters by which PostgreSQL says why."""
    return str(getattr(error.orig, "sqlstate", ""))


def lines_of(ledger_id: UUID) -> list[tuple[str, str, int]]:
    found = session.scalars(sa.select(Entry).where(Entry.ledger_id == ledger_id).order_by(Entry.line_no))
    return [(e.debit_account, e.credit_account, e.cents) for e in found]


def test_a_document_is_written_as_it_was_given(context: Flask) -> None:
    books, voucher, outlet = Books(), uuid7(), uuid7()
    journal = books.book(
        "redemption",
        voucher,
        JournalLine("VL", "KR", 3750, voucher, outlet, books.programme_id),
        JournalLine("KR", "PR", 75, debit_party=outlet),
    )
    first, second = queries.load_document(voucher, journal)
    assert (first.line_no, first.debit_party, first.credit_party) == (1, voucher, outlet)
    assert (first.cents, first.currency, first.kind, first.reverses) == (3750, "EUR", "redemption", None)
    assert first.booked_on == call(sa.text("SELECT business_day()"))[0][0]
    assert (second.line_no, second.debit_account, second.credit_account, second.cents) == (2, "KR", "PR", 75)
    books.book("return", voucher, *reverse_lines([JournalLine("KR", "PR", 75, debit_party=outlet)]), reverses=journal)
    books.sell(3750, voucher)


def test_the_day_of_the_document_may_be_given(context: Flask) -> None:
    books, thing = Books(), uuid7()
    journal_id = transact(
        write,
        JournalDocument(uuid7(), thing, books.ledger_id, "late", booked_on=date(2026, 1, 31)),
        [JournalLine("TB", "OB", 5)],
    )
    assert queries.load_document(thing, journal_id)[0].booked_on == date(2026, 1, 31)


@pytest.mark.parametrize("kind", ["", "a|b", "x" * 61])
def test_a_kind_that_would_break_the_seal_is_refused(context: Flask, kind: str) -> None:
    with pytest.raises(DBAPIError) as refused:
        transact(write, JournalDocument(uuid7(), uuid7(), uuid7(), kind), [JournalLine("TB", "OB", 5)])
    assert sqlstate(refused.value) == "23514"


@pytest.mark.parametrize(
    "arguments",
    [
        "'XX', NULL, 'OB', NULL, 5",
        "NULL, NULL, 'OB', NULL, 5",
        "'TB', NULL, 'XX', NULL, 5",
        "'TB', NULL, 'VL', NULL, 5",
        "'KR', NULL, 'TB', NULL, 5",
        "'TB', NULL, 'TB', NULL, 5",
        "'TB', NULL, 'OB', NULL, 0",
        "'TB', NULL, 'OB', NULL, -5",
    ],
)
def test_the_database_refuses_the_same_nonsense_by_itself(context: Flask, arguments: str) -> None:
    new = "gen_random_uuid()"
    session.execute(sa.text("SET LOCAL ROLE NONE"))  # a single step is not open to the application
    assert state("23514", f"SELECT ledger_post({new}, {new}, 1, {new}, 'test', {arguments})")


def test_a_paper_is_booked_once(context: Flask) -> None:
    """The same again, in its own transaction or in one with other deeds, writes nothing and spoils nothing."""
    ledger = transact(organisation, "issuer").id
    paper = bank.income(ledger, 5_00)
    assert transact(journal.post, "bank_received", paper) is False

    def both() -> None:
        journal.post("bank_received", paper)
        add_float(ledger, 70)

    transact(both)
    assert sorted(lines_of(ledger)) == [("TB", "KZ", 5_00), ("TB", "OB", 70)]


def test_twenty_at_once_book_the_same_paper_once(context: Flask) -> None:
    ledger, person = transact(organisation, "issuer").id, uuid7()
    account, credit = bank.account_of(ledger), bank.credit(5_00)

    def deed(said: BankCredit) -> UUID:
        return transact(receiving.record_receipt, account, said, person).receipt_id

    results = at_once(context, deed, [credit] * 20)
    assert len(set(results)) == 1
    assert at_once(context, lambda paper: transact(journal.post, "bank_received", paper), results) == [False] * 20
    assert lines_of(ledger) == [("TB", "KZ", 5_00)]


@pytest.mark.parametrize("kind", ["bank_own_funds", "bank_received", "payment_captured", "voucher.issue", "wages"])
def test_what_is_no_paper_of_a_kind_is_refused(context: Flask, kind: str) -> None:
    """A row that is not there, a document that another kind rests on, one that only functions book, and none."""
    for paper in (uuid7(), float_for(uuid7())):
        with pytest.raises(DBAPIError) as refused:
            transact(journal.post, kind, paper)
        assert sqlstate(refused.value) == "23514"


def test_the_application_changes_neither_rules_nor_what_they_say(context: Flask) -> None:
    rule = "INSERT INTO posting_rule VALUES ('wages', 'voucher', true)"
    for sql in (rule, "UPDATE posting_rule SET source = 'voucher'", "DELETE FROM posting_rule"):
        assert state("42501", sql)
    for source in session.scalars(sa.text("SELECT DISTINCT source FROM posting_rule WHERE is_posted_by_paper")).all():
        assert state("42501", f"DROP FUNCTION {source}") or state("42501", f"ALTER FUNCTION {source} OWNER TO app")


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_the_application_cannot_change_what_is_written(context: Flask, table: str) -> None:
    assert state("42501", f"DELETE FROM {table}")
    assert state("42501", f"TRUNCATE {table}")
    column = session.scalar(
        sa.text("SELECT column_name FROM information_schema.columns WHERE table_name = :t LIMIT 1"), {"t": table}
    )
    assert state("42501", f'UPDATE {table} SET "{column}" = "{column}"')


@pytest.mark.parametrize("table", FUNCTIONS_ONLY)
def test_the_application_writes_by_functions_only(context: Flask, table: str) -> None:
    assert state("42501", f"INSERT INTO {table} SELECT * FROM {table}")
    assert state("42501", f"DELETE FROM {table}")


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_a_trigger_stops_even_the_owner(own_database: Flask, table: str) -> None:
    books = Books()
    books.sell(5000)
    call(sa.text("SELECT seal_stream(s::smallint, 10) FROM generate_series(0, 15) s"))
    with tampering() as owner:
        owner.execute("INSERT INTO day_root VALUES (business_day(), '\\x00', 1, now())")
        owner.execute("INSERT INTO check_run VALUES (gen_random_uuid(), 'proof', now(), now(), true, 0, '{}')")
        owner.execute("SET session_replication_role = origin")
        column = owner.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s LIMIT 1", [table]
        ).fetchone()
        before = owner.execute(f"SELECT count(*) FROM {table}").fetchone()  # type: ignore[call-overload]
        assert before != (0,)
        for statement in (
            f"DELETE FROM {table}",
            f'UPDATE {table} SET "{column[0]}" = "{column[0]}"',  # type: ignore[index]
            f"TRUNCATE {table}",
        ):
            with pytest.raises(psycopg.errors.RestrictViolation):
                owner.execute(statement)  # type: ignore[call-overload]
        assert owner.execute(f"SELECT count(*) FROM {table}").fetchone() == before  # type: ignore[call-overload]


def test_the_table_of_accounts_is_the_plan(context: Flask) -> None:
    rows = session.scalars(sa.select(AccountRow))
    assert {(r.key, r.name, r.skr03, r.skr04, r.kind, r.party, r.clears, r.clears_days) for r in rows} == {
        (a.key, str(a.name), a.skr03, a.skr04, a.kind, a.party, a.clears, a.clears_days) for a in plan.PLAN
    }


def test_every_account_of_the_plan_can_be_posted(context: Flask) -> None:
    books, thing = Books(), uuid7()
    for account in plan.PLAN:
        other = "OB" if account.key != "OB" else "RS"
        line = JournalLine(account.key, other, 1, debit_party=uuid7() if account.party else None)
        books.book("test", thing, line, JournalLine(other, account.key, 1, credit_party=line.debit_party))
    assert len(lines_of(books.ledger_id)) == 2 * len(plan.PLAN)


def test_the_page_of_accounts_names_every_account() -> None:
    text = (ROOT / "docs" / "accounts.md").read_text(encoding="utf-8")
    for account in plan.PLAN:
        assert f"| {account.key} | {account.name} | {account.skr03 or '–'} | {account.skr04 or '–'} |" in text
