"""Deciding: the second of two people approves or declines. An approval and what it does are one transaction.

Decision 0308.
"""

from uuid import UUID

from foundation import audit
from foundation.clock import now
from foundation.database import lock_one, session
from vouchers.approvals import errors, kinds
from vouchers.approvals.models import Proposal
from vouchers.approvals.proposing import check_reason, require_permission
from vouchers.approvals.states import NEXT, ProposalState

PERMISSION = "vouchers.approve"


def approve(proposal_id: UUID, person_id: UUID) -> None:
    """Approve and carry out, or neither. Refuses the proposer, people of other issuers, and what is decided already.

    What the kind refuses is passed on, and then nothing was approved.
    """
    proposal = _lock_open(proposal_id, person_id)
    kind = kinds.load_kind(proposal.kind)
    proposal.decided_by, proposal.decided_at = person_id, now()
    _move(proposal, ProposalState.APPROVED if kind.carried_out_later else ProposalState.DONE)
    session.flush()
    kind.act(proposal)
    _record(proposal, "proposal.approved")


def decline(proposal_id: UUID, person_id: UUID, reason: str) -> None:
    """Decline with a reason. Refuses as `approve` does: who proposed asks somebody else to decline."""
    decision = check_reason(reason)
    proposal = _lock_open(proposal_id, person_id)
    proposal.decided_by, proposal.decided_at, proposal.decision = person_id, now(), decision
    _move(proposal, ProposalState.DECLINED)
    _record(proposal, "proposal.declined")


def finish(proposal_id: UUID) -> None:
    """Note that the job has carried everything out. A second call changes nothing. Refuses what nobody approved."""
    proposal = lock_one(Proposal, proposal_id)
    if proposal.state == ProposalState.PROPOSED:
        raise errors.not_decided()
    if proposal.state != ProposalState.DONE:
        _move(proposal, ProposalState.DONE)
        _record(proposal, "proposal.done")


def decider_of(proposal: Proposal) -> UUID:
    """Who approved a proposal that is being carried out. Without one it is an error of ours."""
    if proposal.decided_by is None:
        raise LookupError(f"proposal {proposal.id} is carried out undecided")
    return proposal.decided_by


def programme_of(proposal: Proposal) -> UUID:
    """Which programme a proposal is about, for kinds that always have one. Without one it is an error of ours."""
    if proposal.programme_id is None:
        raise LookupError(f"proposal {proposal.id} has no programme")
    return proposal.programme_id


def _lock_open(proposal_id: UUID, person_id: UUID) -> Proposal:
    proposal = lock_one(Proposal, proposal_id)
    require_permission(person_id, proposal.issuer_id, PERMISSION)
    if proposal.state != ProposalState.PROPOSED:
        raise errors.already_decided()
    if proposal.proposed_by == person_id:
        raise errors.own_proposal()
    return proposal


def _move(proposal: Proposal, state: ProposalState) -> None:
    if state not in NEXT[proposal.state]:
        raise errors.already_decided()
    proposal.state = state
    if state == ProposalState.DONE:
        proposal.done_at = now()


def _record(proposal: Proposal, verb: str) -> None:
    session.flush()
    audit.record(
        verb,
        "proposal",
        proposal.id,
        kind=proposal.kind,
        cents=proposal.cents,
        proposed_by=str(proposal.proposed_by),
        decided_by=str(proposal.decided_by),
    )
