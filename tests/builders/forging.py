"""A forger with every right: knows of the tables what the catalog says, and no table by its name."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg
from psycopg import sql

from money.ledger.chain import BrokenSeal

Owner = psycopg.Connection[Any]

TABLES = """
SELECT DISTINCT t.tgrelid::regclass::text FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
 WHERE p.proname = 'refuse_change' AND t.tgtype & 24 = 24 ORDER BY 1
"""
COLUMNS = """
SELECT a.attname AS name, format_type(a.atttypid, NULL) AS type, a.attidentity <> '' AS identity
  FROM pg_attribute a WHERE a.attrelid = CAST(%s AS regclass) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""
# What looks at the sense of a row; the forger's rows need not make sense.
LIMITS = """
SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname) FROM pg_constraint
 WHERE contype IN ('c', 'f') AND conrelid = CAST(%(table)s AS regclass)
 UNION ALL
SELECT format('DROP TRIGGER %%I ON %%s', t.tgname, t.tgrelid::regclass) FROM pg_trigger t
  JOIN pg_proc p ON p.oid = t.tgfoid
 WHERE t.tgrelid = CAST(%(table)s AS regclass) AND NOT t.tgisinternal
   AND p.proname NOT IN ('queue_row', 'refuse_change')
"""
# Values by type: some new one, and one that differs from what is there.
NEW = {
    "uuid": "gen_random_uuid()",
    "text": "'Text ' || n",
    "character": "'A' || mod(n, 10)",
    "smallint": "n",
    "integer": "n",
    "bigint": "n",
    "double precision": "n / 7.0",
    "bytea": "sha256(convert_to('x' || n, 'UTF8'))",
    "boolean": "mod(n, 2) = 0",
    "date": "date '2026-01-01' + n",
    "timestamp with time zone": "timestamptz '2026-01-01 12:00+01' + n * interval '1 minute'",
    "jsonb": "jsonb_build_object('n', n, 'text', E'a\\n\"b\\\\')",
    "text[]": "ARRAY['a', 'b' || n]",
    "uuid[]": "ARRAY[gen_random_uuid()]",
}
OTHER = {
    "uuid": "gen_random_uuid()",
    "text": "coalesce({c}, '') || 'x'",
    "character": "CASE WHEN {c} = 'USD' THEN 'EUR' ELSE 'USD' END",
    "smallint": "coalesce({c}, 0) + 1000",
    "integer": "coalesce({c}, 0) + 1000",
    "bigint": "coalesce({c}, 0) + 100000",
    "double precision": "coalesce({c}, 0) + 0.5",
    "bytea": "sha256(coalesce({c}, 'x'))",
    "boolean": "NOT coalesce({c}, false)",
    "date": "coalesce({c}, date '2026-01-01') + 4000",
    "timestamp with time zone": "coalesce({c}, now()) + interval '1 microsecond'",
    "jsonb": "coalesce({c}, '{{}}') || '{{\"forged\": null}}'",
    "text[]": "coalesce({c}, '{{}}') || 'x'::text",
    "uuid[]": "coalesce({c}, '{{}}') || gen_random_uuid()",
}


UUID_LENGTH = 36


@dataclass(frozen=True)
class Forged:
    """One row that was changed or deleted: what it said before, and says now."""

    table: str
    what: str
    before: str
    after: str

    def is_named_by(self, found: BrokenSeal) -> bool:
        """Whether a finding names what the row was or is: by digest, content, document, number or day."""
        if found.day:
            return self.before.startswith(f"({found.day.isoformat()}")
        if found.table == self.table:
            return found.row == self._digest() or self._begins(found.seal_no) or str(found.row) in self.after
        if found.table and found.row:  # of a seal that is gone: its document is sealed by none now
            return any(part in found.row for part in self.before.split(",") if len(part) == UUID_LENGTH)
        return str(found.journal_id) in self.before or self._begins(f"{found.stream},{found.seal_no}")

    def _digest(self) -> str:
        return hashlib.sha256(f"{self.table}{self.before.rstrip(',)')}".encode()).hexdigest()

    def _begins(self, key: object) -> bool:
        return self.before.startswith(f"({key},") or self.after.startswith(f"({key},")


def list_tables(owner: Owner) -> list[str]:
    """All append-only tables, as the catalog knows them."""
    return [row[0] for row in owner.execute(TABLES)]


def list_columns(owner: Owner, table: str) -> list[tuple[str, str, bool]]:
    """Name, type, and whether the database counts it by itself."""
    return [tuple(row) for row in owner.execute(COLUMNS, [table])]  # type: ignore[misc]


def count(owner: Owner, table: str) -> int:
    """Its rows."""
    return int(owner.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0])  # type: ignore[index,call-overload]


