"""The way along the seals: each hash follows from the one before, the numbers have no gap, the heads are the last ones.

What the seals seal is compared by `contents`.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from foundation.clock import berlin
from money.ledger.copying import read_copy
from money.ledger.marks import Head, Mark
from money.ledger.models import RowHead, StreamHead

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
GAP = "fehlt; die Zählung hat hier eine Lücke"
CHAIN = "passt nicht zum Siegel davor"
HEAD = "das Ende des Stroms passt nicht zum letzten Siegel"
MARK = "was vor der letzten Prüfung lag, ist neu geschrieben"
ROWS = "row_seal"

SEALS = """
SELECT stream, seal_no, concat('|', aggregate_id, '|', journal_id, '|', topic, '|'), row_hash,
       (extract(epoch FROM sealed_at) * 1000000)::bigint, encode(digest, 'hex'), journal_id::text
  FROM seal {where} ORDER BY stream, seal_no
"""
ROW_SEALS = """
SELECT seal_no, concat('|', table_name, '|', encode(digest, 'hex'), '|'), row_hash,
       (extract(epoch FROM sealed_at) * 1000000)::bigint, table_name
  FROM row_seal {where} ORDER BY seal_no
"""


LAST = """
SELECT h.stream::text AS name, l.seal_no, l.row_hash
  FROM stream_head h CROSS JOIN LATERAL (
       SELECT s.seal_no, s.row_hash FROM seal s
        WHERE s.stream = h.stream AND s.sealed_at < CAST(:end AS timestamp) AT TIME ZONE 'Europe/Berlin'
        ORDER BY s.seal_no DESC LIMIT 1) l
 UNION ALL
(SELECT 'rows', seal_no, row_hash FROM row_seal
  WHERE sealed_at < CAST(:end AS timestamp) AT TIME ZONE 'Europe/Berlin' ORDER BY seal_no DESC LIMIT 1)
