"""Agreements by which one programme's vouchers are taken in another's shops. Both issuers agree, each with two people.

The guest is the programme whose vouchers are taken, the host the one whose shops take them. Where one issuer has both
programmes, one approval is enough. Either side can end it, again with two people. Decisions 0307, 0308.
"""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from foundation import audit
from foundation.clock import now
from foundation.database import lock, session
from foundation.languages import _, lazy
from vouchers.approvals import kinds, proposing
from vouchers.approvals import queries as approvals
from vouchers.approvals.kinds import ProposalKind
from vouchers.approvals.models import Proposal
from vouchers.approvals.proposing import ProposalDraft
from vouchers.approvals.states import ProposalState
from vouchers.network import charter, errors, queries
from vouchers.stored_value import errors as value_errors
from vouchers.stored_value.models import Programme, Reciprocity

BEGIN, END = "reciprocity", "reciprocity_end"


def propose(guest_id: UUID, host_id: UUID, *, side: UUID, person_id: UUID, reason: str) -> UUID:
    """Propose or consent, for the programme `side`: the guest or the host. Gives the proposal's id.

    Refuses (`Refused`) a host that reaches further than the guest's charter, and more shops than that allows.
    """
    guest, host = _both(guest_id, host_id)
    _must_fit(guest, host)
    return _proposed(BEGIN, guest, host, side, person_id, reason)


def propose_end(guest_id: UUID, host_id: UUID, *, side: UUID, person_id: UUID, reason: str) -> UUID:
    """Propose to end it, for the programme `side`. Refuses what does not hold."""
    guest, host = _both(guest_id, host_id)
    if _open(guest_id, host_id) is None:
        raise errors.no_reciprocity()
    return _proposed(END, guest, host, side, person_id, reason)


def enact(guest_id: UUID, host_id: UUID) -> Reciprocity:
    """Let the host's shops take the guest's vouchers from now on. Refuses as `propose` does."""
    guest, host = _both(guest_id, host_id)
    if holding := _open(guest_id, host_id):
        return holding
    _must_fit(guest, host)
    agreement = Reciprocity(programme_id=guest_id, host_programme_id=host_id, valid_from=now())
    session.add(agreement)
    session.flush()
    audit.record("reciprocity.begin", "programme", guest_id, host=str(host_id))
    return agreement


def end(guest_id: UUID, host_id: UUID) -> None:
    """End it in the next second. What was redeemed stays owed, and can be given back."""
    _both(guest_id, host_id)
    holding = _open(guest_id, host_id)
    if holding:
        holding.valid_until = max(now(), holding.valid_from)
        session.flush()
        audit.record("reciprocity.end", "programme", guest_id, host=str(host_id))


def list_consents(guest_id: UUID, host_id: UUID) -> set[UUID]:
    """List the programmes whose issuers have agreed since the last end: both when it is in force."""
    last = session.scalar(
        sa.select(sa.func.max(Reciprocity.valid_until)).where(
            Reciprocity.programme_id == guest_id, Reciprocity.host_programme_id == host_id
        )
    )
    query = sa.select(Proposal.programme_id).where(
        Proposal.kind == BEGIN,
        Proposal.state == ProposalState.DONE,
        Proposal.programme_id.in_([guest_id, host_id]),
        Proposal.details["guest"].astext == str(guest_id),
        Proposal.details["host"].astext == str(host_id),
    )
    return set(session.scalars(query.where(Proposal.decided_at > last) if last else query))


def list_consents_wanted(programme_id: UUID) -> list[tuple[Programme, Programme]]:
    """(guest, host) of agreements that the other side has approved and that wait for this programme's issuer."""
    query = sa.select(Proposal).where(
        Proposal.kind == BEGIN,
        Proposal.state == ProposalState.DONE,
        sa.or_(
            Proposal.details["guest"].astext == str(programme_id), Proposal.details["host"].astext == str(programme_id)
        ),
        Proposal.programme_id != programme_id,
    )
    found = []
    pairs = {_pair(proposal.details) for proposal in session.scalars(query).unique()}
    for guest_id, host_id in sorted(pairs):
        agreed = list_consents(guest_id, host_id)
        if agreed and programme_id not in agreed and _open(guest_id, host_id) is None:
            found.append((session.get_one(Programme, guest_id), session.get_one(Programme, host_id)))
    return found


def _proposed(kind: str, guest: Programme, host: Programme, side: UUID, person_id: UUID, reason: str) -> UUID:
    if side not in {guest.id, host.id}:
        raise value_errors.programme_unknown()
    details = {"guest": str(guest.id), "host": str(host.id)}
    if approvals.is_waiting(kind, side, details):
        raise errors.reciprocity_waiting()
    issuer_id = guest.issuer_id if side == guest.id else host.issuer_id
    draft = ProposalDraft(kind=kind, issuer_id=issuer_id, programme_id=side, reason=reason, details=details)
    return proposing.propose(draft, person_id)


def _both(guest_id: UUID, host_id: UUID) -> tuple[Programme, Programme]:
    if guest_id == host_id:
        raise errors.same_programme()
    found = {row.id: row for row in lock(Programme, [guest_id, host_id])}
    if len(found) != 2:
        raise value_errors.programme_unknown()
    return found[guest_id], found[host_id]


def _must_fit(guest: Programme, host: Programme) -> None:
    if not charter.is_within(charter.read_limits(host), charter.read_limits(guest)):
        raise errors.host_beyond_charter()
    if len(queries.list_network_shops(guest.id) | queries.list_shops([host.id])) > guest.max_outlets:
        raise errors.charter_full()


def _open(guest_id: UUID, host_id: UUID) -> Reciprocity | None:
    query = sa.select(Reciprocity).where(
        Reciprocity.programme_id == guest_id,
        Reciprocity.host_programme_id == host_id,
        Reciprocity.valid_until.is_(None),
    )
    return session.scalars(query).one_or_none()


def _pair(details: dict[str, Any]) -> tuple[UUID, UUID]:
    return UUID(details["guest"]), UUID(details["host"])


def _act(proposal: Proposal) -> None:
    guest, host = _both(*_pair(proposal.details))
    if guest.issuer_id == host.issuer_id or list_consents(guest.id, host.id) >= {guest.id, host.id}:
        enact(guest.id, host.id)


def _act_end(proposal: Proposal) -> None:
    end(*_pair(proposal.details))


def _tell(proposal: Proposal) -> kinds.Rows:
    guest, host = (session.get_one(Programme, programme_id) for programme_id in _pair(proposal.details))
    return [
        (_("Gutschein"), f"{guest.name} ({guest.issuer.name})"),
        (_("gilt in den Geschäften von"), f"{host.name} ({host.issuer.name})"),
    ]


KINDS = (
    ProposalKind(BEGIN, lazy("Annahme in einem anderen Programm"), _act, _tell),
    ProposalKind(END, lazy("Ende der Annahme in einem anderen Programm"), _act_end, _tell),
)
