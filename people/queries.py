"""Questions about people, towns and places of business."""

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa

from foundation.database import session
from people import errors
from people.models import Municipality, Organisation, Outlet, Person, Postcode


def list_outlets(organisation_ids: Iterable[UUID], *, suspended: bool = False) -> list[Outlet]:
    """The active places of business of some organisations (with `suspended`, all of them), by name."""
    wanted = list(organisation_ids)
    if not wanted:
        return []
    query = sa.select(Outlet).where(Outlet.organisation_id.in_(wanted)).order_by(Outlet.name)
    if not suspended:
        query = query.where(Outlet.active)
    return list(session.scalars(query).unique())


def load_outlet(slug: str) -> Outlet:
    """Refuses with `NotFound`."""
    found = session.scalars(sa.select(Outlet).where(Outlet.slug == slug)).unique().one_or_none()
    if found is None:
        raise errors.outlet_unknown()
    return found


def load_organisation(slug: str) -> Organisation:
    """Refuses with `NotFound`."""
    found = session.scalars(sa.select(Organisation).where(Organisation.slug == slug)).one_or_none()
    if found is None:
        raise errors.organisation_unknown()
    return found


def list_municipalities() -> list[Municipality]:
    """All towns of the region, by name."""
    return list(session.scalars(sa.select(Municipality).order_by(Municipality.name)))


def find_place(text: str) -> Postcode | None:
    """A point (WGS 84) for a postcode or the name of a town, or nothing."""
    wanted = text.strip()[:80]
    query = sa.select(Postcode).join(Municipality, Municipality.ags == Postcode.ags)
    by = Postcode.postcode == wanted if wanted.isdigit() else sa.func.lower(Municipality.name) == wanted.lower()
    return session.scalars(query.where(by).order_by(Postcode.postcode).limit(1)).one_or_none()


def find_person(email: str) -> Person | None:
    """The person with this address, or nobody."""
    return session.scalars(sa.select(Person).where(sa.func.lower(Person.email) == email.strip().lower())).one_or_none()
