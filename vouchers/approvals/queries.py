"""What waits for a decision, and what was decided. Nothing here changes anything."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from foundation.database import session
from foundation.errors import NotFound
from foundation.languages import _
from people.models import Person
from vouchers.approvals import kinds
from vouchers.approvals.models import Proposal
from vouchers.stored_value.models import Programme

SHOWN = 50


@dataclass(frozen=True)
class Told:
    """A proposal as the page shows it."""

    proposal: Proposal
    label: object
    funding: object
    rows: kinds.Rows
    proposer: str
    decider: str


def waiting(issuer_ids: Iterable[UUID]) -> list[Told]:
    """What waits for a decision at these issuers, the oldest first."""
    query = _of(issuer_ids).where(Proposal.state == "proposed").order_by(Proposal.proposed_at, Proposal.id)
    return _told(query.limit(SHOWN))


def decided(issuer_ids: Iterable[UUID]) -> list[Told]:
    """What was decided lately at these issuers, the newest first."""
    query = _of(issuer_ids).where(Proposal.state != "proposed").order_by(Proposal.decided_at.desc(), Proposal.id)
    return _told(query.limit(SHOWN))


def waiting_for(programme_id: UUID, kind: str) -> list[Proposal]:
    """What waits for a decision on a programme, of one kind."""
    query = sa.select(Proposal).where(
        Proposal.programme_id == programme_id, Proposal.kind == kind, Proposal.state == "proposed"
    )
    return list(session.scalars(query.order_by(Proposal.proposed_at)).unique())


def one(proposal_id: UUID, issuer_ids: Iterable[UUID]) -> Told:
    """One proposal. Refuses (`NotFound`) those of other issuers."""
    found = _told(_of(issuer_ids).where(Proposal.id == proposal_id))
    if not found:
        raise NotFound(_("Diesen Vorschlag gibt es nicht."))
    return found[0]


def _of(issuer_ids: Iterable[UUID]) -> sa.Select[Proposal]:
    return sa.select(Proposal).join(Programme).where(Programme.issuer_id.in_(list(issuer_ids)))


def _told(query: sa.Select[Proposal]) -> list[Told]:
    found = list(session.scalars(query).unique())
    people = {p.proposed_by for p in found} | {p.decided_by for p in found if p.decided_by}
    rows = session.execute(sa.select(Person.id, Person.name, Person.email).where(Person.id.in_(people)))
    names = {row.id: row.name or row.email for row in rows}
    made = []
    for proposal in found:
        kind = kinds.of(proposal.kind)
        decider = names.get(proposal.decided_by, "") if proposal.decided_by else ""
        proposer = names.get(proposal.proposed_by, "")
        made.append(Told(proposal, kind.label, kind.funding, kind.tell(proposal), proposer, decider))
    return made
