"""The kinds of proposals, registered by whoever does the deed."""

from collections.abc import Callable
from dataclasses import dataclass

from foundation.errors import NotFound
from foundation.languages import _
from vouchers.approvals.models import Proposal

Rows = list[tuple[str, str]]


@dataclass(frozen=True)
class Kind:
    """What can be proposed. `act` does it, in the transaction of the approval, and raises when it cannot be done (any
    more): then nothing was approved. `tell` says what it is about, in the reader's language; `funding` who pays for it.

    `later`: the deed goes on in a job after the approval, which calls `deciding.finish` when all is done.
    """

    key: str
    label: object
    act: Callable[[Proposal], None]
    tell: Callable[[Proposal], Rows]
    funding: object = ""
    later: bool = False


_known: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Add a kind. The same key again replaces it."""
    _known[kind.key] = kind


def of(key: str) -> Kind:
    """Refuses unknown kinds with `NotFound`."""
    if key not in _known:
        raise NotFound(_("Diese Art von Freigabe gibt es nicht."), "kind_unknown")
    return _known[key]


def known() -> list[Kind]:
    """All of them, by key."""
    return [_known[key] for key in sorted(_known)]
