"""Models and migrations agree, both ways round, and the limited role cannot touch the books."""

import re

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import visitors

from foundation.config import settings
from foundation.database import db, driver_url, session
from foundation.schema import OURS, ROOT, SCHEMAS, find_changed_bodies, functions, sql_files
from money.ledger.plan import AccountKind

APPEND_ONLY = (
    "entry",
    "seal",
    "row_seal",
    "row_version",
    "balance_root",
    "root_copy",
    "day_root",
    "audit_record",
    "voucher_operation",
    "operation_part",
    "price_change",
    "payment_event",
    "period_closing",
    "day_closing",
    "day_figure",
    "provider_call_event",
    "order_event",
    "check_run",
    "voucher_terms",
    "sale_event",
    "webhook_message",
    "webhook_attempt",
    "bank_line",
    "bank_receipt",
    "bank_statement",
    "bank_placement",
    "charter",
    "gate_record",
    "programme_terms",
    "trust_account",
    "issuer_settlement",
    "hand_over",
    "missed_redemption",
    "till_key",
    "moved_code",
    "moved_sum",
    "support_lookup",
    "withdrawal",
    "payment_loss",
    "payment_loss_return",
    "claim_move",
    "dispute_move",
    "provider_line",
    "provider_line_booking",
    "provider_report",
)
NOT_OURS = ("procrastinate", "alembic_version")


def owner() -> sa.Engine:
    return sa.create_engine(driver_url(settings().database_url), poolclass=sa.NullPool)


def differences() -> list[object]:
    def ours(thing: object, name: str | None, kind: str, reflected: bool, other: object) -> bool:
        table = getattr(getattr(thing, "table", thing), "name", name) or ""
        return not str(table).startswith(NOT_OURS)

    with owner().connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": ours})
        return list(compare_metadata(context, db.metadata))


@pytest.mark.filterwarnings("ignore:Expression #")
def test_models_and_migrations_agree(context: Flask) -> None:
    assert differences() == []


CHECKS = sa.text(
    "SELECT c.relname, k.conname, pg_get_constraintdef(k.oid) FROM pg_constraint k"
    " JOIN pg_class c ON c.oid = k.conrelid"
    " WHERE k.contype = 'c' AND c.relnamespace = CAST(:schema AS regnamespace) AND c.relname = ANY (:tables)"
)


def add_check(connection: sa.Connection, table: sa.Table, check: sa.CheckConstraint) -> None:
    """Add a check of the models to the copy of its table. Members of an enumeration are written as text."""

    def as_text(value: sa.BindParameter[str]) -> None:
        if isinstance(value.type, sa.types.NullType):
            value.type = sa.Text()

    condition = visitors.cloned_traverse(check.sqltext, {}, {"bindparam": as_text})
    text = condition.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True})
    added = f'ALTER TABLE "{table.name}" ADD CONSTRAINT "{check.name}" CHECK ({text})'
    connection.exec_driver_sql(added.replace("%", "%%"))


def read_checks(connection: sa.Connection, schema: str) -> set[tuple[str, ...]]:
    """Read the checks of our tables as PostgreSQL says them, the values of a list in the order of the alphabet."""
    rows = connection.execute(CHECKS, {"schema": schema, "tables": [t.name for t in db.metadata.sorted_tables]})
    in_order = re.compile(r"(?<=ARRAY\[)[^]]+")
    return {
        (table, name, in_order.sub(lambda found: ", ".join(sorted(found[0].split(", "))), said))
        for table, name, said in rows
    }


def find_checks_that_differ() -> set[str]:
    """Name the checks that models and migrations do not have alike. Alembic compares none of them."""
    with owner().connect() as connection:
        for table in db.metadata.sorted_tables:
            connection.exec_driver_sql(f'CREATE TEMP TABLE "{table.name}" (LIKE public."{table.name}")')
            for check in table.constraints:
                if isinstance(check, sa.CheckConstraint):
                    add_check(connection, table, check)
        schema = connection.scalar(sa.text("SELECT CAST(pg_my_temp_schema() AS regnamespace)"))
        different = read_checks(connection, str(schema)) ^ read_checks(connection, "public")
        connection.rollback()
    return {name for _table, name, _said in different}