"""


@dataclass
class StreamsWalked:
    """What the way along all streams of documents showed."""

    seals: int = 0
    heads: dict[int, Head] = field(default_factory=dict)
    ends: dict[int, dict[date, Head]] = field(default_factory=dict)  # the last seal of a day, by stream
    broken: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class RowsWalked:
    """What the way along the seals of single rows showed."""

    seals: int = 0
    head: Head = (0, b"")
    ends: dict[date, Head] = field(default_factory=dict)
    broken: list[dict[str, Any]] = field(default_factory=list)


def first_hash(name: str) -> bytes:
    """The hash before the first seal: of a stream by its number, of single rows."""
    return hashlib.sha256(name.encode()).digest()


def walk_streams(connection: Connection, since: Mark | None) -> StreamsWalked:
    """Walk along every stream of documents, from its beginning or from a mark."""
    walked = StreamsWalked()
    known = {row.stream: (row.last_seal, row.head_hash) for row in connection.execute(sa.select(StreamHead.__table__))}
    starts = {s: since.streams.get(s, _first(s)) if since else _first(s) for s in known}
    heads, made, days = dict(starts), {s: head[1] for s, head in starts.items()}, _Days()
    for stream, number, front, row_hash, at, digest, journal in _seals(connection, since):
        last_no, last_hash = heads.get(stream) or _first(stream)
        text = f"{stream}|{number}{front}{at}|{digest}".encode()
        recomputed = _hash(last_hash, text)
        if number != last_no + 1:
            walked.broken.append({"reason": GAP, "stream": stream, "seal_no": last_no + 1})
        elif row_hash != recomputed and not _follows(text, row_hash, made.get(stream)):
            place = {"stream": stream, "seal_no": number, "journal_id": UUID(journal)}
            walked.broken.append({"reason": CHAIN} | place)
        walked.seals += 1
        heads[stream], made[stream] = (number, row_hash), recomputed
        walked.ends.setdefault(stream, {})[days.of(at)] = heads[stream]
    for stream in sorted(heads):
        if known.get(stream) != heads[stream]:
            walked.broken.append({"reason": HEAD, "stream": stream, "seal_no": heads[stream][0]})
    walked.heads = heads
    walked.broken += _marks_moved(connection, since)
    return walked


def walk_rows(connection: Connection, since: Mark | None) -> RowsWalked:
    """Walk along the seals of single rows, from the first or from a mark."""
    walked, days = RowsWalked(), _Days()
    head = since.rows if since else (0, first_hash("rows"))
    made: bytes | None = head[1]
    where = f"WHERE seal_no > {head[0]}" if since else ""
    for number, front, row_hash, at, table in read_copy(connection, ROW_SEALS.format(where=where), ROW_TYPES):
        text = f"{number}{front}{at}".encode()
        recomputed = _hash(head[1], text)
        if number != head[0] + 1:
            walked.broken.append({"reason": GAP, "table": ROWS, "seal_no": head[0] + 1})
        elif row_hash != recomputed and not _follows(text, row_hash, made):
            walked.broken.append({"reason": CHAIN, "table": ROWS, "seal_no": number, "row": table})
        walked.seals += 1
        head, made = (number, row_hash), recomputed
        walked.ends[days.of(at)] = head
    stored = connection.execute(sa.select(RowHead.last_seal, RowHead.head_hash)).first()
    if stored is None or tuple(stored) != head:
        walked.broken.append({"reason": HEAD, "table": ROWS, "seal_no": stored[0] if stored else head[0]})
    walked.head = head
    return walked


def make_root(heads: dict[str, Head]) -> tuple[bytes, int]:
    """The root of a day from its last seals, by the name of the stream or `rows`; and how many documents that were."""
    lines = [f"{name}|{number}|{row_hash.hex()}" for name, (number, row_hash) in sorted(heads.items())]
    seals = sum(number for name, (number, _hash) in heads.items() if name != "rows")
    return hashlib.sha256("\n".join(lines).encode()).digest(), seals


def find_heads(streams: StreamsWalked, rows: RowsWalked, day: date) -> dict[str, Head]:
    """The last seals until the end of a day, from a way along all of them."""
    ends = {str(stream): found for stream, found in streams.ends.items()} | {"rows": rows.ends}
    heads = {name: [head for at, head in found.items() if at <= day] for name, found in ends.items()}
    return {name: max(found) for name, found in heads.items() if found}


def load_heads(connection: Connection, day: date) -> dict[str, Head]:
    """The same by asking for them: for the one day that ended since a mark."""
    end = {"end": day + timedelta(days=1)}
    return {row.name: (row.seal_no, bytes(row.row_hash)) for row in connection.execute(sa.text(LAST), end)}


class _Days:
    """The business day of an instant in microseconds; most follow one of the same day."""

    def __init__(self) -> None:
        self.begins = self.ends = 0
        self.day = date.min

    def of(self, microseconds: int) -> date:
        if not self.begins <= microseconds < self.ends:
            self.day = berlin(EPOCH + timedelta(microseconds=microseconds)).date()
            self.begins = microseconds // 3_600_000_000 * 3_600_000_000  # days begin at a full hour of UTC
            self.ends = self.begins + 3_600_000_000
        return self.day


SEAL_TYPES = ("int2", "int8", "text", "bytea", "int8", "text", "text")
ROW_TYPES = ("int8", "text", "bytea", "int8", "text")


def _hash(before: bytes, text: bytes) -> bytes:
    return hashlib.sha256(before + text).digest()


def _follows(text: bytes, row_hash: bytes, before: bytes | None) -> bool:
    """Whether a seal follows from the one before as that was made: a changed hash names itself alone."""
    return before is not None and row_hash == _hash(before, text)


def _first(stream: int) -> Head:
    return 0, first_hash(f"stream:{stream}")


def _seals(connection: Connection, since: Mark | None) -> Iterator[tuple[Any, ...]]:
    where = ""
    if since:
        where = "WHERE " + " OR ".join(
            f"stream = {stream} AND seal_no > {number}" for stream, (number, _hash) in since.streams.items()
        )
    return read_copy(connection, SEALS.format(where=where), SEAL_TYPES)


def _marks_moved(connection: Connection, since: Mark | None) -> list[dict[str, Any]]:
    """The seals at the mark are still what they were."""
    moved: list[dict[str, Any]] = []
    for stream, (number, value) in (since.streams if since else {}).items():
        found = connection.scalar(
            sa.text("SELECT row_hash FROM seal WHERE stream = :s AND seal_no = :n"), {"s": stream, "n": number}
        )
        if number and (found is None or bytes(found) != value):
            moved.append({"reason": MARK, "stream": stream, "seal_no": number})
    return moved
