"""The table of endpoints: method, path, parameter type of the official package, function."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .errors import StripeError, invalid, no_such, not_covered
from .state import Work

Json = dict[str, Any]


@dataclass
class Call:
    """One request: the unit of work, the checked parameters, the ids of the path."""

    work: Work
    params: Json
    ids: tuple[str, ...] = ()
    url: str = ""

    @property
    def account(self) -> str | None:
        return self.work.account


Handler = Callable[[Call], Json]


@dataclass(frozen=True)
class Route:
    method: str
    pattern: re.Pattern[str]
    shape: type
    handler: Handler
    # Parameters that Stripe knows and the stand-in does not imitate: refused aloud.
    refuse: tuple[str, ...] = field(default=())


_ROUTES: list[Route] = []


def route(method: str, path: str, shape: type, refuse: tuple[str, ...] = ()) -> Callable[[Handler], Handler]:
    """`path` with `{}` for each id."""
    pattern = re.compile("^" + re.escape(path).replace(r"\{\}", "([^/]+)") + "$")

    def register(handler: Handler) -> Handler:
        _ROUTES.append(Route(method, pattern, shape, handler, refuse))
        return handler

    return register


def match(method: str, path: str) -> tuple[Route, tuple[str, ...]]:
    """Refuses (404) what Stripe or the stand-in does not have."""
    for entry in _ROUTES:
        found = entry.pattern.match(path)
        if found and entry.method == method:
            return entry, found.groups()
    raise StripeError(
        f"Unrecognized request URL ({method}: {path}). The Stripe stand-in does not serve it.",
        status=404,
        executed=False,
    )


def refuse_uncovered(entry: Route, params: Json) -> None:
    for path in entry.refuse:
        value: Any = params
        for name in path.split("."):
            value = value.get(name) if isinstance(value, dict) else None
        if value is not None:
            raise not_covered(f"`{path}`", path)


def find(work: Work, kind: str, object_id: str, param: str = "id", status: int = 404) -> Json:
    """An object of the asking account. Refuses other kinds and other accounts' objects like unknown ones."""
    found = work.get(object_id)
    if found is None or found["object"] != kind or found.get("_account") != work.account:
        raise no_such(kind, object_id, param, status)
    return found


def merge_metadata(target: Json, change: Any) -> None:
    """Stripe's rule: keys are added, an empty value removes one, an empty text removes all."""
    if change == "":
        target["metadata"] = {}
    elif change:
        merged = {**target["metadata"], **change}
        target["metadata"] = {name: value for name, value in merged.items() if value != ""}


def euros_only(currency: str) -> str:
    if currency.lower() != "eur":
        raise invalid(f"Invalid currency: {currency}. The stand-in only has eur.", "currency")
    return "eur"
