"""Claims on payers are given up by two people: one proposes, another one approves (Dr FV / Cr SF). Decision 0207."""

from uuid import UUID

import sqlalchemy as sa

from foundation import audit
from foundation.database import lock_one, session
from money.payments import errors, losing
from money.payments.case_models import ClaimProposal
from money.payments.models import Payment, PaymentLoss
from money.payments.states import ClaimKind

MIN_REASON_CHARS, MAX_REASON_CHARS = 3, 500


def propose(loss_id: UUID, reason: str, *, person_id: UUID) -> UUID:
    """Propose to give up what is still claimed after a loss. Refuses where nothing is, and a second proposal."""
    text = " ".join(reason.split())
    if not MIN_REASON_CHARS <= len(text) <= MAX_REASON_CHARS:
        raise errors.claim_reason_missing()
    row = _lock(loss_id)
    if losing.sum_claims(row.id)[0] <= 0 or find_open(row.id) is not None:
        raise errors.claim_not_open()
    proposal = ClaimProposal(loss_id=row.id, reason=text, proposed_by=person_id)
    session.add(proposal)
    session.flush()
    audit.record("payments.claim_proposed", "claim_proposal", proposal.id, loss=str(row.id))
    return proposal.id


def decide(loss_id: UUID, *, approved: bool, person_id: UUID) -> None:
    """Approve or decline the open proposal. Refuses who proposed it; an approved one books the loss."""
    row = _lock(loss_id)
    proposal = find_open(row.id)
    if proposal is None:
        raise errors.claim_not_open()
    proposal.decide(person_id, approved=approved)
    if approved:
        losing.move_claim(row, ClaimKind.WRITTEN_OFF, losing.sum_claims(row.id)[0], proposal.reason)
    audit.record("payments.claim_decided", "claim_proposal", proposal.id, approved=approved)
    session.flush()


def find_open(loss_id: UUID) -> ClaimProposal | None:
    """Find the proposal about a loss that waits for a second person."""
    query = sa.select(ClaimProposal).where(ClaimProposal.loss_id == loss_id, ClaimProposal.decided_at.is_(None))
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def _lock(loss_id: UUID) -> PaymentLoss:
    row = session.get(PaymentLoss, loss_id)
    if row is None:
        raise errors.claim_not_open()
    lock_one(Payment, row.payment_id)
    return row
