"""Reads many rows fast: by COPY in its binary form, a row at a time, without holding them."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy.engine import Connection


def read_copy(connection: Connection, query: str, types: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """Read what a query without parameters gives. `types` are PostgreSQL's names of its columns' types; `bytea` for a
    text gives its bytes."""
    cursor = connection.connection.cursor()
    with cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT BINARY)") as copied:
        copied.set_types(types)
        yield from copied.rows()
