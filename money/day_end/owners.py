"""Who owns a difference: a named person who handles the bank for the issuer, told once by mail that it is theirs."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa

from foundation import audit, mail
from foundation.clock import now
from foundation.database import session
from foundation.languages import force_locale, lazy
from foundation.links import absolute_url
from money.amount import euro
from money.day_end import errors
from money.day_end.models import DayDifference
from people.models import Membership, Organisation, Person
from people.permissions import ROLES, is_allowed

PERMISSION = "bank.handle"
TEMPLATE = "money/difference"


def list_candidates(ledger_id: UUID) -> Sequence[Person]:
    """List who may own an issuer's differences: its own people first, then the operator's, each by how long they are
    there."""
    allowed = [role for role in ROLES if is_allowed({role}, PERMISSION)]
    own = Membership.organisation_id == ledger_id
    query = (
        sa.select(Person)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.role.in_(allowed), sa.or_(own, Membership.role == "operator"), Person.active)
        .group_by(Person.id)
        .order_by(sa.func.bool_or(own).desc(), sa.func.min(Membership.since), Person.id)
    )
    return session.scalars(query).unique().all()


def find_first_owner(ledger_id: UUID) -> UUID | None:
    """Find who gets a new difference: who had the last one, else who has been there the longest; None without any."""
    candidates = [person.id for person in list_candidates(ledger_id)]
    query = sa.select(DayDifference.owner_id).where(
        DayDifference.ledger_id == ledger_id, DayDifference.owner_id.in_(candidates)
    )
    last = session.scalar(query.order_by(DayDifference.since.desc(), DayDifference.id.desc()).limit(1))
    return last or (candidates[0] if candidates else None)


def assign(difference: DayDifference, owner_id: UUID) -> None:
    """Give a difference to a person, who gets a mail. The row is locked. The same owner again changes nothing.

    Refuses whoever does not handle this issuer's bank.
    """
    if difference.owner_id == owner_id:
        return
    if owner_id not in {person.id for person in list_candidates(difference.ledger_id)}:
        raise errors.owner_unknown()
    before = difference.owner_id
    difference.owner_id, difference.told_at = owner_id, None
    audit.record(
        "day_end.owner", "day_difference", difference.id, owner=str(owner_id), before=str(before) if before else None
    )
    tell(difference)


def tell(difference: DayDifference) -> None:
    """Mail the owner what differs, once."""
    owner = session.get(Person, difference.owner_id) if difference.owner_id else None
    if owner is None or difference.told_at is not None:
        return
    difference.told_at = now()
    session.flush()
    issuer = session.get(Organisation, difference.ledger_id)
    with force_locale(owner.language):
        amount = euro(abs(difference.cents))
    mail.send(
        to=owner.email,
        template=TEMPLATE,
        subject=lazy("Bank und Bücher gehen auseinander: %(amount)s", amount=amount)
        if difference.is_stated
        else lazy("Ein Kontoauszug fehlt"),
        language=owner.language,
        difference=difference,
        issuer=issuer.name if issuer else "",
        amount=amount,
        link=absolute_url("office_days.overview") + f"#d-{difference.id}",
    )
