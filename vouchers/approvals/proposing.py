"""Proposing: the first of two people says what shall be done, why, and for how much. Decision 0308."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from foundation import audit
from foundation.database import lock_name, session, uuid7
from people.models import Person
from people.permissions import is_allowed
from vouchers.approvals import errors, kinds
from vouchers.approvals.models import Proposal

PERMISSION = "vouchers.propose"
MIN_REASON_LENGTH, MAX_REASON_LENGTH = 3, 500
MAX_PROPOSAL_CENTS = 100_000_000_00


@dataclass(frozen=True, kw_only=True)
class ProposalDraft:
    """What shall be proposed: see `Proposal`. Without a `key` each draft is a proposal of its own."""

    kind: str
    issuer_id: UUID
    programme_id: UUID | None = None
    reason: str
    cents: int = 0
    details: dict[str, Any] = field(default_factory=dict)
    key: str | None = None


def propose(draft: ProposalDraft, person_id: UUID) -> UUID:
    """Write a proposal down and return its id. Nothing happens before somebody else approves it.

    The same `key` with the same content returns the earlier proposal; with another content it is refused. Refuses
    people who do not work for the issuer (`NotAllowed`), and reasons of fewer than 3 or more than 500 characters.
    """
    kinds.load_kind(draft.kind)
    require_permission(person_id, draft.issuer_id, PERMISSION)
    reason = check_reason(draft.reason)
    if not 0 <= draft.cents <= MAX_PROPOSAL_CENTS:
        raise errors.amount_out_of_range()
    content = {
        "kind": draft.kind,
        "issuer_id": draft.issuer_id,
        "programme_id": draft.programme_id,
        "cents": draft.cents,
        "details": draft.details,
    }
    key = draft.key or str(uuid7())
    lock_name(f"proposal {key}")
    earlier = session.scalars(sa.select(Proposal).where(Proposal.key == key)).one_or_none()
    if earlier:
        if any(getattr(earlier, name) != value for name, value in content.items()):
            raise errors.key_reused()
        return earlier.id
    proposal = Proposal(id=uuid7(), key=key, reason=reason, proposed_by=person_id, **content)
    session.add(proposal)
    session.flush()
    _record(proposal)
    return proposal.id


def _record(proposal: Proposal) -> None:
    programme = {"programme": str(proposal.programme_id)} if proposal.programme_id else {}
    audit.record("proposal.made", "proposal", proposal.id, kind=proposal.kind, cents=proposal.cents, **programme)


def check_reason(text: str) -> str:
    """Strip a reason. Refuses (`Invalid`) fewer than 3 and more than 500 characters."""
    reason = text.strip()
    if not MIN_REASON_LENGTH <= len(reason) <= MAX_REASON_LENGTH:
        raise errors.reason_missing()
    return reason


def require_permission(person_id: UUID, issuer_id: UUID, permission: str) -> None:
    """Refuse (`NotAllowed`) who does not hold the permission in the issuer's organisation, or is no longer active."""
    person = session.get(Person, person_id, populate_existing=True)
    roles = (
        {m.role for m in person.memberships if m.organisation_id == issuer_id} if person and person.active else set()
    )
    if not is_allowed(roles, permission):
        raise errors.not_this_issuer()
