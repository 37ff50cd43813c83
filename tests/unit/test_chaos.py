"""What `make chaos` would say: each way in which the journal of clients and the books can differ is found."""

from pathlib import Path
from typing import Any

import pytest

from tests.chaos.comparison import Booked, Differences, compare
from tests.chaos.lanes import Journal, read_journal

BOOKS = {"a": Booked("redeem", 5), "b": Booked("void", 7), "x@example.org": Booked("buy", 25_00)}


def answered(key: str, kind: str, cents: int) -> list[dict[str, Any]]:
    """What a client wrote down of one act."""
    return [
        {"key": key, "kind": kind, "asked": True},
        {"key": key, "kind": kind, "done": True, "answer": {"amount_cents": cents}},
    ]


JOURNAL = [*answered("a", "redeem", 5), *answered("b", "void", 7), *answered("x@example.org", "buy", 25_00)]


def test_what_agrees_has_no_difference() -> None:
    assert compare(JOURNAL, BOOKS) == Differences()


@pytest.mark.parametrize(
    ("kind", "books"),
    [
        ("lost", {key: row for key, row in BOOKS.items() if key != "a"}),
        ("doubled", BOOKS | {"a": Booked("redeem", 5, times=2)}),
        ("doubled", BOOKS | {"x@example.org": Booked("buy", 50_00, times=2)}),
        ("changed", BOOKS | {"a": Booked("redeem", 6)}),
        ("changed", BOOKS | {"b": Booked("refund", 7)}),
        ("unasked", BOOKS | {"c": Booked("redeem", 1)}),
    ],
)
def test_each_difference_is_found(kind: str, books: dict[str, Booked]) -> None:
    found = compare(JOURNAL, books)
    assert {name: number for name, number in found.count().items() if number} == {kind: 1}


def test_what_was_never_acknowledged_may_be_booked_or_not() -> None:
    asked = [*JOURNAL, {"key": "d", "kind": "redeem", "asked": True}]
    assert compare(asked, BOOKS) == compare(asked, BOOKS | {"d": Booked("redeem", 1)}) == Differences()


def test_a_journal_is_read_as_it_was_written(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    for line in JOURNAL:
        journal.write(**line)
    journal.close()
    assert read_journal(tmp_path / "journal") == JOURNAL
