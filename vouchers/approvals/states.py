"""How far a proposal is, and which step may follow which. Decision 0308."""

from enum import StrEnum


class ProposalState(StrEnum):
    """The states of a proposal, as they stand in the database."""

    PROPOSED = "proposed"  # waits for a second person
    APPROVED = "approved"  # approved, and a job carries it out, such as a run of lapse in batches
    DONE = "done"  # approved and carried out
    DECLINED = "declined"  # a second person said no, with a reason


NEXT: dict[ProposalState, frozenset[ProposalState]] = {
    ProposalState.PROPOSED: frozenset({ProposalState.APPROVED, ProposalState.DONE, ProposalState.DECLINED}),
    ProposalState.APPROVED: frozenset({ProposalState.DONE}),
    ProposalState.DONE: frozenset(),
    ProposalState.DECLINED: frozenset(),
}
