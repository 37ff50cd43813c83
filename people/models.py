"""Towns, persons, organisations, their places of business and who works where."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from foundation.clock import now
from foundation.database import Id, Model

ORGANISATION_KINDS = ("retailer", "issuer", "association", "operator")
MEMBER_ROLES = ("retailer_owner", "retailer_clerk", "point_keeper", "issuer_clerk", "auditor", "operator")


class Municipality(Model):
    """A town of the region. `ags` is its official key (Amtlicher Gemeindeschlüssel)."""

    __tablename__ = "municipality"

    ags: Mapped[str] = mapped_column(sa.CHAR(8), primary_key=True)
    name: Mapped[str]
    slug: Mapped[str] = mapped_column(unique=True)
    district: Mapped[str]


class Postcode(Model):
    """A postcode with a point in it (WGS 84). One postcode may serve several towns."""

    __tablename__ = "postcode"

    postcode: Mapped[str] = mapped_column(sa.CHAR(5), primary_key=True)
    ags: Mapped[str] = mapped_column(sa.ForeignKey("municipality.ags"), primary_key=True)
    latitude: Mapped[float] = mapped_column(sa.Double)
    longitude: Mapped[float] = mapped_column(sa.Double)


class Organisation(Model):
    """A legal entity: a retailer, an issuer of vouchers, an association, the operator."""

    __tablename__ = "organisation"

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    legal_name: Mapped[str]
    kind: Mapped[str]
    street: Mapped[str]
    postcode: Mapped[str] = mapped_column(sa.CHAR(5))
    town: Mapped[str]
    email: Mapped[str]
    phone: Mapped[str]
    vat_id: Mapped[str | None]
    register: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (sa.CheckConstraint(sa.column("kind").in_(ORGANISATION_KINDS), name="kind_known"),)


class Outlet(Model):
    """An organisation's place of business: tills, acceptance of vouchers and storefronts hang on it.

    `opening_hours` is written in the syntax of OpenStreetMap, `latitude` and `longitude` are WGS 84.
    """

    __tablename__ = "outlet"

    id: Mapped[Id]
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    trade: Mapped[str]
    street: Mapped[str]
    postcode: Mapped[str] = mapped_column(sa.CHAR(5))
    ags: Mapped[str] = mapped_column(sa.ForeignKey("municipality.ags"), index=True)
    latitude: Mapped[float] = mapped_column(sa.Double)
    longitude: Mapped[float] = mapped_column(sa.Double)
    phone: Mapped[str]
    email: Mapped[str]
    opening_hours: Mapped[str]
    step_free: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=now)

    organisation: Mapped[Organisation] = relationship(lazy="joined")
    municipality: Mapped[Municipality] = relationship(lazy="joined")


class Membership(Model):
    """A person's role in an organisation."""

    __tablename__ = "membership"

    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisation.id"), primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime] = mapped_column(default=now)

    organisation: Mapped[Organisation] = relationship(lazy="joined")

    __table_args__ = (sa.CheckConstraint(sa.column("role").in_(MEMBER_ROLES), name="role_known"),)


class Person(Model):
    """Somebody who signs in. Shoppers need no membership."""

    __tablename__ = "person"

    id: Mapped[Id]
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(default="")
    password: Mapped[str | None]
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(unique=True)
    confirmed_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)

    memberships: Mapped[list[Membership]] = relationship(lazy="selectin")
