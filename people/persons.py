"""What can happen to a person: being made, joining an organisation, using a mail link."""

import secrets
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from foundation import audit, clock
from foundation.database import lock_one, session
from foundation.errors import link_used_up
from people import errors
from people.models import MemberRole, Membership, Person
from people.queries import find_person

MAX_NAME_SYMBOLS = 120


def create(*, email: str, name: str = "", password_hash: str | None = None, confirmed: bool = False) -> Person:
    """Make a person. Refuses (`Invalid`) an address that somebody has already."""
    address = email.strip().lower()
    if find_person(address):
        raise errors.address_taken()
    person = Person(
        email=address,
        name=name.strip()[:MAX_NAME_SYMBOLS],
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
    if role not in tuple(MemberRole):
        raise errors.role_unknown()
    if session.get(Membership, (person_id, organisation_id, role)) is None:
        session.add(Membership(person_id=person_id, organisation_id=organisation_id, role=role))
        audit.record("person.joined", "person", person_id, organisation=str(organisation_id), role=role)


def use_link(email: str, issued_at: datetime) -> UUID:
    """The person of a mail link, made on its first use. A link works once and never for staff (`NotFound`)."""
    found = find_person(email)
    person = lock_one(Person, found.id) if found else create(email=email, confirmed=True)
    if person.is_staff or not person.active or (person.last_link_at and person.last_link_at >= issued_at):
        raise link_used_up()
    person.last_link_at = issued_at
    person.confirmed_at = person.confirmed_at or clock.now()
    return person.id


def rename(person_id: UUID, name: str) -> None:
    """Change the name. At most 120 characters."""
    if len(name) > MAX_NAME_SYMBOLS:
        raise errors.name_too_long()
    session.execute(sa.update(Person).where(Person.id == person_id).values(name=name.strip()))