def lift_limits(owner: Owner, table: str) -> None:
    """Let a row say anything: no check, no other table, no trigger but those of the chain."""
    for (statement,) in owner.execute(LIMITS, {"table": table}).fetchall():
        owner.execute(statement)


def fill(owner: Owner, table: str, rows: int) -> None:
    """Write rows of any content; its ordinary triggers see them."""
    columns = [(name, NEW[kind]) for name, kind, identity in list_columns(owner, table) if not identity]
    names = ", ".join(f'"{name}"' for name, _value in columns)
    values = ", ".join(value for _name, value in columns)
    owner.execute(
        f'INSERT INTO "{table}" ({names}) SELECT {values} FROM generate_series(1, %s) AS n',  # type: ignore[call-overload]
        [rows],
    )


def free_numbers(owner: Owner, table: str) -> None:
    """Let the columns that the database counts by itself be changed like any other."""
    for name, _kind, identity in list_columns(owner, table):
        if identity:
            owner.execute(f'ALTER TABLE "{table}" ALTER COLUMN "{name}" DROP IDENTITY')  # type: ignore[call-overload]


def change(owner: Owner, table: str, column: tuple[str, str], row: tuple[str, str]) -> Forged:
    """Change one value of a row: `column` is its name and type."""
    (ctid, before), (name, kind) = row, column
    value = OTHER[kind].format(c=f'"{name}"')
    after = owner.execute(
        f'UPDATE "{table}" AS t SET "{name}" = {value} WHERE ctid = %s RETURNING t::text',  # type: ignore[call-overload]
        [ctid],
    ).fetchone()[0]
    assert after != before, f"{table}.{name} was not changed"
    return Forged(table, name, before, after)


def delete(owner: Owner, table: str, place: int) -> Forged:
    """Delete the row at a place; -1 is the newest."""
    ctid, before = list_rows(owner, table)[place]
    owner.execute(f'DELETE FROM "{table}" WHERE ctid = %s', [ctid])  # type: ignore[call-overload]
    return Forged(table, "deleted", before, before)


def swap(owner: Owner, table: str, places: tuple[int, int]) -> list[Forged]:
    """Let two rows change what they say, but for their keys."""
    key = {
        row[0]
        for row in owner.execute(
            "SELECT a.attname FROM pg_index i"
            " JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)"
            " WHERE i.indrelid = CAST(%s AS regclass) AND i.indisunique",
            [table],
        )
    }
    rest = [name for name, _kind, _identity in list_columns(owner, table) if name not in key]
    rows = [list_rows(owner, table)[place] for place in places]
    names = ", ".join(f'"{name}"' for name in rest)
    taken = ", ".join(f'x."{name}"' for name in rest)
    swapped = owner.execute(
        f'UPDATE "{table}" AS t SET ({names}) = (SELECT {taken} FROM "{table}" x'  # type: ignore[call-overload]
        " WHERE x.ctid = CASE WHEN t.ctid = %(a)s THEN %(b)s::tid ELSE %(a)s::tid END)"
        " WHERE ctid IN (%(a)s, %(b)s) RETURNING t::text",
        {"a": rows[0][0], "b": rows[1][0]},
    ).fetchall()
    after = [row[0] for row in swapped]
    return [Forged(table, "swapped", row[1], after[number]) for number, row in enumerate(rows)]


@contextmanager
def put_back(owner: Owner, tables: list[str]) -> Iterator[None]:
    """Write every row back as it was, in the order of before."""
    for table in tables:
        owner.execute(sql.SQL("CREATE TABLE saved_{0} AS TABLE {1}").format(sql.SQL(table), sql.Identifier(table)))
    try:
        yield
    finally:
        for table in tables:
            owner.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
            owner.execute(
                sql.SQL("INSERT INTO {0} SELECT * FROM saved_{1}").format(sql.Identifier(table), sql.SQL(table))
            )
            owner.execute(sql.SQL("DROP TABLE saved_{}").format(sql.SQL(table)))


def list_rows(owner: Owner, table: str) -> list[tuple[str, str]]:
    """Where each row lies and what it says, the oldest first."""
    query = f'SELECT ctid::text, t::text FROM "{table}" AS t ORDER BY ctid'
    return owner.execute(query).fetchall()  # type: ignore[call-overload,return-value]


def past_days(owner: Owner, days: int) -> date:
    """Move everything that is sealed back by some days, as far as the seals know. Gives the first day."""
    interval = f"{days} days"
    owner.execute("UPDATE seal SET sealed_at = sealed_at - %s::interval", [interval])
    owner.execute("UPDATE row_seal SET sealed_at = sealed_at - %s::interval", [interval])
    found = owner.execute("SELECT min((sealed_at AT TIME ZONE 'Europe/Berlin')::date) FROM seal").fetchone()
    assert found
    return found[0]  # type: ignore[no-any-return]
