"""Fault switches: the next n requests (or webhooks) go wrong in a chosen way."""

import fnmatch
from typing import Any

from . import ids
from .errors import invalid
from .state import Work

Json = dict[str, Any]
OF_REQUESTS = {
    "answer_lost": "executes, then closes the connection without an answer",
    "request_lost": "closes the connection without executing",
    "error_500_done": "executes, then answers 500; the key remembers the 500",
    "error_500_not_done": "answers 500 without executing",
    "rate_limited": "answers 429 without executing",
    "key_in_use": "answers 409, as if the same key were being executed",
    "slow": "executes, then answers after `seconds`",
}
OF_WEBHOOKS = {
    "webhook_duplicate": "delivers the event `copies` times",
    "webhook_late": "delivers after `seconds`",
    "webhook_shuffled": "delivers in a random order within `seconds`",
    "webhook_never": "does not deliver",
}
_SHORT = {name.removeprefix("webhook_"): name for name in OF_WEBHOOKS}


def add(work: Work, wish: Json) -> Json:
    """`{"kind", "count": 1 (null: until cleared), "path": "*", "method": "POST", "event": "*", "seconds", "copies",
    "stored"}`. Refuses unknown kinds and fields."""
    kind = _SHORT.get(str(wish.get("kind")), wish.get("kind"))
    if kind not in OF_REQUESTS and kind not in OF_WEBHOOKS:
        raise invalid(f"Unknown fault kind: {kind}. Known: {', '.join([*OF_REQUESTS, *OF_WEBHOOKS])}", "kind")
    unknown = set(wish) - {"kind", "count", "path", "method", "event", "seconds", "copies", "stored"}
    if unknown:
        raise invalid(f"Unknown fields: {', '.join(sorted(unknown))}", sorted(unknown)[0])
    count = wish.get("count", 1)
    if count is not None and (not isinstance(count, int) or count < 1):
        raise invalid("`count` is a whole number from 1, or null", "count")
    return work.add(
        {
            "object": "_fault",
            "id": ids.new("fault"),
            "kind": kind,
            "left": count,
            "used": 0,
            "path": str(wish.get("path", "*")),
            "method": str(wish.get("method", "POST")).upper(),
            "event": str(wish.get("event", "*")),
            "seconds": wish.get("seconds", 2),
            "copies": wish.get("copies", 2),
            # Stripe remembers the answer of whatever began to run; a 500 from in front of it is not remembered.
            "stored": bool(wish.get("stored", kind == "error_500_done")),
        }
    )


def take(work: Work, method: str, path: str) -> Json | None:
    """The fault that hits this request, counted down; None when all is well."""
    for fault_id in work.ids("_fault"):
        fault = work.peek(fault_id)
        if fault["kind"] not in OF_REQUESTS or fault["left"] == 0:
            continue
        if fault["method"] not in ("*", method) or not fnmatch.fnmatchcase(path, fault["path"]):
            continue
        own = work.need(fault_id)
        own["used"] += 1
        if own["left"] is not None:
            own["left"] -= 1
        return dict(own)
    return None


def clear(work: Work) -> int:
    known = work.ids("_fault")
    for fault_id in known:
        work.drop(fault_id)
    return len(known)
