"""People who work for an issuer, and what two of them do together."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from foundation.database import session, transact
from people import persons
from vouchers.approvals import deciding, proposing
from vouchers.approvals.proposing import ProposalDraft
from vouchers.stored_value.models import Programme


@dataclass(frozen=True)
class Two:
    """Two clerks of one issuer."""

    first: UUID
    second: UUID


def clerk(issuer_id: UUID, role: str = "issuer_clerk") -> UUID:
    """A person who works for the issuer, in the present transaction."""
    person = persons.create(email=f"{uuid4().hex}@example.org", name="Karla Amtmann", confirmed=True)
    persons.join(person.id, issuer_id, role)
    session.flush()
    return person.id


def two(issuer_id: UUID) -> Two:
    """Two of them, committed."""
    made = Two(clerk(issuer_id), clerk(issuer_id))
    session.commit()
    return made


def proposed(kind: str, programme_id: UUID, person_id: UUID, **values: Any) -> UUID:
    """A proposal, committed."""
    chosen: dict[str, Any] = {"reason": "weil es so sein soll"} | values
    issuer_id = session.get_one(Programme, programme_id).issuer_id
    draft = ProposalDraft(kind=kind, issuer_id=issuer_id, programme_id=programme_id, **chosen)
    return transact(proposing.propose, draft, person_id)


def approved(kind: str, programme_id: UUID, **values: Any) -> UUID:
    """Proposed by one clerk and approved by another of the programme's issuer."""
    people = two(session.get_one(Programme, programme_id).issuer_id)
    made = proposed(kind, programme_id, people.first, **values)
    transact(deciding.approve, made, people.second)
    return made
