"""Idempotency keys: the first answer is kept for a day and given again, 500s included; other parameters are refused."""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from .errors import idempotency_error, invalid
from .options import KEYS_LAST
from .state import Work

Json = dict[str, Any]
_LONGEST = 255


@dataclass
class Reply:
    """One answer: status, JSON, extra headers."""

    status: int
    body: Json
    headers: dict[str, str] = field(default_factory=dict)


def _name(account: str | None, key: str) -> str:
    return "_key:" + hashlib.sha256(f"{account or ''}\n{key}".encode()).hexdigest()


def _print_of(params: Json) -> str:
    return hashlib.sha256(json.dumps(params, sort_keys=True).encode()).hexdigest()


def stored(work: Work, key: str, path: str, params: Json) -> Reply | None:
    """The kept answer of this key. Refuses (400 idempotency_error) the key with other parameters or another path."""
    if len(key) > _LONGEST:
        raise invalid(f"Idempotency keys can have up to {_LONGEST} characters.")
    kept = work.get(_name(work.account, key))
    if kept is None:
        return None
    if kept["at"] + KEYS_LAST < work.now:
        work.drop(kept["id"])
        return None
    if kept["path"] != path:
        raise idempotency_error(
            f"Keys for idempotent requests can only be used for the same endpoint they were first used for "
            f"('{path}' vs '{kept['path']}'). Try using a key other than '{key}' "
            "if you meant to execute a different request."
        )
    if kept["print"] != _print_of(params):
        raise idempotency_error(
            f"Keys for idempotent requests can only be used with the same parameters they were first used with. "
            f"Try using a key other than '{key}' if you meant to execute a different request."
        )
    original = {"Idempotent-Replayed": "true", "Original-Request": kept["request"]}
    return Reply(kept["status"], kept["body"], original)


def keep(work: Work, key: str, path: str, params: Json, reply: Reply) -> None:
    work.add(
        {
            "object": "_key",
            "id": _name(work.account, key),
            "at": work.now,
            "path": path,
            "print": _print_of(params),
            "status": reply.status,
            "body": reply.body,
            "request": work.request["id"],
        }
    )
