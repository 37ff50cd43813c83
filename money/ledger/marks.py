"""Up to where chain and proof were checked, in a way that nobody can forge who only has the database.

A mark of the chain names the newest seal of every stream and its hash; one of the proof, the transactions that its
snapshot saw. It is kept in `check_run`, where the application's login may add rows; so it carries a code (HMAC) of a
key that is not in the database. Who repeats an older mark makes us check more.
"""

import hmac
import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from foundation.security import keyed_hash

CHAIN, PROOF = "chain_mark", "proof_mark"
Head = tuple[int, bytes]


@dataclass(frozen=True)
class Mark:
    """The newest seals that were found right: by stream, and of single rows."""

    day: date | None  # the newest root of a day that was compared
    streams: dict[int, Head]
    rows: Head


@dataclass(frozen=True)
class Position:
    """Where a proof's snapshot ended: every transaction before `xmin` (64 bits) was over. Means nothing elsewhere."""

    database: str  # of which server, and which of its databases
    xmin: int


def write_mark(mark: Mark) -> dict[str, Any]:
    """Write a mark as JSON, with its code."""
    content = {
        "day": mark.day.isoformat() if mark.day else None,
        "streams": {str(stream): [number, value.hex()] for stream, (number, value) in sorted(mark.streams.items())},
        "rows": [mark.rows[0], mark.rows[1].hex()],
    }
    return content | {"code": _code(CHAIN, content)}


def read_mark(written: dict[str, Any]) -> Mark | None:
    """Read a mark; nothing when its code does not fit, or when it is none."""
    try:
        content = {name: written[name] for name in ("day", "streams", "rows")}
        if not _is_ours(CHAIN, content, written):
            return None
        heads = {int(stream): (int(head[0]), bytes.fromhex(head[1])) for stream, head in content["streams"].items()}
        number, value = content["rows"]
        day = date.fromisoformat(content["day"]) if content["day"] else None
        return Mark(day, heads, (int(number), bytes.fromhex(value)))
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def write_position(position: Position) -> dict[str, Any]:
    """Write where a proof ended as JSON, with its code."""
    content = {"database": position.database, "xmin": position.xmin}
    return content | {"code": _code(PROOF, content)}


def read_position(written: dict[str, Any]) -> Position | None:
    """Read where a proof ended; nothing when its code does not fit, or when it is none."""
    try:
        content = {"database": str(written["database"]), "xmin": int(written["xmin"])}
        return Position(**content) if _is_ours(PROOF, content, written) else None  # type: ignore[arg-type]
    except (KeyError, TypeError, ValueError):
        return None


def _is_ours(purpose: str, content: dict[str, Any], written: dict[str, Any]) -> bool:
    return hmac.compare_digest(_code(purpose, content), str(written["code"]))


def _code(purpose: str, content: dict[str, Any]) -> str:
    return keyed_hash(purpose, json.dumps(content, sort_keys=True, separators=(",", ":"))).hex()
