"""The proof of the books: queries each of which must return no row, at any time, also under load.

Every package adds its own. All run in one read-only snapshot, so that they see the same moment.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from foundation.clock import now
from foundation.database import db

MAX_ROWS = 50
COUNT_SEALED = sa.text("SELECT coalesce(sum(last_seal), 0) FROM stream_head")


@dataclass(frozen=True)
class ProofQuery:
    """One sentence that must be true, and the SQL that returns what contradicts it; ages are taken at `:present`."""

    code: str
    sentence: str
    sql: str


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

_queries: dict[str, ProofQuery] = {}


def add(code: str, sentence: str, sql: str) -> None:
    """Add a query. The sentence says in German what is true when it returns no row. One code has one query."""
    query = ProofQuery(code, sentence, sql)
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


def examine() -> tuple[int, list[ProofResult]]:
    """Run all queries in one snapshot. Gives back how many documents were sealed then, and one result a query."""
    with open_snapshot() as connection:
        sealed_count = int(connection.scalar(COUNT_SEALED) or 0)
        return sealed_count, [_ask(connection, query) for query in list_queries()]


def prove() -> list[Finding]:
    """All findings; empty when the books are right."""
    return [result for result in examine()[1] if not result.ok]


def _ask(connection: Connection, query: ProofQuery) -> ProofResult:
    found = connection.execute(sa.text(query.sql), {"present": now()}).mappings().fetchmany(MAX_ROWS)
    return ProofResult(query.code, query.sentence, tuple(dict(row) for row in found))
