"""Balances, lists page by page, sentences, and own funds put into the pool."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from flask import Flask

from foundation.clock import today
from foundation.database import transact, uuid7
from foundation.errors import Invalid
from foundation.languages import lazy
from money.ledger import balances, explaining, queries, sealing
from money.ledger.queries import EntryFilter
from tests.builders.ledger import Books, JournalDocument, JournalLine, database_now, write


def test_a_balance_is_right_before_and_after_its_seal(context: Flask) -> None:
    books, near, far = Books(), uuid7(), uuid7()
    voucher = books.sell(50_00)
    books.redeem(voucher, near, 12_00)
    books.redeem(voucher, far, 3_00)
    for _round in range(2):
        assert balances.load_balance(books.ledger_id, "TB") == 50_00
        assert balances.load_balance(books.ledger_id, "VL") == 35_00
        assert balances.load_balance(books.ledger_id, "VL", voucher) == 35_00
        assert balances.load_balance(books.ledger_id, "VL", uuid4()) == 0
        assert balances.load_balance(books.ledger_id, "KR", near, books.programme_id) == 12_00
        assert balances.list_by_programme(books.ledger_id, "VL") == {books.programme_id: 35_00}
        assert balances.list_by_party(books.ledger_id, "KR") == {near: 12_00, far: 3_00}
        assert balances.load_closing_balance(books.ledger_id, "VL", today()) == 35_00
        assert balances.load_closing_balance(books.ledger_id, "VL", today(), books.programme_id) == 35_00
        assert balances.load_closing_balance(books.ledger_id, "VL", today() - timedelta(days=1)) == 0
        sealing.seal_all()


def test_a_sealed_balance_stays_what_it_was(context: Flask) -> None:
    books = Books()
    voucher = books.sell(50_00)
    sealing.seal_all()
    instant = database_now()
    books.redeem(voucher, uuid7(), 12_00)
    assert balances.load_sealed_balance(books.ledger_id, "VL", instant) == 50_00
    sealing.seal_all()
    assert balances.load_sealed_balance(books.ledger_id, "VL", instant) == 50_00
    assert balances.load_sealed_balance(books.ledger_id, "VL", database_now(), voucher) == 38_00
    assert balances.load_sealed_balance(books.ledger_id, "VL", database_now(), uuid7()) == 0


def test_pages_follow_each_other_without_gap_or_repetition(context: Flask) -> None:
    books = Books()
    things = [uuid7() for _ in range(3)]
    for number in range(1, 12):
        lines = [JournalLine("TB", "OB", number), JournalLine("OB", "TB", number)]
        day = date(2026, 3, 1 + number % 3)
        transact(write, JournalDocument(uuid7(), things[number % 3], books.ledger_id, "test", booked_on=day), lines)
    wanted = EntryFilter(ledger_id=books.ledger_id)
    seen, after, pages = [], None, 0
    while True:
        page = queries.list_entries(wanted, after, limit=5)
        seen += page.entries
        pages += 1
        if page.following is None:
            break
        after = page.following
    keys = [(e.booked_on, e.journal_id, e.aggregate_id, e.line_no) for e in seen]
    assert (len(keys), pages) == (22, 5)
    assert keys == sorted(set(keys), reverse=True)
    assert [e.journal_id for e in queries.stream_entries(wanted)] == [key[1] for key in keys]
    assert queries.sum_entries(wanted) == (2 * sum(range(1, 12)), 22)


def test_lists_are_narrowed_by_every_field(context: Flask) -> None:
    books, other, outlet = Books(), Books(), uuid7()
    voucher = books.sell(50_00)
    first = books.redeem(voucher, outlet, 12_00)
    void = books.void(first, voucher, outlet, 12_00)
    other.sell(1)

    def kinds(**fields: object) -> list[str]:
        found = queries.list_entries(EntryFilter(ledger_id=books.ledger_id, **fields)).entries  # type: ignore[arg-type]
        return [e.kind for e in found]

    assert kinds() == ["void", "redemption", "sale"]
    assert kinds(account="KR") == ["void", "redemption"]
    assert kinds(debit_account="KR") == ["void"]
    assert kinds(credit_account="KR") == ["redemption"]
    assert kinds(party=outlet) == ["void", "redemption"]
    assert kinds(party=voucher) == ["void", "redemption", "sale"]
    assert kinds(programme_id=other.programme_id) == []
    assert kinds(kinds=("sale", "void")) == ["void", "sale"]
    assert kinds(journal_id=void) == ["void"]
    assert kinds(aggregate_id=voucher, since=today(), until=today()) == ["void", "redemption", "sale"]
    assert kinds(since=today() + timedelta(days=1)) == []
    assert kinds(until=today() - timedelta(days=1)) == []


@pytest.mark.parametrize("mark", ["x", "2026-01-01.a.b.c", "....", "2026-13-01." + "0" * 32 + "." + "0" * 32 + ".1"])
def test_a_mark_that_no_page_gave_is_refused(context: Flask, mark: str) -> None:
    with pytest.raises(Invalid):
        queries.list_entries(EntryFilter(), mark)


def test_every_posting_explains_itself_in_one_sentence(context: Flask) -> None:
    books, outlet = Books(), uuid7()
    voucher = books.sell(50_00)
    first = books.redeem(voucher, outlet, 12_00)
    void = books.void(first, voucher, outlet, 12_00)
    entry = queries.load_document(voucher, first)[0]
    day = explaining.show_date(entry.booked_on)
    assert explaining.explain(entry) == (
        f"{day}: 12,00\u202f€ von Verbindlichkeiten gegenüber Läden nach Gutscheine, bezahlt."
    )
    explaining.add("redemption", lazy("{amount} von Gutschein {debit_party} bei {credit_party} eingelöst"))
    explaining.add("void", lazy("{amount} von Gutschein {credit_party} bei {debit_party} eingelöst."))
    explaining.name_parties("outlet", lambda party: "Buchladen" if party == outlet else None)
    try:
        short = f"…{voucher.hex[-6:]}"
        told = f"12,00\u202f€ von Gutschein {short} bei Buchladen eingelöst."
        assert explaining.explain(entry) == f"{day}: {told}"
        assert explaining.explain(queries.load_document(voucher, void)[0]) == f"{day}: Rückbuchung: {told}"
    finally:
        for kind in ("redemption", "void"):
            explaining._templates.pop(kind)
        explaining._namings.pop("outlet")
