"""Up to where the chain was checked, in a way that nobody can forge who only has the database.

A mark names the newest seal of every stream and its hash. It is kept in `check_run`, where the application's login may
add rows; so it carries a code (HMAC) of a key that is not in the database. Who repeats an older mark makes us check
more.
"""

import hmac
import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from foundation.security import keyed_hash

PURPOSE = "chain_mark"
Head = tuple[int, bytes]


@dataclass(frozen=True)
class Mark:
    """The newest seals that were found right: by stream, and of single rows."""

    day: date | None  # the newest root of a day that was compared
    streams: dict[int, Head]
    rows: Head


def write_mark(mark: Mark) -> dict[str, Any]:
    """Write a mark as JSON, with its code."""
    content = {
        "day": mark.day.isoformat() if mark.day else None,
        "streams": {str(stream): [number, value.hex()] for stream, (number, value) in sorted(mark.streams.items())},
        "rows": [mark.rows[0], mark.rows[1].hex()],
    }
    return content | {"code": _code(content)}


def read_mark(written: dict[str, Any]) -> Mark | None:
    """Read a mark; nothing when its code does not fit, or when it is none."""
    try:
        content = {name: written[name] for name in ("day", "streams", "rows")}
        if not hmac.compare_digest(_code(content), str(written["code"])):
            return None
        heads = {int(stream): (int(head[0]), bytes.fromhex(head[1])) for stream, head in content["streams"].items()}
        number, value = content["rows"]
        day = date.fromisoformat(content["day"]) if content["day"] else None
        return Mark(day, heads, (int(number), bytes.fromhex(value)))
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _code(content: dict[str, Any]) -> str:
    return keyed_hash(PURPOSE, json.dumps(content, sort_keys=True, separators=(",", ":"))).hex()
