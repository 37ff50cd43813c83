"""What waits for a decision, and what was decided. Nothing here changes anything. Decision 0308."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from foundation.database import session
from people.models import Organisation, Person
from vouchers.approvals import errors, kinds
from vouchers.approvals.models import Proposal
from vouchers.approvals.states import ProposalState
from vouchers.stored_value.models import Programme

MAX_PROPOSALS_SHOWN = 50


@dataclass(frozen=True)
class ProposalView:
    """A proposal as the page shows it, with the names of its programme ("" without one), issuer and people."""

    proposal: Proposal
    programme: str
    issuer: str
    label: object
    funding: object
    rows: kinds.Rows
    proposer: str
    decider: str


def list_waiting(issuer_ids: Iterable[UUID]) -> list[ProposalView]:
    """List what waits for a decision at these issuers, the oldest first."""
    query = _of_issuers(issuer_ids).where(Proposal.state == ProposalState.PROPOSED)
    return _views(query.order_by(Proposal.proposed_at, Proposal.id).limit(MAX_PROPOSALS_SHOWN))


def list_decided(issuer_ids: Iterable[UUID]) -> list[ProposalView]:
    """List what was decided lately at these issuers, the newest first."""
    query = _of_issuers(issuer_ids).where(Proposal.state != ProposalState.PROPOSED)
    return _views(query.order_by(Proposal.decided_at.desc(), Proposal.id).limit(MAX_PROPOSALS_SHOWN))


def load_one(proposal_id: UUID, issuer_ids: Iterable[UUID]) -> ProposalView:
    """Load one proposal. Refuses (`NotFound`) those of other issuers."""
    views = _views(_of_issuers(issuer_ids).where(Proposal.id == proposal_id))
    if not views:
        raise errors.proposal_unknown()
    return views[0]


def count_waiting(issuer_id: UUID, programme_id: UUID) -> int:
    """Count what waits on a programme or, like a trust account, on its issuer as a whole."""
    concerned = sa.or_(Proposal.programme_id == programme_id, Proposal.programme_id.is_(None))
    query = sa.select(sa.func.count()).where(
        Proposal.issuer_id == issuer_id, concerned, Proposal.state == ProposalState.PROPOSED
    )
    return int(session.scalar(query) or 0)


def is_waiting(kind: str, programme_id: UUID, details: Mapping[str, Any] | None = None) -> bool:
    """Whether a proposal of a kind waits on a programme: any, or one with exactly these details."""
    query = sa.select(Proposal.id).where(
        Proposal.kind == kind, Proposal.programme_id == programme_id, Proposal.state == ProposalState.PROPOSED
    )
    if details is not None:
        query = query.where(Proposal.details == details)
    return session.scalar(query.limit(1)) is not None


def _of_issuers(issuer_ids: Iterable[UUID]) -> sa.Select[Proposal, str | None, str]:
    return (
        sa.select(Proposal, Programme.name, Organisation.name)
        .join(Organisation, Organisation.id == Proposal.issuer_id)
        .outerjoin(Programme, Programme.id == Proposal.programme_id)
        .where(Proposal.issuer_id.in_(list(issuer_ids)))
    )


def _views(query: sa.Select[Proposal, str | None, str]) -> list[ProposalView]:
    rows = session.execute(query).all()
    names = _names_of({p.proposed_by for p, *_names in rows} | {p.decided_by for p, *_names in rows if p.decided_by})
    return [_view(proposal, programme or "", issuer, names) for proposal, programme, issuer in rows]


def _view(proposal: Proposal, programme: str, issuer: str, names: Mapping[UUID, str]) -> ProposalView:
    kind = kinds.load_kind(proposal.kind)
    return ProposalView(
        proposal=proposal,
        programme=programme,
        issuer=issuer,
        label=kind.label,
        funding=kind.funding,
        rows=kind.describe(proposal),
        proposer=names.get(proposal.proposed_by, ""),
        decider=names.get(proposal.decided_by, "") if proposal.decided_by else "",
    )


def _names_of(person_ids: Iterable[UUID]) -> dict[UUID, str]:
    rows = session.execute(sa.select(Person.id, Person.name, Person.email).where(Person.id.in_(list(person_ids))))
    return {row.id: row.name or row.email for row in rows}
