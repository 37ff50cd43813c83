"""The lots of a voucher to practise with: taken in the order of their end, put back where they came from.

The same rules as the real ones (`vouchers/stored_value/sql/`), over plain dictionaries. Every function gives new lists.
"""

from datetime import date
from typing import Any

Lots = list[dict[str, Any]]
Parts = list[dict[str, Any]]


def lot(kind: str, cents: int, until: date) -> dict[str, Any]:
    """A lot of `cents` that ends with the day `until`."""
    return {"kind": kind, "issued": cents, "balance": cents, "held": 0, "until": until.isoformat()}


def available(lots: Lots, day: date) -> int:
    """What may be spent on this day, in cents."""
    return sum(lot["balance"] - lot["held"] for lot in lots if lot["until"] >= day.isoformat())


def take(lots: Lots, cents: int, day: date, *, hold: bool = False) -> tuple[Lots, Parts]:
    """Takes (or holds) `cents`, of which enough must be there; the lots afterwards and the split."""
    after, parts, left = [dict(lot) for lot in lots], [], cents
    for place in _in_order(after):
        free = after[place]["balance"] - after[place]["held"]
        if left and free and after[place]["until"] >= day.isoformat():
            part = min(left, free)
            after[place]["held" if hold else "balance"] += part if hold else -part
            parts.append({"lot": place, "cents": part, "lapsed": False})
            left -= part
    return after, parts


def end_hold(lots: Lots, parts: Parts, *, capture: bool) -> Lots:
    """Ends a hold: captured value leaves, released value is free again."""
    after = [dict(lot) for lot in lots]
    for part in parts:
        after[part["lot"]]["held"] -= part["cents"]
        after[part["lot"]]["balance"] -= part["cents"] if capture else 0
    return after


def put_back(lots: Lots, taken: Parts, given: list[Parts], cents: int, day: date) -> tuple[Lots, Parts]:
    """Puts `cents` back, last taken first, less what was `given` back before. What a lapsed bonus gets back lapses."""
    after, parts, left = [dict(lot) for lot in lots], [], cents
    for part in reversed(taken):
        place = part["lot"]
        before = sum(back["cents"] for earlier in given for back in earlier if back["lot"] == place)
        back = min(left, part["cents"] - before)
        if back > 0:
            lapsed = after[place]["kind"] == "bonus" and after[place]["until"] < day.isoformat()
            after[place]["balance"] += 0 if lapsed else back
            parts.append({"lot": place, "cents": back, "lapsed": lapsed})
            left -= back
    return after, parts


def told(lots: Lots, parts: Parts) -> list[dict[str, Any]]:
    """The lots as an answer tells them: what there is, and what this act moved."""
    moved = {part["lot"]: part["cents"] for part in parts}
    return [
        {
            "kind": lots[place]["kind"],
            "amount": moved.get(place, 0),
            "remaining": lots[place]["balance"] - lots[place]["held"],
            "valid_until": lots[place]["until"],
        }
        for place in _in_order(lots)
        if lots[place]["balance"] or place in moved
    ]


def _in_order(lots: Lots) -> list[int]:
    return sorted(range(len(lots)), key=lambda place: (lots[place]["until"], place))
