"""The registry of what can be proposed. The rooms that act register their kinds here. Decision 0308."""

from collections.abc import Callable
from dataclasses import dataclass

from vouchers.approvals import errors
from vouchers.approvals.models import Proposal

Rows = list[tuple[str, str]]


@dataclass(frozen=True)
class ProposalKind:
    """What can be proposed.

    `act` carries it out in the transaction of the approval, and raises when that is not possible (any more): then
    nothing was approved. `describe` says what it is about, in the reader's language; `funding` who pays for it.
    `carried_out_later`: a job goes on after the approval and calls `deciding.finish` when all is done.
    """

    key: str
    label: object
    act: Callable[[Proposal], None]
    describe: Callable[[Proposal], Rows]
    funding: object = ""
    carried_out_later: bool = False


_kinds: dict[str, ProposalKind] = {}


def register(kind: ProposalKind) -> None:
    """Add a kind. The same key again replaces it."""
    _kinds[kind.key] = kind


def load_kind(key: str) -> ProposalKind:
    """Load a kind by its key. Refuses (`NotFound`) unknown ones."""
    if key not in _kinds:
        raise errors.kind_unknown()
    return _kinds[key]
