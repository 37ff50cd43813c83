"""Whatever is changed in an append-only table is found in one run. The tests know no table: they ask the catalog.

A table that somebody adds is forged here too, and found; if it is not sealed, the first test says so.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest
from flask import Flask

from foundation.database import autocommit_engine, db, session, uuid7
from money.ledger import chain, sealing
from tests.builders import forging
from tests.builders import vouchers as build
from tests.builders.ledger import reseal, tampering
from tests.conftest import _use, application, copy
from vouchers.tills import redeeming
from vouchers.tills.redeeming import RedemptionOrder

DOCUMENTS, TAKEN, DAYS, MORE = 64, 20, 13, 4


@dataclass
class Ground:
    """Sealed rows in every append-only table, and the hand that forges them."""

    owner: psycopg.Connection
    columns: dict[str, list[tuple[str, str, bool]]]


@pytest.fixture(scope="module")
def ground(server_url: str, template: str, app: Flask) -> Iterator[Ground]:
    """A database with vouchers and finished days, and in all other tables rows of any content."""
    shared = os.environ["DATABASE_URL"]
    with copy(server_url, template) as url:
        made = application(url)
        with made.app_context(), tampering() as owner:
            owner.execute("SET TimeZone = 'UTC'")
            programme = build.programme()
            shop = build.accepting_shop(programme.id)
            given = [build.voucher(programme.id, 20_00 + number) for number in range(DOCUMENTS)]
            session.commit()
            for place, voucher in enumerate(given[:TAKEN]):
                redeeming.redeem(shop.token, RedemptionOrder(voucher.token, 1_00 + place, str(uuid7())))
            session.commit()
            sealing.seal_all()
            forging.past_days(owner, DAYS)
            reseal(owner)
            assert sealing.close_days() == DAYS
            columns = {table: forging.list_columns(owner, table) for table in forging.list_tables(owner)}
            owner.execute("SET session_replication_role = origin")
            for table, found in columns.items():
                forging.lift_limits(owner, table)
                if forging.count(owner, table) < 2 * len(found) + MORE:
                    forging.fill(owner, table, 2 * len(found) + MORE)
            owner.execute("SET session_replication_role = replica")
            sealing.seal_all()
            for table in columns:
                forging.free_numbers(owner, table)
            yield Ground(owner, columns)
            session.remove()
            db.engine.dispose()
            autocommit_engine().dispose()
    _use(shared)


def unnamed(forged: list[forging.Forged]) -> list[str]:
    """What was forged and is named by no finding of one run."""
    broken = chain.verify().broken
    return [f"{row.table}.{row.what}" for row in forged if not any(row.is_named_by(found) for found in broken)]


def test_sound_tables_are_silent_and_each_has_rows(ground: Ground) -> None:
    assert chain.verify().broken == ()
    few = [table for table, found in ground.columns.items() if forging.count(ground.owner, table) < len(found)]
    assert few == []
    assert len(ground.columns) >= 30


def test_one_value_in_every_column_of_every_table(ground: Ground) -> None:
    forged, used = [], 0
    with forging.put_back(ground.owner, list(ground.columns)):
        for table, columns in ground.columns.items():
            rows = forging.list_rows(ground.owner, table)
            first, used = used % (len(rows) - 2 * len(columns)), used + len(columns)
            for place, (name, kind, _own) in enumerate(columns):  # never two neighbours: a gap is named once
                forged.append(forging.change(ground.owner, table, (name, kind), rows[first + 2 * place]))
        assert unnamed(forged) == []
    assert chain.verify().broken == ()


@pytest.mark.parametrize("place", [0, -1], ids=["oldest", "newest"])
def test_the_deleted_row(ground: Ground, place: int) -> None:
    chained = {table for table, columns in ground.columns.items() if "row_hash" in {name for name, *_ in columns}}
    for tables in (chained, ground.columns.keys() - chained):  # a row that went with its seal would have no name left
        with forging.put_back(ground.owner, list(ground.columns)):
            assert unnamed([forging.delete(ground.owner, table, place) for table in tables]) == []
    assert chain.verify().broken == ()


def test_two_rows_that_were_swapped(ground: Ground) -> None:
    forged = []
    with forging.put_back(ground.owner, list(ground.columns)):
        for table in ground.columns:
            forged += forging.swap(ground.owner, table, (1, 3))
        assert unnamed(forged) == []
    assert chain.verify().broken == ()
