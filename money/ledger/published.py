"""Roots as they are published: a line a day, found again in whatever it was kept in: mail, page, feed, file."""

import re
from dataclasses import dataclass
from datetime import date

LINE = re.compile(r"\b(\d{4}-\d{2}-\d{2}) ([0-9a-f]{64}) ([0-9a-f]{64})\b")


@dataclass(frozen=True)
class PublishedRoot:
    """What leaves the house of a day: the root of all seals, and that of all balances."""

    day: date
    root: bytes
    balances: bytes

    def __str__(self) -> str:
        return f"{self.day.isoformat()} {self.root.hex()} {self.balances.hex()}"


def read_roots(text: str) -> list[PublishedRoot]:
    """Read all lines of a text. Soft line breaks of a mail's source (quoted-printable) do no harm."""
    joined = text.replace("=\r\n", "").replace("=\n", "")
    return [
        PublishedRoot(date.fromisoformat(day), bytes.fromhex(root), bytes.fromhex(balances))
        for day, root, balances in LINE.findall(joined)
    ]
