"""Questions about people, towns and places of business."""

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa

from foundation.database import session
from people import errors
from people.models import Municipality, Organisation, Outlet, Person, Postcode


def list_outlets(organisation_ids: Iterable[UUID], *, suspended: bool = False) -> list[Outlet]:
    """List the active places of business of some organisations by name; with `suspended`, all of them."""
    ids = list(organisation_ids)
    if not ids:
        return []
    query = sa.select(Outlet).where(Outlet.organisation_id.in_(ids)).order_by(Outlet.name)
    if not suspended:
        query = query.where(Outlet.active)
    return list(session.scalars(query).unique())


def load_outlet(slug: str) -> Outlet:
    """Load the place of business with this slug, also a suspended one. Refuses unknown ones (`NotFound`)."""
    found = session.scalars(sa.select(Outlet).where(Outlet.slug == slug)).unique().one_or_none()
    if found is None:
        raise errors.outlet_unknown()
    return found


def load_organisation(slug: str) -> Organisation:
    """Load the organisation with this slug. Refuses unknown ones (`NotFound`)."""
    found = session.scalars(sa.select(Organisation).where(Organisation.slug == slug)).one_or_none()
    if found is None:
        raise errors.organisation_unknown()
    return found


def list_municipalities() -> list[Municipality]:
    """List all towns of the region by name."""
    return list(session.scalars(sa.select(Municipality).order_by(Municipality.name)))


def find_place(text: str) -> Postcode | None:
    """Find the point (WGS 84) of a postcode or of a town's name, or nothing."""
    place = text.strip()[:80]
    query = sa.select(Postcode).join(Municipality, Municipality.ags == Postcode.ags)
    by = Postcode.postcode == place if place.isdigit() else sa.func.lower(Municipality.name) == place.lower()
    return session.scalars(query.where(by).order_by(Postcode.postcode).limit(1)).one_or_none()


def find_person(email: str) -> Person | None:
    """Find the person with this mail address, whatever its case; nobody is `None`."""
    return session.scalars(sa.select(Person).where(sa.func.lower(Person.email) == email.strip().lower())).one_or_none()


def load_person(person_id: UUID) -> Person:
    """Load the person with this id, who must exist."""
    return session.get_one(Person, person_id)
