"""Recomputes every seal and every day's root from the rows, in Python: independent of the SQL that made them.

Whole: every document, every single row, every version. Incremental: from the seals of the last check on (`marks`),
which are trusted only under a code that the database does not know. Decision 0110.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from money.ledger import contents, walking
from money.ledger.marks import Mark
from money.ledger.models import DayRoot
from money.ledger.proof import open_snapshot
from money.ledger.published import PublishedRoot


@dataclass(frozen=True)
class BrokenSeal:
    """A seal or a root that does not fit what it seals, or a row that no seal knows."""

    reason: str
    stream: int | None = None
    seal_no: int | None = None
    journal_id: UUID | None = None
    day: date | None = None
    table: str | None = None
    row: str | None = None

    def __str__(self) -> str:
        if self.day:
            return f"Tag {self.day:%d.%m.%Y}: {self.reason}"
        if self.table:
            number = f", Siegel {self.seal_no}" if self.seal_no is not None else ""
            return f"Tabelle {self.table}{number}{f' ({self.row})' if self.row else ''}: {self.reason}"
        journal = f" (Beleg {self.journal_id})" if self.journal_id else ""
        return f"Strom {self.stream}, Siegel {self.seal_no}{journal}: {self.reason}"


@dataclass(frozen=True)
class ChainReport:
    """How many seals of documents, roots and single rows were recomputed, and all that is broken."""

    seals: int
    days: int
    broken: tuple[BrokenSeal, ...]
    rows: int = field(default=0, compare=False)
    height: int = field(default=0, compare=False)  # how many documents are sealed at all
    mark: Mark | None = field(default=None, compare=False)

    @property
    def ok(self) -> bool:
        return not self.broken


# What left the house, and what the caller holds of it, compared with the books of now. The room of roots adds itself.
Comparison = Callable[[Iterable[PublishedRoot]], list[tuple[date, str]]]
comparisons: list[Comparison] = []

_ROOT = "die Wurzel des Tages passt nicht zu den Siegeln"


def verify(since: Mark | None = None, held: Iterable[PublishedRoot] = ()) -> ChainReport:
    """Recompute everything, or with `since` what was sealed after that mark, in one snapshot.

    `held`: roots that the caller kept, compared like those that left the house on our side.
    """
    with open_snapshot() as connection:
        connection.execute(sa.text(contents.TEXT_SETTINGS))
        streams = walking.walk_streams(connection, since)
        rows = walking.walk_rows(connection, since)
        broken = [BrokenSeal(**found) for found in (*streams.broken, *rows.broken)]
        if since is None:
            broken += [BrokenSeal(**found) for found in contents.compare_all(connection)]
        else:
            broken += [BrokenSeal(**found) for found in contents.compare_fresh(connection, since)]
        roots = {row.day: (bytes(row.root), row.seals) for row in connection.execute(sa.select(DayRoot.__table__))}
        for day, root in sorted(roots.items()):
            if since is None:
                heads = walking.find_heads(streams, rows, day)
            elif since.day is None or day > since.day:
                heads = walking.load_heads(connection, day)
            else:
                continue
            if walking.make_root(heads) != root:
                broken.append(BrokenSeal(_ROOT, day=day))
    for compare in comparisons:
        broken += [BrokenSeal(reason, day=day) for day, reason in compare(held)]
    mark = None if broken else Mark(max(roots, default=None), streams.heads, rows.head)
    height = sum(number for number, _hash in streams.heads.values())
    return ChainReport(streams.seals, len(roots), tuple(broken), rows.seals, height, mark)
