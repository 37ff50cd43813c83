"""What was written since a proof: the things, parties and days whose rows are newer than its snapshot. Decision 0115.

A row is new when the transaction that wrote it (`xmin`, kept by PostgreSQL itself) was not over in that snapshot: no
clock and no column decides, an update counts like a new row, and what nobody queued or sealed counts too. What was only
deleted leaves no row: the whole proof finds it.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from money.ledger.marks import Position
from money.ledger.models import NOBODY

MAX_CHANGED = 100_000  # things; more are proven faster whole
XID_BITS = 32

POSITION = sa.text("""
SELECT s.system_identifier || '/' || d.oid AS database, pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS xmin
  FROM pg_control_system() s, pg_database d WHERE d.datname = current_database()
""")
AGE = sa.text("SELECT age(CAST(CAST(:xid AS text) AS xid))")
# Documents that are new, or were sealed: by their key, since the planner cannot know that they are few.
DOCUMENTS = """
WITH moved AS MATERIALIZED (
  SELECT aggregate_id, journal_id FROM seal WHERE age(xmin) <= :age
   UNION SELECT aggregate_id, journal_id FROM entry WHERE age(xmin) <= :age)
SELECT e.* FROM moved m CROSS JOIN LATERAL (
       SELECT * FROM entry n WHERE n.aggregate_id = m.aggregate_id AND n.journal_id = m.journal_id OFFSET 0) e
"""
PARTIES = f"""
SELECT DISTINCT s.party FROM ({DOCUMENTS}) e
 CROSS JOIN LATERAL (VALUES (e.debit_account, e.debit_party), (e.credit_account, e.credit_party)) AS s (account, party)
 WHERE s.party IS NOT NULL AND s.account <> 'KR'
 UNION
SELECT party FROM balance_rollup WHERE age(xmin) <= :age AND account <> 'KR' AND party <> '{NOBODY}'
"""  # noqa: S608 constants
DAYS = f"""
SELECT DISTINCT booked_on FROM ({DOCUMENTS}) e UNION SELECT booked_on FROM daily_rollup WHERE age(xmin) <= :age
"""  # noqa: S608 a constant
VOUCHERS = f"""
SELECT s.party FROM ({DOCUMENTS}) e
 CROSS JOIN LATERAL (VALUES (e.debit_account, e.debit_party), (e.credit_account, e.credit_party)) AS s (account, party)
 WHERE s.account IN ('VL', 'VB', 'VE', 'VH') AND s.party IS NOT NULL
"""  # noqa: S608 a constant

_watched: dict[str, str] = {}
_links: list[str] = []


@dataclass(frozen=True)
class Changes:
    """What was written to: things with documents (vouchers, payments, receipts), parties of accounts, days."""

    aggregates: list[UUID]
    parties: list[UUID]
    days: list[date]

    @property
    def parameters(self) -> dict[str, Any]:
        return {"aggregates": self.aggregates, "parties": self.parties, "days": self.days}


def watch(table: str, column: str) -> None:
    """Say that a row of a table belongs to the thing whose id stands in the column: a new row makes us look at it."""
    if _watched.setdefault(table, column) != column:
        raise ValueError(f"{table} is watched by another column")


def link(sql: str) -> None:
    """Add a query that finds what can be judged only together with the things `:ids`, such as a voucher's successor."""
    if sql not in _links:
        _links.append(sql)


def find_position(connection: Connection) -> Position:
    """Find where the snapshot of this connection ends."""
    row = connection.execute(POSITION).one()
    return Position(row.database, row.xmin)


def find_changes(connection: Connection, since: Position) -> Changes | None:
    """Find what was written after a position. None where that says nothing: too much, or another database."""
    present = find_position(connection)
    if since.database != present.database or since.xmin > present.xmin:
        return None
    age = {"age": connection.scalar(AGE, {"xid": since.xmin % 2**XID_BITS})}
    newer = [f"SELECT {column} FROM {table} WHERE age(xmin) <= :age" for table, column in sorted(_watched.items())]  # noqa: S608
    found = set(connection.scalars(sa.text(" UNION ".join([*newer, VOUCHERS])), age))
    fresh = found
    while fresh and len(found) <= MAX_CHANGED:
        linked = {one for sql in _links for one in connection.scalars(sa.text(sql), {"ids": list(fresh)})}
        fresh = linked - found
        found |= fresh
    if len(found) > MAX_CHANGED:
        return None
    parties, days = (list(connection.scalars(sa.text(sql), age)) for sql in (PARTIES, DAYS))
    return Changes(list(found), parties, days)


def narrow(sql: str) -> str:
    """Let a query see of every watched table only the rows of things that changed: under the tables' own names."""
    seen = [
        f"{table} AS (SELECT * FROM public.{table} WHERE {column} = ANY (CAST(:aggregates AS uuid[])))"  # noqa: S608
        for table, column in sorted(_watched.items())
    ]
    return f"WITH {', '.join(seen)} SELECT * FROM ({sql}) found"  # noqa: S608 tables and queries of our own
