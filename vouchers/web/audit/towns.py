"""The figures of towns: what was issued and redeemed in each, and what went from one to another. In cents."""

from dataclasses import dataclass

from vouchers.statistics import queries
from vouchers.statistics.queries import Scope


@dataclass
class TownFigures:
    """One town: what was issued there, what was redeemed there, and how much of that came from there."""

    ags: str
    name: str
    issued: int = 0
    redeemed: int = 0
    own: int = 0


@dataclass(frozen=True)
class TownFlow:
    """Value that was issued in one town and redeemed in another, or in the same."""

    origin: str
    target: str
    origin_name: str
    target_name: str
    cents: int


def list_towns(scope: Scope) -> list[TownFigures]:
    """List the towns in which anything was issued or redeemed, the one with most redeemed first."""
    names, issued = queries.load_town_names(), queries.sum_issued_by_town(scope)
    rows = {ags: TownFigures(ags, names.get(ags, ags), cents) for ags, cents in issued.items()}
    for origin, target, cents in queries.sum_flows(scope):
        row = rows.setdefault(target, TownFigures(target, names.get(target, target)))
        row.redeemed += cents
        row.own += cents if origin == target else 0
    return sorted(rows.values(), key=lambda row: (-row.redeemed, row.name))


def list_flows(scope: Scope) -> list[TownFlow]:
    """List what went from town to town, the largest first."""
    names = queries.load_town_names()
    return [
        TownFlow(origin, target, names.get(origin, origin), names.get(target, target), cents)
        for origin, target, cents in queries.sum_flows(scope)
    ]
