"""Deciding: the second of two people approves or declines. An approval and its deed are one transaction."""

from uuid import UUID

from foundation import audit
from foundation.clock import now
from foundation.database import lock_one, session
from foundation.errors import Invalid, NotAllowed, Refused
from foundation.languages import _
from vouchers.approvals import kinds
from vouchers.approvals.models import STATES, Proposal
from vouchers.approvals.proposing import LONGEST, SHORTEST, must_work_for


def approve(proposal_id: UUID, person_id: UUID) -> None:
    """Approve and do it, or neither. Refuses the proposer, people of other issuers, and what is decided already.

    What the kind refuses goes through, and then nothing was approved.
    """
    proposal = _open(proposal_id, person_id)
    kind = kinds.of(proposal.kind)
    proposal.decided_by, proposal.decided_at = person_id, now()
    _move(proposal, "approved" if kind.later else "done")
    session.flush()
    kind.act(proposal)
    _note(proposal, "proposal.approved")


def decline(proposal_id: UUID, person_id: UUID, reason: str) -> None:
    """Say no, with a reason. Who proposed cannot decline either, but may ask somebody else to."""
    told = reason.strip()
    if not SHORTEST <= len(told) <= LONGEST:
        raise Invalid(_("Bitte nennen Sie einen Grund, 3 bis 500 Zeichen."), "reason_missing", field="reason")
    proposal = _open(proposal_id, person_id)
    proposal.decided_by, proposal.decided_at, proposal.decision = person_id, now(), told
    _move(proposal, "declined")
    _note(proposal, "proposal.declined")


def finish(proposal_id: UUID) -> None:
    """The job of a `later` kind has done it all. A second call changes nothing."""
    proposal = lock_one(Proposal, proposal_id)
    if proposal.state == "proposed":
        raise Refused(_("Darüber ist noch nicht entschieden."), "not_decided")
    if proposal.state != "done":
        _move(proposal, "done")
        _note(proposal, "proposal.done")


def _open(proposal_id: UUID, person_id: UUID) -> Proposal:
    proposal = lock_one(Proposal, proposal_id)
    must_work_for(person_id, proposal.programme.issuer_id, "vouchers.approve")
    if proposal.state != "proposed":
        raise Refused(_("Darüber ist schon entschieden."), "already_decided")
    if proposal.proposed_by == person_id:
        raise NotAllowed(_("Sie haben das selbst vorgeschlagen. Entscheiden muss jemand anderes."), "own_proposal")
    return proposal


def _move(proposal: Proposal, state: str) -> None:
    if state not in STATES[proposal.state]:
        raise Refused(_("Darüber ist schon entschieden."), "already_decided")
    proposal.state = state
    if state == "done":
        proposal.done_at = now()


def _note(proposal: Proposal, verb: str) -> None:
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
