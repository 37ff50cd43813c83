"""The sealer: numbers documents without gaps, chains their hashes and rolls balances up, after the fact.

Any number of sealers may run: the lock of a stream's head lets one at a time work on it. All work is done by one SQL
function per stream in a transaction of its own, so a killed sealer leaves nothing half done. Rows of append-only tables
that belong to no document are a stream by themselves (decision 0110).
"""

import random
from collections.abc import Callable

import sqlalchemy as sa

from foundation.database import call

STREAMS = 16
MAX_BATCH_DOCUMENTS = 500
MAX_BATCH_ROWS = 2000

after_seal: list[Callable[[], None]] = []  # what wants to know soon that something was sealed

BUSY = sa.text("SELECT DISTINCT stream FROM outbox")
SEAL = sa.text("SELECT seal_stream(CAST(:stream AS smallint), :limit)")
SEAL_ROWS = sa.text("SELECT CASE WHEN EXISTS (SELECT FROM row_queue) THEN seal_rows(:limit) ELSE 0 END")
CLOSE = sa.text("SELECT close_days()")


def seal_once(limit: int = MAX_BATCH_DOCUMENTS) -> int:
    """Seal at most `limit` waiting documents of each stream. Gives back how many; sees committed documents only."""
    streams = [row.stream for row in call(BUSY)]
    random.shuffle(streams)  # two sealers seldom meet at the same stream
    return sum(max(call(SEAL, stream=stream, limit=limit)[0][0], 0) for stream in streams)


def seal_rows_once(limit: int = MAX_BATCH_ROWS) -> int:
    """Seal at most `limit` waiting rows that belong to no document. Gives back how many."""
    return max(int(call(SEAL_ROWS, limit=limit)[0][0]), 0)


def seal_all() -> int:
    """Seal until no document and no row waits that can be sealed now. Gives back how many documents."""
    total = 0
    while count := seal_once():
        total += count
    while seal_rows_once():
        pass
    return total


def close_days() -> int:
    """Write the root of every finished day that has none yet. Gives back how many."""
    return int(call(CLOSE)[0][0])
