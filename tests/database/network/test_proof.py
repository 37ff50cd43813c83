"""The proof of networks finds each planted error by its own query. Planted past all guards, never kept."""

from uuid import uuid4

import psycopg
import pytest
from flask import Flask

from foundation import clock
from foundation.config import settings
from foundation.database import transact
from tests.builders import vouchers as build
from vouchers.network import limits, proofs

DAMAGE = [
    ("N-01", "UPDATE programme SET max_outlets = max_outlets + 1 WHERE id = %(p)s"),
    ("N-01", "INSERT INTO programme_town (programme_id, ags) VALUES (%(p)s, '05558012')"),
    ("N-02", "UPDATE programme SET max_outlets = 2 WHERE id = %(p)s"),
    ("N-03", "UPDATE bank_account SET closed_at = now() WHERE organisation_id = %(i)s"),
    ("N-03", "DELETE FROM gate_record WHERE programme_id = %(p)s AND item = 'vat'"),
    ("N-04", "UPDATE programme SET on_sale = false, launched_at = NULL WHERE id = %(p)s"),
    ("N-05", "UPDATE sale_claim SET cents = 25000001 WHERE programme_id = %(p)s"),
    (
        "N-06",
        "INSERT INTO acceptance (id, programme_id, outlet_id, version, commission_basis_points, vat_rates,"
        " terms_version, valid_from, valid_until, ended_by, ended_reason)"
        " VALUES (gen_random_uuid(), %(p)s, %(o)s, 9, 0, '', '', now(), now() + interval '1 day', 'shop', '')",
    ),
]


@pytest.mark.parametrize(("code", "damage"), DAMAGE)
def test_what_was_damaged_is_found(context: Flask, code: str, damage: str) -> None:
    programme, shop, _given = build.scene()
    transact(limits.sell_now, uuid4(), programme.id, 100_00)
    ids = {"p": programme.id, "i": programme.issuer_id, "o": shop.outlet_id}
    query = next(sql for name, _sentence, sql in proofs.QUERIES if name == code).replace(":present", "%(present)s")
    present = {"present": clock.now()}
    with psycopg.connect(settings().database_url) as connection:
        assert connection.execute(query, present).fetchall() == []
        for table in ("programme", "programme_town", "acceptance", "gate_record"):
            connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        assert connection.execute(damage, ids).rowcount > 0
        assert connection.execute(query, present).fetchall() != []
        connection.rollback()
