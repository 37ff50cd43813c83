"""Strangers check exports and receipts with one file that needs only Python; whatever is tampered with fails."""

import gzip
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from foundation.errors import Invalid
from money.roots import export, publishing, queries, receipts, tree
from tests.builders.days import finish_days
from tests.conftest import ROOT

SCRIPT = ROOT / "scripts" / "verify_books.py"
Line = dict[str, Any]


def verify(file: Path, roots: Path | None = None) -> tuple[int, str]:
    """Run it as a stranger would: with an interpreter that knows none of our packages."""
    command = [sys.executable, "-I", "-S", str(SCRIPT), str(file), *(["--roots", str(roots)] if roots else [])]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def exported(own_database: Flask, tmp_path: Path) -> tuple[Path, Path]:
    """All finished days as a file, and the roots that were published."""
    finish_days(3)
    publishing.publish_roots()
    roots = queries.list_roots()
    kept = tmp_path / "roots.txt"
    kept.write_text("".join(f"{root}\n" for root in roots))
    export.write_period(roots[-1].day, roots[0].day, tmp_path / "books.jsonl")
    return tmp_path / "books.jsonl", kept


def test_the_program_is_short_and_needs_only_python() -> None:
    assert len(SCRIPT.read_text().splitlines()) < 200


def test_a_period_verifies_chain_balances_and_cover(exported: tuple[Path, Path], tmp_path: Path) -> None:
    file, kept = exported
    code, said = verify(file, kept)
    assert (code, "Everything fits." in said, "owed 0.00" in said) == (0, True, False), said
    packed = tmp_path / "books.jsonl.gz"
    packed.write_bytes(gzip.compress(file.read_bytes()))
    assert verify(packed, kept)[0] == 0
    assert "Hold it against roots that you kept" in verify(file)[1]


def test_a_single_day_verifies_from_the_balances_of_the_day_before(exported: tuple[Path, Path], tmp_path: Path) -> None:
    day = queries.list_roots()[0].day
    export.write_period(day, day, tmp_path / "day.jsonl")
    code, said = verify(tmp_path / "day.jsonl", exported[1])
    assert (code, "Note" in said) == (0, False), said


def change_amount(line: Line) -> Line:
    return line | {"entries": [entry.replace(",20", ",21") for entry in line["entries"]]}


def drop(line: Line) -> None:
    return None


def change_balance(line: Line) -> Line:
    return line | {"text": line["text"] + "0"}


TAMPERED: dict[str, tuple[str, Callable[[Line], Line | None]]] = {
    "an amount": ("seal", change_amount),
    "a seal left out": ("seal", drop),
    "a single row": ("row", lambda line: line | {"digest": "00" * 32}),
    "a row left out": ("row", drop),
    "what came with a document": ("seal", lambda line: line | {"rest": "00" * 32}),
    "a balance": ("closing", change_balance),
    "a balance hidden": ("closing", drop),
    "a blinded leaf": ("closing", lambda line: line | {"salt": "00" * 32}),
    "the root": ("day", lambda line: line | {"root": "00" * 32}),
    "the root of the balances": ("day", lambda line: line | {"balances": "00" * 32}),
    "a day left out": ("day", drop),
    "another beginning": ("heads", lambda line: line | {"heads": {"3": [7, "00" * 32]}}),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_a_tampered_export_fails(exported: tuple[Path, Path], what: str) -> None:
    file, kept = exported
    kind, tamper = TAMPERED[what]
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    places = [number for number, line in enumerate(lines) if line["kind"] == kind]
    place = places[-1] if kind == "day" else places[0]
    changed = tamper(lines[place])
    assert changed != lines[place]
    lines[place : place + 1] = [changed] if changed else []
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    code, said = verify(file, kept)
    assert (code, "WRONG" in said) == (1, True), said


def test_a_forged_export_that_fits_itself_does_not_fit_what_was_kept(
    exported: tuple[Path, Path], tmp_path: Path
) -> None:
    file, kept = exported
    other = tmp_path / "other.txt"
    other.write_text(kept.read_text().translate(str.maketrans("abcdef", "bcdefa")))
    assert verify(file, other)[0] == 1


def test_days_without_a_root_are_refused(exported: tuple[Path, Path], tmp_path: Path) -> None:
    day = queries.list_roots()[0].day
    with pytest.raises(Invalid):
        export.write_period(day, day + timedelta(days=1), tmp_path / "x.jsonl")


def test_a_holders_receipt_proves_the_value_and_shows_nobody_elses(own_database: Flask, tmp_path: Path) -> None:
    given = finish_days(1, vouchers=300)  # more than one branch of the tree
    publishing.publish_roots()
    kept = tmp_path / "roots.txt"
    kept.write_text(str(queries.list_roots()[0]))
    for place in (0, 150, 299):
        receipt = receipts.make_receipt(given[place].voucher_id)
        assert receipt is not None
        assert receipt.cents == 20_00 + place
        text = json.dumps(receipt.write())
        others = {str(one.voucher_id) for one in given} - {str(given[place].voucher_id)}
        assert not any(other in text for other in others)
        neighbours = {value for leaf in receipt.leaves for _side, value in leaf["path"]}
        assert all(len(value) == 64 for value in neighbours)
        file = tmp_path / f"receipt-{place}.json"
        file.write_text(text)
        assert verify(file, kept) == (
            0,
            f"In the books at the end of {receipt.published.day}: {20 + place / 100:.2f} EUR\nEverything fits.\n",
        )
        forged = receipt.write()
        forged["leaves"][0]["text"] = forged["leaves"][0]["text"].replace(f"-{20_00 + place}", "-9900000")
        forged["cents"] = 99_000_00
        file.write_text(json.dumps(forged))
        assert verify(file, kept)[0] == 1


def test_a_neighbours_hash_cannot_be_guessed_without_its_secret(own_database: Flask) -> None:
    given = finish_days(1, vouchers=2)
    publishing.publish_roots()
    receipt = receipts.make_receipt(given[0].voucher_id)
    assert receipt is not None
    other = receipts.make_receipt(given[1].voucher_id)
    assert other is not None
    seen = {value for leaf in receipt.leaves for _side, value in leaf["path"]}
    text = other.leaves[0]["text"]
    salt = bytes.fromhex(other.leaves[0]["salt"])
    assert tree.hash_leaf(salt, text).hex() in seen  # the control: with the secret it is found
    assert tree.hash_leaf(b"", text).hex() not in seen
    assert tree.hash_leaf(bytes.fromhex(receipt.leaves[0]["salt"]), text).hex() not in seen


def test_a_voucher_of_today_has_no_receipt_yet(own_database: Flask) -> None:
    assert receipts.make_receipt(finish_days(1)[0].voucher_id) is None
