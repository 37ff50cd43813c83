"""New objects in the shape of Stripe's published fixtures.

A fixture shows every key of a resource with example values. `blank` keeps the keys and empties the examples, so that a
new object has exactly Stripe's shape and nothing of the example; a field the fixture does not know is refused.
"""

import copy
import json
from functools import cache
from pathlib import Path
from typing import Any

Json = dict[str, Any]

# Deprecated or only filled on request (`expand`) since API version 2022-11-15.
_LEFT_OUT = {"charge": {"refunds", "source"}}


@cache
def _fixtures() -> Json:
    resources: Json = json.loads(Path(__file__).with_name("fixtures.json").read_text("utf-8"))["resources"]
    return resources


def example(kind: str, *path: str) -> Any:
    """A fresh copy of (a part of) the fixture."""
    value = _fixtures()[kind]
    for name in path:
        value = value[name]
    return copy.deepcopy(value)


def keys(kind: str) -> set[str]:
    return set(_fixtures()[kind]) - _LEFT_OUT.get(kind, set())


def blank(kind: str, **fields: Any) -> Json:
    """An object of this kind with the given fields; all others empty. Refuses fields that Stripe does not have.
    Fields whose names begin with an underscore are ours and never leave the server."""
    known = keys(kind)
    unknown = {name for name in fields if not name.startswith("_")} - known
    if unknown:
        raise KeyError(f"{kind} has no {', '.join(sorted(unknown))}")
    result: Json = {name: None for name in _fixtures()[kind] if name in known}
    result.update({"object": _fixtures()[kind]["object"]})
    if "livemode" in known:
        result["livemode"] = False
    if "metadata" in known:
        result["metadata"] = {}
    result.update(fields)
    return result


def public(value: Any) -> Any:
    """What leaves the server: a copy without our own fields."""
    if isinstance(value, dict):
        return {name: public(inner) for name, inner in value.items() if not name.startswith("_")}
    if isinstance(value, list):
        return [public(inner) for inner in value]
    return value