def test_checks_of_models_and_migrations_agree(context: Flask) -> None:
    """A new member of an enumeration needs its migration, and a limit stands in both.

    Its control: a member that no migration knows is found.
    """
    assert find_checks_that_differ() == set()
    table = db.metadata.tables["account"]
    known = next(check for check in table.constraints if str(check.name).endswith("kind_known"))
    wider = sa.CheckConstraint(sa.column("kind").in_([*AccountKind, "shells"]), name="kind_known")
    table.constraints.remove(known)
    table.append_constraint(wider)
    try:
        assert find_checks_that_differ() == {"ck_account_kind_known"}
    finally:
        table.constraints.remove(wider)
        table.constraints.add(known)


# What lies in the schema and belongs to no extension; a table's rows are a type too.
LEFT = sa.text(
    "SELECT name FROM (SELECT oid, relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace"
    " UNION ALL SELECT oid, proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
    " UNION ALL SELECT oid, typname FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typcategory <> 'A'"
    " UNION ALL SELECT oid, cfgname FROM pg_ts_config WHERE cfgnamespace = 'public'::regnamespace) there"
    " WHERE name !~ '^_?alembic_version'"
    " AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = there.oid AND d.deptype = 'e')"
    " UNION ALL SELECT nspname FROM pg_namespace WHERE nspname = 'practice'"
)


def test_migrations_go_down_and_up_again(own_database: Flask) -> None:
    session.remove()
    downgrade(revision="base")
    with owner().connect() as connection:
        assert connection.scalars(LEFT).all() == []
    upgrade()
    session.remove()
    assert session.scalar(sa.text("SELECT count(*) FROM municipality")) == 66
    assert differences() == []


@pytest.mark.parametrize("revision", ["0020", "0009"])  # before the baseline, 0009 was another one
def test_a_database_of_other_migrations_is_refused(
    own_database: Flask, caplog: pytest.LogCaptureFixture, revision: str
) -> None:
    session.remove()
    with owner().begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = :found"), {"found": revision})
    with pytest.raises(SystemExit):
        upgrade()
    assert f"made by migration {revision}," in caplog.text
    assert "make demo RESET=1" in caplog.text
    with owner().begin() as connection:
        assert connection.scalar(sa.text("SELECT version_num FROM alembic_version")) == revision


def changed_functions(connection: sa.Connection, schema: str) -> set[str]:
    """The functions that are not, letter by letter, what their files say. Runs the files; roll back afterwards."""
    files = functions(schema=schema)
    before = connection.execute(OURS, {"schema": schema}).all()
    changed = find_changed_bodies(connection, schema)
    connection.exec_driver_sql(f"SET LOCAL search_path = {schema}, public")
    for text in files.values():
        connection.exec_driver_sql(text.replace("%", "%%"))
    connection.exec_driver_sql("SET LOCAL search_path = public")
    after = {(row.name, row.whole) for row in connection.execute(OURS, {"schema": schema})}
    connection.exec_driver_sql("SET LOCAL search_path = public")
    return changed | {name for name, _whole in after ^ {(row.name, row.whole) for row in before}}


