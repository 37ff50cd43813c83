"""The proof of the books: queries each of which must return no row, at any time, also under load.

Every package adds its own. All run in one read-only snapshot, so that they see the same moment. A proof is whole, or it
goes on from an earlier one that found nothing: then the queries over the large tables look at what was written since,
and all others at everything. Decision 0115.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from foundation.clock import now
from foundation.database import db
from money.ledger import changes
from money.ledger.marks import Position

MAX_ROWS = 50
# Sorts and hashes of a million rows stay in memory, and one process builds each once.
FAST = sa.text("SET LOCAL work_mem = '128MB'; SET LOCAL jit = off; SET LOCAL max_parallel_workers_per_gather = 0")
COUNT_SEALED = sa.text("SELECT coalesce(sum(last_seal), 0) FROM stream_head")


@dataclass(frozen=True)
class ProofQuery:
    """One sentence that must be true, and the SQL that returns what contradicts it; ages are taken at `:present`.

    `fresh` asks the same of what changed (`changes.Changes`) and is as sure there; None: the whole is cheap enough.
    """

    code: str
    sentence: str
    sql: str
    fresh: str | None = None


@dataclass(frozen=True)
class ProofResult:
    """What a query returned: at most `MAX_ROWS` rows; none is right."""

    code: str
    sentence: str
    rows: tuple[dict[str, Any], ...]

    @property
    def ok(self) -> bool:
        return not self.rows


Finding = ProofResult  # a result with rows


@dataclass(frozen=True)
class Examination:
    """A proof: how many documents were sealed then, one result a query, and how far it reaches.

    `changed`: at how many things it looked; None when it was whole. `position`: from where the next one goes on.
    """

    seals: int
    results: list[ProofResult]
    position: Position
    changed: int | None = None

    @property
    def findings(self) -> list[Finding]:
        return [result for result in self.results if not result.ok]


_queries: dict[str, ProofQuery] = {}


PER_AGGREGATE = "each thing by itself"  # `fresh`: the same query, which then sees only the things that changed


def add(code: str, sentence: str, sql: str, *, fresh: str | None = None) -> None:
    """Add a query. The sentence says in German what is true when it returns no row. One code has one query."""
    query = ProofQuery(code, sentence, sql, fresh)
    if _queries.setdefault(code, query) != query:
        raise ValueError(f"two different queries are called {code}")


def list_queries() -> list[ProofQuery]:
    """List all queries of all packages, sorted by their codes."""
    return [_queries[code] for code in sorted(_queries)]


@contextmanager
def open_snapshot() -> Iterator[Connection]:
    """A connection of its own that sees one moment and can change nothing."""
    with db.engine.connect() as raw:
        connection = raw.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with connection.begin():
            yield connection


def examine(since: Position | None = None) -> Examination:
    """Run all queries in one snapshot: whole, or (`since`) on what was written after an earlier proof.

    Whole nevertheless where so much was written, or another database, that the position says nothing.
    """
    with open_snapshot() as connection:
        connection.execute(FAST)
        sealed_count = int(connection.scalar(COUNT_SEALED) or 0)
        position = changes.find_position(connection)
        changed = changes.find_changes(connection, since) if since else None
        results = [_ask(connection, query, changed) for query in list_queries()]
        return Examination(sealed_count, results, position, len(changed.aggregates) if changed else None)


def prove() -> list[Finding]:
    """All findings of the whole proof; empty when the books are right."""
    return examine().findings


def _ask(connection: Connection, query: ProofQuery, changed: changes.Changes | None) -> ProofResult:
    sql, values = query.sql, {"present": now()}
    if changed and query.fresh:
        sql = changes.narrow(query.sql) if query.fresh == PER_AGGREGATE else query.fresh
        values |= changed.parameters
    found = connection.execute(sa.text(sql), values).mappings().fetchmany(MAX_ROWS)
    return ProofResult(query.code, query.sentence, tuple(dict(row) for row in found))
