"""The proof of vouchers finds each planted error by its own query. Planted past all guards, never kept."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
import sqlalchemy as sa
from flask import Flask

from foundation.config import settings
from foundation.database import session, transact, uuid7
from money.ledger import changes, proof
from tests.builders import vouchers as build
from vouchers.stored_value import deductions, proofs
from vouchers.tills import holds, redeeming, returns
from vouchers.tills.redeeming import RedemptionOrder

DAMAGE = [
    ("V-01", "UPDATE lot SET balance = balance - 1 WHERE voucher_id = %(v)s"),
    ("V-01", "UPDATE entry SET cents = cents + 1 WHERE aggregate_id = %(v)s AND kind = 'voucher.issue'"),
    ("V-02", "DELETE FROM voucher_operation WHERE voucher_id = %(v)s AND version = 2"),
    ("V-02", "UPDATE voucher_operation SET balance_after = balance_after + 1 WHERE voucher_id = %(v)s AND version = 2"),
    ("V-03", "UPDATE voucher SET version = version + 1 WHERE id = %(v)s"),
    ("V-03", "UPDATE voucher SET state = 'exhausted' WHERE id = %(v)s"),
    ("V-04", "UPDATE operation_part SET cents = cents + 1 WHERE operation_id = %(r)s"),
    ("V-04", "DELETE FROM operation_part WHERE operation_id = %(r)s"),
    ("V-05", "UPDATE lot SET held = 1 WHERE voucher_id = %(v)s"),
    ("V-06", "UPDATE operation_part SET cents = 3001 WHERE operation_id = %(b)s"),
    ("V-07", "UPDATE voucher_operation SET kind = 'void' WHERE ref_id = %(r)s"),
    ("V-08", "DELETE FROM entry WHERE journal_id = %(r)s"),
    ("V-08", "UPDATE entry SET credit_party = gen_random_uuid() WHERE journal_id = %(r)s"),
    ("V-08", "UPDATE entry SET journal_id = gen_random_uuid() WHERE journal_id = %(b)s"),
    ("V-09", "UPDATE acceptance SET valid_until = valid_from WHERE outlet_id = %(o)s"),
    ("V-10", "UPDATE voucher_operation SET till_id = gen_random_uuid() WHERE id = %(r)s"),
    ("V-10", "UPDATE voucher SET ledger_id = gen_random_uuid() WHERE id = %(v)s"),
    ("V-08", "UPDATE voucher_operation SET host_ledger_id = gen_random_uuid() WHERE id = %(r)s"),
    ("V-11", "UPDATE entry SET credit_account = 'CL', credit_party = gen_random_uuid() WHERE journal_id = %(r)s"),
    ("V-13", "DELETE FROM till_key WHERE operation_id = %(r)s"),
    ("V-13", "UPDATE till_key SET operation_id = gen_random_uuid() WHERE operation_id = %(r)s"),
    ("V-13", "UPDATE till_key SET key = 'another-key' WHERE operation_id = %(b)s"),
    ("V-14", "UPDATE entry SET debit_account = 'PSP' WHERE aggregate_id = %(v)s AND kind = 'voucher.issue'"),
    ("V-14", "UPDATE entry SET credit_account = 'RS', credit_party = NULL WHERE journal_id = %(r)s"),
    ("V-14", "UPDATE entry SET credit_party = gen_random_uuid() WHERE journal_id = %(b)s"),
    ("V-15", "UPDATE entry SET credit_account = 'CB' WHERE journal_id = %(b)s"),
    ("V-15", "UPDATE entry SET kind = 'voucher.withdraw', credit_account = 'KZ' WHERE journal_id = %(r)s"),
    ("V-12", "UPDATE voucher SET state = 'replaced', replaced_by = id WHERE id = %(v)s"),
]


@pytest.mark.parametrize(("code", "damage"), DAMAGE)
def test_what_was_damaged_is_found(context: Flask, code: str, damage: str) -> None:
    _programme, shop, voucher = build.scene(100_00)
    redemption = redeeming.redeem(shop.token, RedemptionOrder(voucher.token, 30_00, str(uuid4()))).body["redemption_id"]
    back = [
        returns.refund(shop.token, UUID(redemption), cents=5_00, key=str(uuid4()), reason="zurück").body["refund_id"]
        for _twice in range(2)
    ]
    ids = {"v": voucher.voucher_id, "r": redemption, "b": back[1], "o": shop.outlet_id}
    query = next(sql for name, _sentence, sql in proofs.QUERIES if name == code)
    with psycopg.connect(settings().database_url) as connection:
        assert connection.execute(query).fetchall() == []
        for table in ("voucher_operation", "operation_part", "entry", "till_key"):
            connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        assert connection.execute(damage, ids).rowcount > 0
        assert connection.execute(query).fetchall() != []
        connection.rollback()


def find_end() -> changes.Position:
    with proof.open_snapshot() as connection:
        return changes.find_position(connection)


@contextmanager
def owning() -> Iterator[sa.Connection]:
    """A connection of the owner in a transaction of which nothing stays."""
    engine = sa.create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(settings().database_url))
    with engine.connect() as connection:
        for table in ("voucher_operation", "operation_part", "entry"):
            connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield connection
        connection.rollback()
    engine.dispose()


def ask(connection: sa.Connection, code: str, since: changes.Position) -> list[Any]:
    """What a query finds of what was written after a position."""
    query = next(query for query in proof.list_queries() if query.code == code)
    assert query.fresh == proof.PER_AGGREGATE
    changed = changes.find_changes(connection, since)
    assert changed is not None
    return list(connection.execute(sa.text(changes.narrow(query.sql)), changed.parameters))


@pytest.mark.parametrize(("code", "damage"), [found for found in DAMAGE if found[0] in proofs.PER_VOUCHER])
def test_what_was_damaged_of_late_is_found_by_the_proof_that_goes_on(context: Flask, code: str, damage: str) -> None:
    since = find_end()
    _programme, shop, voucher = build.scene(100_00)
    redemption = redeeming.redeem(shop.token, RedemptionOrder(voucher.token, 30_00, str(uuid4()))).body["redemption_id"]
    back = [
        returns.refund(shop.token, UUID(redemption), cents=5_00, key=str(uuid4()), reason="zurück").body["refund_id"]
        for _twice in range(2)
    ]
    ids = {"v": voucher.voucher_id, "r": redemption, "b": back[1], "o": shop.outlet_id}
    with owning() as connection:
        assert ask(connection, code, since) == []
        connection.exec_driver_sql(damage, ids)
        assert ask(connection, code, since) != []


def test_the_proof_that_goes_on_looks_at_both_vouchers_of_a_merger(context: Flask) -> None:
    """One that was merged long ago holds entries of its successor: alone, each would look wrong."""
    programme, shop, first = build.scene(20_00)
    second, third = build.voucher(programme.id, 30_00), build.voucher(programme.id, 40_00)
    session.commit()
    for source, target in ((first, second), (second, third)):
        words = {"actor_id": uuid7(), "key": str(uuid4()), "reason": "ein Gutschein"}
        transact(deductions.merge, source.voucher_id, target.voucher_id, **words)
    since = find_end()
    redeeming.redeem(shop.token, RedemptionOrder(third.token, 5_00, str(uuid4())))
    with owning() as connection:
        changed = changes.find_changes(connection, since)
        assert changed is not None
        assert {first.voucher_id, second.voucher_id, third.voucher_id} <= set(changed.aggregates)
        assert [code for code in sorted(proofs.PER_VOUCHER) if ask(connection, code, since)] == []


HOLDS_DAMAGED = [
    ("V-07", "UPDATE voucher_operation SET cents = cents - 1 WHERE ref_id = %(h)s AND kind = 'release'"),
    ("V-07", "DELETE FROM voucher_operation WHERE ref_id = %(h)s AND kind = 'release'"),
    (
        "V-08",
        "DELETE FROM entry WHERE journal_id = (SELECT id FROM voucher_operation WHERE ref_id = %(h)s"
        " AND kind = 'release')",
    ),
]


@pytest.mark.parametrize(("code", "damage"), HOLDS_DAMAGED)
def test_a_hold_captured_in_part_ends_whole(context: Flask, code: str, damage: str) -> None:
    _programme, shop, voucher = build.scene(100_00)
    held = holds.hold(shop.token, voucher.token, cents=10_00, key=str(uuid4()), expires_in_seconds=60)
    hold_id = UUID(held.body["hold_id"])
    holds.capture(shop.token, hold_id, key=str(uuid4()), cents=4_00)
    query = next(sql for name, _sentence, sql in proofs.QUERIES if name == code)
    with psycopg.connect(settings().database_url) as connection:
        assert connection.execute(query).fetchall() == []
        for table in ("voucher_operation", "entry"):
            connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        assert connection.execute(damage, {"h": hold_id}).rowcount > 0
        assert connection.execute(query).fetchall() != []
        connection.rollback()