@pytest.mark.parametrize("schema", SCHEMAS)
def test_functions_are_what_their_files_say(context: Flask, schema: str) -> None:
    """Its control: a function with another body, one with another right, and one without a file are found."""
    with owner().connect() as connection:
        assert changed_functions(connection, schema) == set()
        connection.rollback()
        body = functions(schema=schema)["voucher_booking_day"].replace("Europe/Berlin", "UTC")
        connection.exec_driver_sql(f"SET LOCAL search_path = {schema}, public")
        connection.exec_driver_sql(body)
        connection.exec_driver_sql("ALTER FUNCTION voucher_hold SECURITY INVOKER")
        connection.exec_driver_sql("CREATE FUNCTION voucher_give() RETURNS int LANGUAGE sql AS 'SELECT 1'")
        connection.exec_driver_sql("SET LOCAL search_path = public")
        assert changed_functions(connection, schema) == {"voucher_booking_day", "voucher_hold", "voucher_give"}
        connection.rollback()


@pytest.mark.parametrize("schema", SCHEMAS)
def test_no_function_is_open_to_everybody_or_finds_tables_where_others_may_put_them(
    context: Flask, schema: str
) -> None:
    ours = "SELECT proname FROM pg_proc WHERE pronamespace = to_regnamespace(:schema) AND proname = ANY (:ours) AND "
    everybody = sa.text(ours + "has_function_privilege('public', oid, 'EXECUTE')")
    loose = sa.text(ours + "prosecdef AND proconfig IS DISTINCT FROM CAST(:path AS text[])")
    values = {"schema": schema, "ours": list(functions(schema=schema))}
    path = f'{{"search_path=pg_catalog, {schema}, pg_temp"}}'
    with owner().connect() as connection:
        assert connection.execute(everybody, values).all() == []
        assert connection.execute(loose, values | {"path": path}).all() == []


def test_every_room_with_functions_is_installed_somewhere() -> None:
    rooms = {file.parent.parent.relative_to(ROOT).as_posix() for file in sql_files()}
    assert rooms == {room for installed in SCHEMAS.values() for room in installed}


def test_tables_to_practise_with_are_those_of_stored_value(context: Flask) -> None:
    columns = (
        "SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns"
        " WHERE table_schema = :schema AND table_name = ANY (:tables)"
    )
    tables = ["voucher", "lot", "voucher_operation", "operation_part", "missed_redemption", "till_key", "pin_decoy"]
    live, practice = (
        {tuple(row) for row in session.execute(sa.text(columns), {"schema": schema, "tables": tables})}
        for schema in SCHEMAS
    )
    assert live == practice
    assert len({row[0] for row in live}) == len(tables)


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_the_application_can_neither_change_nor_delete(context: Flask, table: str) -> None:
    column = session.execute(
        sa.text("SELECT column_name FROM information_schema.columns WHERE table_name = :t LIMIT 1"), {"t": table}
    ).scalar_one()
    for statement in (f'UPDATE {table} SET "{column}" = "{column}"', f"DELETE FROM {table}", f"TRUNCATE {table}"):
        with pytest.raises(DBAPIError) as refused:
            session.execute(sa.text(statement))
        session.rollback()
        assert "permission denied" in str(refused.value) or "append-only" in str(refused.value)


def test_every_table_that_refuses_changes_is_listed_here(context: Flask) -> None:
    guarded = "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'refuse_change'"
    assert set(session.scalars(sa.text(guarded))) == set(APPEND_ONLY)


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_even_the_owner_is_stopped_by_a_trigger(context: Flask, table: str) -> None:
    """Nothing is committed: were it not refused, other tests would keep their rows."""
    with owner().connect() as connection:
        found = connection.scalar(
            sa.text(
                "SELECT count(*) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
                " WHERE c.relname = :t AND t.tgname IN ('refuse_change', 'refuse_truncate') AND t.tgenabled = 'O'"
            ),
            {"t": table},
        )
        with pytest.raises(DBAPIError):
            connection.execute(sa.text(f"TRUNCATE {table} CASCADE"))
    assert found == 2


def test_entries_are_written_by_functions_alone(context: Flask) -> None:
    for table in ("entry", "seal", "voucher_operation", "operation_part"):
        assert not session.scalar(sa.text("SELECT has_table_privilege(current_user, :t, 'INSERT')"), {"t": table})
