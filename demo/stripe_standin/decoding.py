"""Stripe's form encoding: `line_items[0][price_data][currency]=eur` becomes nested dictionaries and lists."""

import re
from typing import Any
from urllib.parse import parse_qsl

from .errors import invalid

Json = dict[str, Any]
_NAME = re.compile(r"^([^\[\]]+)((?:\[[^\[\]]*\])*)$")
_MOST_FIELDS = 2000


def decode(text: str) -> Json:
    """Refuses names that do not parse, names used both as value and as object, and more than 2000 fields."""
    pairs = parse_qsl(text, keep_blank_values=True)
    if len(pairs) > _MOST_FIELDS:
        raise invalid("Too many parameters.")
    result: Json = {}
    for name, value in pairs:
        match = _NAME.match(name)
        if not match:
            raise invalid(f"Invalid parameter name: {name}", name)
        _place(result, [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])], value, name)
    return {key: _listed(inner) for key, inner in result.items()}


def _place(target: Json, path: list[str], value: str, name: str) -> None:
    for step in path[:-1]:
        inner = target.setdefault(step or str(len(target)), {})
        if not isinstance(inner, dict):
            raise invalid("Invalid object", name)
        target = inner
    if isinstance(target.get(path[-1]), dict):
        raise invalid("Invalid object", name)
    target[path[-1] or str(len(target))] = value


def _listed(value: Any) -> Any:
    """A dictionary whose keys are 0, 1, 2 … is a list. The check of types undoes it for dictionaries."""
    if not isinstance(value, dict):
        return value
    inner = {key: _listed(part) for key, part in value.items()}
    if inner and all(key.isdecimal() for key in inner):
        return [inner[key] for key in sorted(inner, key=int)]
    return inner
