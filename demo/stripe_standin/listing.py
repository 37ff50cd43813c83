"""Lists as Stripe gives them: newest first, `limit`, `starting_after`, `ending_before`, `has_more`, filters."""

from collections.abc import Iterable
from typing import Any

from .errors import invalid, no_such
from .state import Work

Json = dict[str, Any]
_PLAIN = 10
_MOST = 100
_PAGING = {"limit", "starting_after", "ending_before", "expand", "created", "arrival_date"}


def page(entries: list[Json], params: Json, url: str) -> Json:
    """`entries` newest first. Refuses a limit outside 1 to 100 and a cursor that is not in the list's kind."""
    limit = params.get("limit", _PLAIN)
    if not 1 <= limit <= _MOST:
        raise invalid(f"This value must be between 1 and {_MOST}.", "limit")
    after, before = params.get("starting_after"), params.get("ending_before")
    if after:
        entries = entries[_place(entries, after, "starting_after") + 1 :]
    if before:
        entries = list(reversed(entries[: _place(entries, before, "ending_before")]))
    shown = entries[:limit]
    if before:
        shown = list(reversed(shown))
    return {"object": "list", "url": url, "has_more": len(entries) > limit, "data": shown}


def select(work: Work, kind: str, params: Json, url: str) -> Json:
    """A page of one kind in the asking account; parameters named like a field filter by it."""
    found = [entry for entry in work.all(kind) if entry.get("_account") == work.account]
    return page(filtered(reversed(found), params), params, url)


def filtered(entries: Iterable[Json], params: Json) -> list[Json]:
    wishes = {name: value for name, value in params.items() if name not in _PAGING}
    result = [entry for entry in entries if all(entry.get(name) == value for name, value in wishes.items())]
    for name in ("created", "arrival_date"):
        if name in params:
            result = [entry for entry in result if _within(entry[name], params[name])]
    return result


def _within(moment: int, wish: Any) -> bool:
    if isinstance(wish, int):
        return moment == wish
    return (
        moment > wish.get("gt", moment - 1)
        and moment >= wish.get("gte", moment)
        and moment < wish.get("lt", moment + 1)
        and moment <= wish.get("lte", moment)
    )


def _place(entries: list[Json], cursor: str, param: str) -> int:
    for place, entry in enumerate(entries):
        if entry["id"] == cursor:
            return place
    raise no_such("object", cursor, param, status=400)
