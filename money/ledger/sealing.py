"""The sealer: numbers documents without gaps, chains their hashes and rolls balances up, after the fact.

Any number of sealers may run: the lock of a stream's head lets one at a time work on it. All work is done by one SQL
function per stream in a transaction of its own, so a killed sealer leaves nothing half done.
"""

import random
from collections.abc import Callable

import sqlalchemy as sa

from foundation.database import call

STREAMS = 16
MAX_BATCH_DOCUMENTS = 500

after_seal: list[Callable[[], None]] = []  # what wants to know soon that something was sealed

BUSY = sa.text("SELECT DISTINCT stream FROM outbox")
SEAL = sa.text("SELECT seal_stream(CAST(:stream AS smallint), :limit)")
CLOSE = sa.text("SELECT close_days()")


def seal_once(limit: int = MAX_BATCH_DOCUMENTS) -> int:
    """Seal at most `limit` waiting documents of each stream. Gives back how many; sees committed documents only."""
    streams = [row.stream for row in call(BUSY)]
    random.shuffle(streams)  # two sealers seldom meet at the same stream
    return sum(max(call(SEAL, stream=stream, limit=limit)[0][0], 0) for stream in streams)


def seal_all() -> int:
    """Seal until no document waits that can be sealed now."""
    total = 0
    while count := seal_once():
        total += count
    return total


def close_days() -> int:
    """Write the root of every finished day that has none yet. Gives back how many."""
    return int(call(CLOSE)[0][0])
