"""What can happen to a person: being made, joining an organisation, using a mail link."""

import secrets
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from foundation import audit, clock
from foundation.database import lock_one, session
from foundation.errors import Invalid, NotFound
from foundation.languages import _
from people.models import MEMBER_ROLES, Membership, Person
from people.queries import find_person


def create(*, email: str, name: str = "", password_hash: str | None = None, confirmed: bool = False) -> Person:
    """A new person. Refuses (`Invalid`) an address that somebody has already."""
    address = email.strip().lower()
    if find_person(address):
        raise Invalid(_("Zu dieser E-Mail-Adresse gibt es schon einen Zugang."), field="email")
    person = Person(
        email=address,
        name=name.strip()[:120],
        password=password_hash,
        fs_uniquifier=secrets.token_hex(32),
        confirmed_at=clock.now() if confirmed else None,
    )
    session.add(person)
    session.flush()
    audit.record("person.created", "person", person.id)
    return person


def join(person_id: UUID, organisation_id: UUID, role: str) -> None:
    """Give a person a role in an organisation. Twice is once. Refuses unknown roles (`Invalid`)."""
    if role not in MEMBER_ROLES:
        raise Invalid(_("Diese Rolle gibt es nicht."))
    if session.get(Membership, (person_id, organisation_id, role)) is None:
        session.add(Membership(person_id=person_id, organisation_id=organisation_id, role=role))
        audit.record("person.joined", "person", person_id, organisation=str(organisation_id), role=role)


def use_link(email: str, issued_at: datetime) -> UUID:
    """The person of a mail link, made on its first use. A link works once and never for staff (`NotFound`)."""
    gone = NotFound(_("Dieser Link gilt nicht (mehr). Bitte fordern Sie einen neuen an."), "link_not_valid")
    found = find_person(email)
    person = lock_one(Person, found.id) if found else create(email=email, confirmed=True)
    if person.is_staff or not person.active or (person.last_link_at and person.last_link_at >= issued_at):
        raise gone
    person.last_link_at = issued_at
    person.confirmed_at = person.confirmed_at or clock.now()
    return person.id


def rename(person_id: UUID, name: str) -> None:
    """Change the name. At most 120 characters."""
    if len(name) > 120:
        raise Invalid(_("Der Name ist zu lang (höchstens 120 Zeichen)."), field="name")
    session.execute(sa.update(Person).where(Person.id == person_id).values(name=name.strip()))
