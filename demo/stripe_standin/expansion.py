"""`expand[]`: ids become the objects they name, up to four levels deep."""

from collections.abc import Callable
from typing import Any

from .errors import StripeError, invalid
from .shapes import public
from .state import Work

Json = dict[str, Any]
_DEEPEST = 4


def _line_items(_work: Work, session: Json) -> Json:
    items = session["_items"]
    return {
        "object": "list",
        "data": items[:10],
        "has_more": len(items) > 10,
        "url": f"/v1/checkout/sessions/{session['id']}/line_items",
    }


def _refunds(work: Work, charge: Json) -> Json:
    found = [public(entry) for entry in work.all("refund") if entry["charge"] == charge["id"]]
    return {
        "object": "list",
        "data": list(reversed(found))[:10],
        "has_more": len(found) > 10,
        "url": f"/v1/charges/{charge['id']}/refunds",
    }


# Fields that are only there when asked for.
_ON_REQUEST: dict[tuple[str, str], Callable[[Work, Json], Json]] = {
    ("checkout.session", "line_items"): _line_items,
    ("charge", "refunds"): _refunds,
}
# Fields that can be expanded and are left out while they are empty.
_LEFT_OUT = {("refund", "failure_balance_transaction")}


def expanded(work: Work, answer: Json, paths: list[str]) -> Json:
    """The answer as it leaves the server. Refuses paths that lead nowhere."""
    result: Json = public(answer)
    for path in paths:
        steps = path.split(".")
        if len(steps) - (steps[0] == "data") > _DEEPEST:
            raise invalid(f"You cannot expand more than 4 levels of a property. (Property: {path})", "expand")
        _expand(work, result, steps, path)
    return result


def _expand(work: Work, target: Any, steps: list[str], path: str) -> None:
    if isinstance(target, list):
        for inner in target:
            _expand(work, inner, steps, path)
        return
    if not isinstance(target, dict) or not steps:
        return
    name, rest = steps[0], steps[1:]
    on_request = _ON_REQUEST.get((target.get("object", ""), name))
    if on_request and name not in target:
        target[name] = public(on_request(work, work.need(target["id"])))
    if (target.get("object"), name) in _LEFT_OUT and name not in target:
        return
    if name not in target:
        raise _nowhere(path)
    value = target[name]
    if isinstance(value, str):
        named = work.get(value)
        if named is None:
            raise _nowhere(path)
        target[name] = public(named)
    elif isinstance(value, list) and all(isinstance(inner, str) for inner in value):
        target[name] = [public(work.need(inner)) for inner in value]
    _expand(work, target[name], rest, path)


def _nowhere(path: str) -> StripeError:
    return invalid(
        f"This property cannot be expanded ({path}). You may want to try expanding 'data.{path}' if it's a list.",
        "expand",
    )
