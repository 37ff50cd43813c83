"""SQL text as files: one function a file, in the `sql` folder of the room whose tables it writes. Decision 0107.

The file is the present state. Migrations load files: the baseline all of them, a later migration those that it changes.
"""

import re
from pathlib import Path

import sqlalchemy as sa

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("foundation", "people", "money", "vouchers", "marketplace")
# The functions of which rooms are installed where. Stored value is there twice: live, and to practise with (0313).
SCHEMAS = {
    "public": (
        "foundation",
        "money/ledger",
        "money/payments",
        "money/bank",
        "vouchers/stored_value",
        "vouchers/network",
        "vouchers/approvals",
        "vouchers/moving",
        "marketplace/catalogue",
    ),
    "practice": ("vouchers/stored_value", "vouchers/practice"),
}
FUNCTION = re.compile(r"^CREATE OR REPLACE FUNCTION (\w+)", re.MULTILINE)
# The functions that neither an extension nor the job queue brought.
OURS = sa.text(
    "SELECT p.proname AS name, p.prosrc AS body, pg_get_functiondef(p.oid) AS whole FROM pg_proc p"
    " LEFT JOIN pg_depend d ON d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e'"
    " WHERE p.pronamespace = to_regnamespace(:schema) AND d.objid IS NULL"
    " AND NOT starts_with(p.proname, 'procrastinate')"
)
PATH = "SET search_path = pg_catalog, {schema}, pg_temp\n"


def sql_files(*rooms: str) -> list[Path]:
    """List the SQL files of some rooms (`money/ledger`), or of all, in the order of their paths."""
    folders = [ROOT / room / "sql" for room in rooms] or [p for name in PACKAGES for p in (ROOT / name).rglob("sql")]
    return sorted(file for folder in folders for file in folder.glob("*.sql"))


def functions(*rooms: str, schema: str = "public") -> dict[str, str]:
    """Read the functions of some rooms, or all of a schema: name and whole text. A view's file is left out."""
    texts = (file.read_text(encoding="utf-8") for file in sql_files(*(rooms or SCHEMAS[schema])))
    path = PATH.format(schema="public"), PATH.format(schema=schema)
    return {found[1]: text.replace(*path) for text in texts if (found := FUNCTION.search(text))}


def create_functions(connection: sa.Connection, *rooms: str, schema: str = "public") -> None:
    """Create the functions of rooms, or replace them. Bodies are checked when first called: they know each other."""
    connection.exec_driver_sql("SET LOCAL check_function_bodies = off")
    connection.exec_driver_sql(f"SET LOCAL search_path = {schema}, public")
    for text in functions(*rooms, schema=schema).values():
        _run(connection, text)
    connection.exec_driver_sql("SET LOCAL search_path = public")


def find_changed_bodies(connection: sa.Connection, schema: str) -> set[str]:
    """Name the functions of a schema that differ from their file by a letter, that have none, or that are missing."""
    files = functions(schema=schema)
    there = {row.name: row.body for row in connection.execute(OURS, {"schema": schema})}
    return (there.keys() ^ files.keys()) | {
        n for n in there.keys() & files.keys() if f"AS $${there[n]}$$;" not in files[n]
    }


def run_file(connection: sa.Connection, room: str, name: str) -> None:
    """Run one file: a view, or the one function that a migration changes. Its body is checked when first called."""
    connection.exec_driver_sql("SET LOCAL check_function_bodies = off")
    _run(connection, (ROOT / room / "sql" / f"{name}.sql").read_text(encoding="utf-8"))


def replace_stored_value(connection: sa.Connection, *names: str, role: str) -> None:
    """Make functions of the stored value anew from their files, in the books and to practise with (0313).

    They keep the rights that they had; new ones are open to nobody. `role`: the application's.
    """
    run = connection.exec_driver_sql
    run("SET LOCAL check_function_bodies = off")
    for schema, owner in (("public", None), ("practice", f"{role}_practice")):
        texts = functions("vouchers/stored_value", schema=schema)
        if owner:
            run(f'SET LOCAL ROLE "{owner}"')
        run(f"SET LOCAL search_path = {schema}, public")
        for name in names:
            _run(connection, texts[name])
            run(f"REVOKE ALL ON FUNCTION {schema}.{name} FROM PUBLIC")
    run("SET LOCAL search_path = public")
    run("RESET ROLE")


def replace_check(connection: sa.Connection, table: str, name: str, condition: str) -> None:
    """Let a check of a table (`ck_TABLE_NAME`) say something else."""
    full = f"ck_{table}_{name}"
    _run(connection, f"ALTER TABLE {table} DROP CONSTRAINT {full}, ADD CONSTRAINT {full} CHECK ({condition})")


def make_append_only(connection: sa.Connection, *tables: str, role: str, sealed: bool = True) -> None:
    """Let rows of these tables be written once: nobody changes or deletes one, not even the tables' owner.

    The sealer chains each new row (decision 0110), unless `sealed` is false: then its document covers it.
    """
    run = connection.exec_driver_sql
    refuse = "EXECUTE FUNCTION refuse_change()"
    for table in tables:
        run(f"CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW {refuse}")
        run(f"CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {refuse}")
        run(f'REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM "{role}"')
        if sealed:
            run(f"CREATE TRIGGER seal_row AFTER INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION queue_row()")


def drop_functions(connection: sa.Connection, room: str) -> None:
    """Drop the functions of a room that are there, with the triggers that call them."""
    for name in functions(room):
        connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {name} CASCADE")


def _run(connection: sa.Connection, text: str) -> None:
    connection.exec_driver_sql(text.replace("%", "%%"))
