"""Recomputes every seal and every day's root from the entries, in Python: independent of the SQL that made them."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from foundation.clock import berlin
from money.ledger.models import DayRoot, Entry, Seal, StreamHead
from money.ledger.proof import open_snapshot

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Head = tuple[int, bytes]


@dataclass(frozen=True)
class BrokenSeal:
    """A seal or a root that does not fit what it seals."""

    reason: str
    stream: int | None = None
    seal_no: int | None = None
    journal_id: UUID | None = None
    day: date | None = None

    def __str__(self) -> str:
        if self.day:
            return f"Tag {self.day:%d.%m.%Y}: {self.reason}"
        journal = f" (Beleg {self.journal_id})" if self.journal_id else ""
        return f"Strom {self.stream}, Siegel {self.seal_no}{journal}: {self.reason}"


@dataclass(frozen=True)
class ChainReport:
    """How many seals and roots were recomputed, and what is broken: per stream the first seal, then the days."""

    seals: int
    days: int
    broken: tuple[BrokenSeal, ...]

    @property
    def ok(self) -> bool:
        return not self.broken


def verify() -> ChainReport:
    """Recompute every seal and every root of a day, in one snapshot."""
    with open_snapshot() as connection:
        heads = {row.stream: row for row in connection.execute(sa.select(*StreamHead.__table__.columns))}
        seals, broken = 0, []
        ends: dict[int, dict[date, Head]] = {}
        for stream, rows in groupby(_rows(connection), key=lambda row: int(row.stream)):
            walk = _Walk(stream, heads.pop(stream, None))
            walk.through(rows)
            seals += walk.seals
            broken += walk.broken
            ends[stream] = walk.ends
        for stream, head in heads.items():
            walk = _Walk(stream, head)
            walk.finish()
            broken += walk.broken
        roots = connection.execute(sa.select(*DayRoot.__table__.columns).order_by(DayRoot.day)).all()
    if not broken:  # a root over a broken stream would only repeat it
        broken += [BrokenSeal(_ROOT, day=row.day) for row in roots if _root(ends, row.day) != row.root]
    return ChainReport(seals, len(roots), tuple(broken))


_GAP = "fehlt; die Zählung hat hier eine Lücke"
_GONE = "seine Buchungen fehlen"
_CHANGED = "passt nicht zu seinen Buchungen oder zum Siegel davor"
_HEAD = "das Ende des Stroms passt nicht zum letzten Siegel"
_ROOT = "die Wurzel des Tages passt nicht zu den Siegeln"


class _Walk:
    """The way through one stream from its first seal; stops judging at the first broken one."""

    def __init__(self, stream: int, head: Row[Any] | None) -> None:
        self.stream, self.head = stream, head
        self.last_no, self.last_hash = 0, hashlib.sha256(f"stream:{stream}".encode()).digest()
        self.seals = 0
        self.broken: list[BrokenSeal] = []
        self.ends: dict[date, Head] = {}

    def through(self, rows: Iterator[Row[Any]]) -> None:
        for _number, group in groupby(rows, key=lambda row: row.seal_no):
            lines = list(group)
            self.seals += 1
            if not self.broken:
                self._step(lines[0], [_line(line) for line in lines if line.line_no is not None])
        self.finish()

    def finish(self) -> None:
        fits = self.head and (self.head.last_seal, self.head.head_hash) == (self.last_no, self.last_hash)
        if not fits and not self.broken:
            self.broken.append(BrokenSeal(_HEAD, self.stream, self.last_no))

    def _step(self, seal: Row[Any], lines: list[str]) -> None:
        if seal.seal_no != self.last_no + 1:
            self.broken.append(BrokenSeal(_GAP, self.stream, self.last_no + 1))
            return
        front = (seal.stream, seal.seal_no, seal.aggregate_id, seal.journal_id, seal.topic, _instant(seal.sealed_at))
        text = "|".join(map(str, front)) + "\n" + "\n".join(lines)
        self.last_hash = hashlib.sha256(self.last_hash + text.encode()).digest()
        self.last_no = seal.seal_no
        if self.last_hash != seal.row_hash:
            self.broken.append(BrokenSeal(_CHANGED if lines else _GONE, self.stream, seal.seal_no, seal.journal_id))
        self.ends[berlin(seal.sealed_at).date()] = (self.last_no, self.last_hash)


def _rows(connection: Connection) -> Iterator[Row[Any]]:
    line = Entry.__table__.c
    query = (
        sa.select(*Seal.__table__.columns, *(c for c in line if c.name not in {"aggregate_id", "journal_id"}))
        .outerjoin(Entry, sa.and_(Entry.aggregate_id == Seal.aggregate_id, Entry.journal_id == Seal.journal_id))
        .order_by(Seal.stream, Seal.seal_no, Entry.line_no)
    )
    yield from connection.execution_options(yield_per=2000).execute(query)


def _instant(value: datetime) -> int:
    return (value - EPOCH) // timedelta(microseconds=1)


def _line(row: Row[Any]) -> str:
    parts = (
        row.line_no,
        row.ledger_id,
        row.kind,
        row.booked_on.isoformat(),
        _instant(row.recorded_at),
        row.debit_account,
        row.debit_party,
        row.credit_account,
        row.credit_party,
        row.cents,
        row.currency,
        row.programme_id,
        row.reverses,
    )
    return "|".join("" if part is None else str(part) for part in parts)


def _root(ends: dict[int, dict[date, Head]], day: date) -> bytes:
    lines = []
    for stream in sorted(ends):
        heads = [head for at, head in ends[stream].items() if at <= day]
        if heads:
            number, row_hash = max(heads)
            lines.append(f"{stream}|{number}|{row_hash.hex()}")
    return hashlib.sha256("\n".join(lines).encode()).digest()
