"""Who works where: a shop's owner lets clerks in and out. Called by the desk."""

from uuid import UUID

import sqlalchemy as sa

from foundation import audit, links, mail
from foundation.database import session
from foundation.languages import _, current_language
from people import errors, persons
from people.models import MemberRole, Membership, Organisation, Person
from people.queries import find_person

MAX_MEMBERS = 50
PURPOSE, INVITATION_DAYS = "staff-invitation", 7
INVITABLE_ROLES = (MemberRole.RETAILER_CLERK, MemberRole.RETAILER_OWNER, MemberRole.COUNTER_CLERK)


def list_members(organisation_id: UUID) -> list[tuple[Person, Membership]]:
    """List everybody with a role in an organisation, by name."""
    query = (
        sa.select(Person, Membership)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.organisation_id == organisation_id)
        .order_by(Person.name, Person.email)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def invite(organisation_id: UUID, *, email: str, name: str, role: str) -> None:
    """Mail somebody an invitation to a role. They have it once they accept: nobody is made staff behind their back.

    Refuses (`Invalid`) wrong addresses and roles that owners cannot give, (`Refused`) more than 50 members.
    """
    if role not in INVITABLE_ROLES:
        raise errors.role_unknown()
    address = mail.normalise_address(email)
    if len(list_members(organisation_id)) >= MAX_MEMBERS:
        raise errors.too_many_members(MAX_MEMBERS)
    organisation = session.get_one(Organisation, organisation_id)
    token = links.sign(PURPOSE, f"{organisation_id}|{role}|{name.strip()[:120]}|{address}", timed=True)
    mail.send(
        to=address,
        template="people/invitation",
        subject=_("Ihr Zugang für %(name)s", name=organisation.name),
        language=current_language(),
        organisation=organisation,
        link=links.absolute_url("invitation.accept", token=token),
        days=INVITATION_DAYS,
    )
    audit.record("person.invited", "organisation", organisation_id, role=role)


def read_invitation(token: str) -> tuple[Organisation, str, str, str]:
    """Read (organisation, role, name, address) out of an invitation. Refuses (`NotFound`) an expired or forged one."""
    organisation_id, role, rest = links.unsign(PURPOSE, token, INVITATION_DAYS * 86400).split("|", 2)
    name, _bar, address = rest.rpartition("|")
    return session.get_one(Organisation, UUID(organisation_id)), role, name, address


def accept_invitation(token: str) -> Person:
    """Give the invited person the role, and an access if they have none. A second call changes nothing."""
    organisation, role, name, address = read_invitation(token)
    person = find_person(address) or persons.create(email=address, name=name, confirmed=True)
    persons.join(person.id, organisation.id, role)
    return person


def remove_member(organisation_id: UUID, person_id: UUID, *, by: UUID) -> None:
    """Take all roles in the organisation away. Nobody can do that to themselves, so that an owner always stays."""
    if person_id == by:
        raise errors.own_access()
    found = session.scalars(
        sa.select(Membership).where(Membership.organisation_id == organisation_id, Membership.person_id == person_id)
    ).all()
    if not found:
        raise errors.member_unknown()
    for membership in found:
        session.delete(membership)
    audit.record("person.left", "person", person_id, organisation=str(organisation_id))
