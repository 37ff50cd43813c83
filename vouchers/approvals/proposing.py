"""Proposing: the first of two people says what shall be done, why, and for how much."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from foundation import audit
from foundation.database import session, uuid7
from foundation.errors import Invalid, NotAllowed, NotFound, Refused
from foundation.languages import _
from people.models import Person
from people.permissions import is_allowed
from vouchers.approvals import kinds
from vouchers.approvals.models import Proposal
from vouchers.stored_value.models import Programme

SHORTEST, LONGEST = 3, 500
MOST_CENTS = 100_000_000_00
ONE_KEY = sa.text("SELECT pg_advisory_xact_lock(hashtextextended('proposal ' || :key, 0))")


def propose(
    kind: str,
    *,
    programme_id: UUID,
    reason: str,
    person_id: UUID,
    cents: int = 0,
    details: dict[str, Any] | None = None,
    key: str | None = None,
) -> UUID:
    """Write a proposal down; gives its id. Nothing happens before somebody else approves it.

    The same `key` with the same content gives the earlier proposal; with another it is refused. Refuses people who do
    not work for the programme's issuer (`NotAllowed`), reasons of fewer than 3 or more than 500 characters (`Invalid`).
    """
    wanted = kinds.of(kind)
    programme = session.get(Programme, programme_id)
    if programme is None:
        raise NotFound(_("Dieses Gutscheinprogramm gibt es nicht."))
    must_work_for(person_id, programme.issuer_id, "vouchers.propose")
    told = reason.strip()
    if not SHORTEST <= len(told) <= LONGEST:
        raise Invalid(_("Bitte nennen Sie einen Grund, 3 bis 500 Zeichen."), "reason_missing", field="reason")
    if not 0 <= cents <= MOST_CENTS:
        raise Invalid(_("Dieser Betrag ist nicht möglich."), "amount_out_of_range", field="cents")
    values = {"kind": wanted.key, "programme_id": programme_id, "cents": cents, "details": details or {}}
    return _written(key or str(uuid7()), values, told, person_id)


def _written(key: str, values: dict[str, Any], reason: str, person_id: UUID) -> UUID:
    session.execute(ONE_KEY, {"key": key})
    earlier = session.scalars(sa.select(Proposal).where(Proposal.key == key)).unique().one_or_none()
    if earlier:
        if any(getattr(earlier, name) != value for name, value in values.items()):
            raise Refused(_("Dieser Vorschlag liegt schon vor, mit anderem Inhalt."), "key_reused")
        return earlier.id
    made = Proposal(id=uuid7(), key=key, reason=reason, proposed_by=person_id, **values)
    session.add(made)
    session.flush()
    audit.record(
        "proposal.made", "proposal", made.id, kind=made.kind, cents=made.cents, programme=str(made.programme_id)
    )
    return made.id


def must_work_for(person_id: UUID, issuer_id: UUID, permission: str) -> None:
    """Refuses (`NotAllowed`) who holds the permission nowhere in that issuer's organisation, or is no longer active."""
    person = session.get(Person, person_id, populate_existing=True)
    roles = (
        {m.role for m in person.memberships if m.organisation_id == issuer_id} if person and person.active else set()
    )
    if not is_allowed(roles, permission):
        raise NotAllowed(_("Sie arbeiten nicht für diesen Herausgeber."), "not_this_issuer")
