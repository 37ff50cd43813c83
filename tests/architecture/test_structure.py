"""The structure of the database is one present text; what is dropped, changed or added is named, kind by kind."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask

from foundation import doctor, structure
from foundation.config import settings
from foundation.database import driver_url


@pytest.fixture
def catalog(context: Flask) -> Iterator[sa.Connection]:
    """A connection of the tests' superuser; whatever is planted goes away again."""
    engine = sa.create_engine(driver_url(settings().database_url), poolclass=sa.NullPool)
    with engine.connect() as connection:
        yield connection
        connection.rollback()


def test_the_structure_is_that_of_the_text(own_database: Flask, catalog: sa.Connection) -> None:
    """Write the text anew with `python -m scripts.rights` and look at the difference."""
    assert structure.find_changes(catalog) == []


PLANTED = (
    (
        "ALTER TABLE entry DROP CONSTRAINT ck_entry_cents_positive",
        "missing: constraint ck_entry_cents_positive on entry",
    ),
    (
        "ALTER TABLE entry DROP CONSTRAINT ck_entry_cents_positive,"
        " ADD CONSTRAINT ck_entry_cents_positive CHECK (cents > -1)",
        "missing: constraint ck_entry_cents_positive on entry",
    ),
    (
        "ALTER TABLE entry DROP CONSTRAINT ck_entry_cents_positive,"
        " ADD CONSTRAINT ck_entry_cents_positive CHECK (cents > 0) NOT VALID",
        "missing: constraint ck_entry_cents_positive on entry",
    ),
    ("ALTER TABLE refund DROP CONSTRAINT uq_refund_key", "missing: constraint uq_refund_key on refund"),
    ("ALTER TABLE tender DROP CONSTRAINT fk_tender_payment_id", "missing: constraint fk_tender_payment_id on tender"),
    ("ALTER TABLE seal DROP CONSTRAINT pk_seal", "missing: constraint pk_seal on seal"),
    ("DROP INDEX uq_payment_one_live", "missing: index uq_payment_one_live"),
    (
        "DROP INDEX uq_payment_one_live; CREATE UNIQUE INDEX uq_payment_one_live ON payment (kind, ref_id)"
        " WHERE state = 'open'",
        "missing: index uq_payment_one_live",
    ),
    ("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'uq_payment_one_live'::regclass", "too much: index"),
    ("DROP TRIGGER refuse_change ON entry", "missing: trigger refuse_change on entry"),
    (
        "CREATE OR REPLACE TRIGGER refuse_change BEFORE UPDATE OF kind ON entry FOR EACH ROW"
        " EXECUTE FUNCTION refuse_change()",
        "missing: trigger refuse_change on entry",
    ),
    (
        "CREATE OR REPLACE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON entry FOR EACH ROW"
        " WHEN (old.cents = 1) EXECUTE FUNCTION refuse_change()",
        "missing: trigger refuse_change on entry",
    ),
    ("ALTER TABLE entry ALTER recorded_at DROP NOT NULL", "missing: column entry.recorded_at"),
    ("ALTER TABLE voucher ALTER version SET DEFAULT 7", "too much: column voucher.version"),
    ("ALTER TABLE lot ALTER balance TYPE numeric", "too much: column lot.balance"),
    ("ALTER TABLE lot ADD more int", "too much: column lot.more"),
    ("ALTER TABLE bank_line DROP COLUMN remittance", "missing: column bank_line.remittance"),
    ("DROP VIEW balance_part", "missing: view balance_part"),
    ("ALTER VIEW practice.outlet SET (security_invoker = true)", "too much: view practice.outlet"),
    (
        "ALTER TYPE procrastinate_job_status RENAME VALUE 'todo' TO 'done'",
        "missing: enumeration procrastinate_job_status",
    ),
    ("ALTER TABLE outbox SET UNLOGGED", "too much: table without a log outbox"),
    ("CREATE TABLE shadow () INHERITS (entry)", "too much: child shadow of entry"),
)


@pytest.mark.parametrize(("statement", "named"), PLANTED)
def test_what_was_changed_is_named(catalog: sa.Connection, statement: str, named: str) -> None:
    catalog.exec_driver_sql(statement)
    assert [line for line in structure.find_changes(catalog) if line.startswith(named)], structure.find_changes(catalog)


def test_a_view_that_says_something_else_is_named_however_it_is_spelt(catalog: sa.Connection) -> None:
    body = str(catalog.scalar(sa.text("SELECT pg_get_viewdef('practice.till'::regclass)"))).rstrip().rstrip(";")
    catalog.exec_driver_sql(f"CREATE OR REPLACE VIEW practice.till AS {body}")
    assert structure.find_changes(catalog) == []
    catalog.exec_driver_sql(f"CREATE OR REPLACE VIEW practice.till AS SELECT * FROM ({body}) x WHERE name <> ''")
    assert [line for line in structure.find_changes(catalog) if line.startswith("too much: view practice.till")]


def test_the_doctor_names_a_dropped_check(own_database: Flask) -> None:
    engine = sa.create_engine(driver_url(settings().database_url), poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE lot DROP CONSTRAINT ck_lot_held_within")
    assert [fault for fault in doctor.examine() if "ck_lot_held_within" in fault]
