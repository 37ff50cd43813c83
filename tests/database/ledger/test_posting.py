"""Posting: one writer, balanced lines, no document twice, nothing changed afterwards."""

from datetime import date
from uuid import UUID

import psycopg
import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DBAPIError

from foundation.database import call, session, transact, uuid7
from foundation.errors import Refused
from money.ledger import plan, queries
from money.ledger.journal import JournalDocument, JournalLine, post, reverse_lines
from money.ledger.models import AccountRow, Entry
from tests.builders.ledger import Books, tampering
from tests.builders.threads import at_once
from tests.conftest import ROOT

APPEND_ONLY = ("entry", "seal", "day_root", "ledger_document", "check_run")
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
    return bool(refused.value.orig.sqlstate == code)  # type: ignore[union-attr]


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
    journal = transact(
        post,
        JournalDocument(uuid7(), thing, books.ledger_id, "late", booked_on=date(2026, 1, 31)),
        [JournalLine("TB", "OB", 5)],
    )
    assert queries.load_document(thing, journal)[0].booked_on == date(2026, 1, 31)


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([], "lines_count"),
        ([JournalLine("TB", "OB", 1)] * 1001, "lines_count"),
        ([JournalLine("TB", "OB", 0)], "cents_wrong"),
        ([JournalLine("TB", "OB", -5)], "cents_wrong"),
        ([JournalLine("TB", "OB", 1.5)], "cents_wrong"),  # type: ignore[arg-type]
        ([JournalLine("TB", "OB", True)], "cents_wrong"),
        ([JournalLine("TB", "OB", 2**63)], "cents_wrong"),
        ([JournalLine("TB", "TB", 5)], "sides_equal"),
        ([JournalLine("TB", "XX", 5)], "account_unknown"),
        ([JournalLine("tb", "OB", 5)], "account_unknown"),
        ([JournalLine("TB", "VL", 5)], "party_missing"),
        ([JournalLine("KR", "TB", 5)], "party_missing"),
        ([JournalLine("TB", "OB", 5), JournalLine("TB", "OB", 0)], "cents_wrong"),
    ],
)
def test_lines_that_say_nothing_are_refused_and_nothing_is_written(
    context: Flask, lines: list[JournalLine], code: str
) -> None:
    books, journal, thing = Books(), uuid7(), uuid7()
    with pytest.raises(Refused) as refusal:
        transact(post, JournalDocument(journal, thing, books.ledger_id, "nonsense"), lines)
    assert refusal.value.code == code
    assert queries.load_document(thing, journal) == []


@pytest.mark.parametrize("kind", ["", "a|b", "x" * 61])
def test_a_kind_that_would_break_the_seal_is_refused(context: Flask, kind: str) -> None:
    with pytest.raises(Refused) as refusal:
        transact(post, JournalDocument(uuid7(), uuid7(), uuid7(), kind), [JournalLine("TB", "OB", 5)])
    assert refusal.value.code == "kind_unknown"


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


def test_the_same_document_again_is_refused_or_no_deed(context: Flask) -> None:
    books, journal, thing = Books(), uuid7(), uuid7()
    lines = [JournalLine("TB", "OB", 500), JournalLine("OB", "TB", 200)]
    transact(post, JournalDocument(journal, thing, books.ledger_id, "example"), lines)
    with pytest.raises(Refused) as refusal:
        transact(post, JournalDocument(journal, thing, books.ledger_id, "example"), lines)
    assert refusal.value.code == "already_posted"
    assert transact(post, JournalDocument(journal, thing, books.ledger_id, "example"), lines, once=True) == journal
    assert lines_of(books.ledger_id) == [("TB", "OB", 500), ("OB", "TB", 200)]


@pytest.mark.parametrize("once", [True, False])
def test_other_lines_under_the_same_number_are_refused(context: Flask, once: bool) -> None:
    books, journal, thing = Books(), uuid7(), uuid7()
    transact(post, JournalDocument(journal, thing, books.ledger_id, "example"), [JournalLine("TB", "OB", 500)])
    for lines in (
        [JournalLine("TB", "OB", 501)],
        [JournalLine("TB", "OB", 500), JournalLine("TB", "OB", 1)],
        [JournalLine("OB", "TB", 500)],
    ):
        with pytest.raises(Refused) as refusal:
            transact(post, JournalDocument(journal, thing, books.ledger_id, "example"), lines, once=once)
        assert refusal.value.code == "posted_differently"
    assert lines_of(books.ledger_id) == [("TB", "OB", 500)]


def test_a_refused_twin_does_not_spoil_the_transaction_around_it(context: Flask) -> None:
    books, journal, thing = Books(), uuid7(), uuid7()
    transact(post, JournalDocument(journal, thing, books.ledger_id, "example"), [JournalLine("TB", "OB", 500)])

    def both() -> None:
        post(JournalDocument(journal, thing, books.ledger_id, "example"), [JournalLine("TB", "OB", 500)], once=True)
        post(JournalDocument(uuid7(), thing, books.ledger_id, "example"), [JournalLine("TB", "OB", 70)])

    transact(both)
    assert sorted(lines_of(books.ledger_id)) == [("TB", "OB", 70), ("TB", "OB", 500)]


def test_twenty_at_once_book_the_same_document_once(context: Flask) -> None:
    books, journal, thing = Books(), uuid7(), uuid7()

    def deed(once: bool) -> object:
        return transact(
            post, JournalDocument(journal, thing, books.ledger_id, "example"), [JournalLine("TB", "OB", 500)], once=once
        )

    results = at_once(context, deed, [True] * 14 + [False] * 6)
    assert lines_of(books.ledger_id) == [("TB", "OB", 500)]
    assert results[:14] == [journal] * 14
    assert sum(r == journal for r in results[14:]) <= 1
    assert {r.code for r in results[14:] if isinstance(r, Refused)} <= {"already_posted"}


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
        owner.execute(
            "INSERT INTO ledger_document VALUES (gen_random_uuid(), gen_random_uuid(), 'x', 'x', 1, '', now())"
        )
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
