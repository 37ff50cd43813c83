"""The chain names the first seal that does not fit, whatever was changed past every guard."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask import Flask

from foundation.database import uuid7
from money.ledger import chain, sealing
from tests.builders.ledger import Books, JournalLine, findings, float_for, reseal, tampering

Owner = psycopg.Connection[Any]
COLUMNS = {
    "ledger_id": "gen_random_uuid()",
    "kind": "'other'",
    "booked_on": "booked_on - 1",
    "recorded_at": "recorded_at + interval '1 microsecond'",
    "debit_account": "'GK'",
    "debit_party": "gen_random_uuid()",
    "credit_account": "'BE'",
    "credit_party": "gen_random_uuid()",
    "cents": "cents + 1",
    "programme_id": "gen_random_uuid()",
    "reverses": "gen_random_uuid()",
}


def sealed() -> tuple[UUID, list[UUID]]:
    """Five documents of one thing, sealed as numbers 1 to 5 of its stream. Gives back thing and journals."""
    books, thing = Books(), uuid7()
    lines = (JournalLine("TB", "OB", 500), JournalLine("OB", "TB", 20))
    journals = [books.book("test", thing, *lines) for _ in range(5)]
    other = UUID(int=thing.int ^ 1)
    books.book("test", other, *lines)
    assert sealing.seal_all() == 6
    assert chain.verify() == chain.ChainReport(6, 0, ())
    return thing, journals


def broken(thing: UUID) -> list[tuple[int | None, int | None, UUID | None]]:
    return [(b.stream, b.seal_no, b.journal_id) for b in chain.verify().broken if b.table is None]


def unsealed() -> list[str]:
    """The tables of the rows that no seal knows."""
    return [str(b.table) for b in chain.verify().broken if b.table]


@pytest.mark.parametrize("column", COLUMNS)
def test_any_changed_field_of_an_entry_breaks_its_seal(own_database: Flask, column: str) -> None:
    thing, journals = sealed()
    with tampering() as owner:
        owner.execute(
            f"UPDATE entry SET {column} = {COLUMNS[column]} WHERE journal_id = %s AND line_no = 1",  # type: ignore[call-overload]
            [journals[2]],
        )
    assert broken(thing) == [(thing.bytes[-1] % 16, 3, journals[2])]


def entry_deleted(owner: Owner, journals: list[UUID]) -> None:
    owner.execute("DELETE FROM entry WHERE journal_id = %s AND line_no = 2", [journals[2]])


def document_deleted(owner: Owner, journals: list[UUID]) -> None:
    owner.execute("DELETE FROM entry WHERE journal_id = %s", [journals[2]])


def entry_added(owner: Owner, journals: list[UUID]) -> None:
    owner.execute(
        "INSERT INTO entry SELECT aggregate_id, journal_id, 3, ledger_id, kind, booked_on, recorded_at, debit_account,"
        " debit_party, credit_account, credit_party, 1, currency FROM entry WHERE journal_id = %s AND line_no = 1",
        [journals[2]],
    )


def seal_changed(owner: Owner, journals: list[UUID]) -> None:
    owner.execute("UPDATE seal SET row_hash = sha256(row_hash) WHERE journal_id = %s", [journals[2]])


def seal_dated_back(owner: Owner, journals: list[UUID]) -> None:
    owner.execute("UPDATE seal SET sealed_at = sealed_at - interval '1 day' WHERE journal_id = %s", [journals[2]])


@pytest.mark.parametrize("tamper", [entry_deleted, document_deleted, entry_added, seal_changed, seal_dated_back])
def test_what_is_deleted_added_or_dated_back_is_named(
    own_database: Flask, tamper: Callable[[Owner, list[UUID]], None]
) -> None:
    thing, journals = sealed()
    with tampering() as owner:
        tamper(owner, journals)
    assert broken(thing) == [(thing.bytes[-1] % 16, 3, journals[2])]


def test_a_deleted_seal_is_named_by_its_number(own_database: Flask) -> None:
    thing, journals = sealed()
    with tampering() as owner:
        owner.execute("DELETE FROM seal WHERE journal_id = %s", [journals[2]])
    assert broken(thing) == [(thing.bytes[-1] % 16, 3, None)]
    assert unsealed() == ["entry", "entry"]
    assert {found.code for found in findings()} >= {"L-04", "L-05"}


def test_the_newest_seals_cannot_go_unseen(own_database: Flask) -> None:
    thing, journals = sealed()
    with tampering() as owner:
        owner.execute("DELETE FROM seal WHERE journal_id = %s", [journals[4]])
    assert broken(thing) == [(thing.bytes[-1] % 16, 4, None)]
    assert unsealed() == ["entry", "entry"]


def test_a_stream_without_seals_has_an_untouched_head(own_database: Flask) -> None:
    with tampering() as owner:
        owner.execute("UPDATE stream_head SET head_hash = sha256('x') WHERE stream = 7")
    assert [(b.stream, b.seal_no) for b in chain.verify().broken] == [(7, 0)]


def test_a_forger_who_recomputes_the_whole_chain_is_betrayed_by_the_root_of_the_day(own_database: Flask) -> None:
    _thing, journals = sealed()
    with tampering() as owner:
        owner.execute("UPDATE seal SET sealed_at = sealed_at - interval '1 day'")
        reseal(owner)
        assert sealing.close_days() == 1
        assert chain.verify().ok
        owner.execute("UPDATE entry SET cents = cents + 1 WHERE journal_id = %s", [journals[2]])
        assert len(chain.verify().broken) == 1
        reseal(owner)
        verdict = chain.verify()
    assert [(b.day is not None, b.stream) for b in verdict.broken] == [(True, None)]


def test_the_commands_end_with_one_and_name_what_is_wrong(own_database: Flask) -> None:
    _thing, journals = sealed()
    run = own_database.test_cli_runner().invoke
    fine = run(args=["money", "chain"])
    assert (fine.exit_code, fine.output) == (
        0,
        f"6 Belege, {chain.verify().rows} Zeilen und 0 Tage nachgerechnet, 0 Befunde.\n",
    )
    with tampering() as owner:
        owner.execute("UPDATE entry SET cents = cents + 1 WHERE journal_id = %s AND line_no = 1", [journals[2]])
    named = run(args=["money", "chain"])
    assert named.exit_code == 1
    assert f"Siegel 3 (Beleg {journals[2]}): passt nicht zu seinen Buchungen und Zeilen" in named.output
    machine = run(args=["money", "chain", "--json"])
    assert (machine.exit_code, json.loads(machine.output)["broken"][0]["seal_no"]) == (1, 3)
    proven = run(args=["money", "prove"])
    assert proven.exit_code == 1
    assert "BEFUND  L-06" in proven.output
    assert "ok      L-01" in proven.output
    listed = json.loads(run(args=["money", "prove", "--json"]).output)
    assert {q["code"] for q in listed["queries"] if not q["ok"]} == {"L-06", "L-07"}


def test_the_proof_command_ends_with_zero_on_sound_books(own_database: Flask) -> None:
    float_for(uuid7(), 500)
    run = own_database.test_cli_runner().invoke
    assert run(args=["money", "seal", "--once"]).output == "1 besiegelt, 0 Tage abgeschlossen\n"
    assert run(args=["money", "prove"]).exit_code == 0
