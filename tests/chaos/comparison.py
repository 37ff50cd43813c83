"""The clients' journal beside the books: what was acknowledged is there once, with its cents, and nothing else is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import psycopg

OPERATIONS = (
    "SELECT coalesce(k.key, 'without a key: ' || o.id), o.kind, o.cents"
    " FROM voucher_operation o LEFT JOIN till_key k ON k.operation_id = o.id"
    " WHERE o.outcome = 'done' AND o.recorded_at > %s"
    " AND o.kind IN ('redeem', 'hold', 'capture', 'release', 'void', 'refund')"
    " AND NOT (k.key IS NULL AND o.kind = 'release' AND EXISTS ("  # what a capture of a part leaves is free again
    "  SELECT 1 FROM voucher_operation c WHERE c.ref_id = o.ref_id AND c.kind = 'capture' AND c.outcome = 'done'))"
)
SALES = (
    "SELECT buyer_email, count(*), sum(cents) FROM voucher_sale"
    " WHERE voucher_id IS NOT NULL AND buyer_email = ANY(%s) GROUP BY 1"
)


@dataclass(frozen=True)
class Booked:
    """What the books hold under a key: its kind, its cents, how often."""

    kind: str
    cents: int
    times: int = 1


@dataclass
class Differences:
    """Keys by what is wrong with them. Nothing is the only right answer."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unasked: list[str] = field(default_factory=list)

    def count(self) -> dict[str, int]:
        """Count each kind."""
        return {name: len(keys) for name, keys in vars(self).items()}


def compare(journal: Iterable[Mapping[str, Any]], books: Mapping[str, Booked]) -> Differences:
    """Compare what was asked and acknowledged with what is booked."""
    found, asked, done = Differences(), set(), {}
    for line in journal:
        asked.add(line["key"])
        if line.get("done"):
            done[line["key"]] = line
    for key, line in done.items():
        booked = books.get(key)
        if booked is None:
            found.lost.append(key)
        elif booked.times != 1:
            found.doubled.append(key)
        elif (line["kind"], cents_of(line)) != (booked.kind, booked.cents):
            found.changed.append(f"{key}: {line} is {booked}")
    found.unasked = [key for key in books if key not in asked]
    return found


def cents_of(line: Mapping[str, Any]) -> int:
    """The cents that an answer named."""
    return int(line["answer"]["amount_cents"])


def read_books(owner: psycopg.Connection[Any], since: object, buyers: list[str]) -> dict[str, Booked]:
    """Read what stands under every key since then, and what these buyers' paid vouchers come to."""
    books: dict[str, Booked] = {}
    for key, kind, cents in owner.execute(OPERATIONS, [since]):
        books[key] = Booked(kind, abs(cents), books[key].times + 1 if key in books else 1)
    for email, number, cents in owner.execute(SALES, [buyers]):
        books[email] = Booked("buy", int(cents), number)
    return books
