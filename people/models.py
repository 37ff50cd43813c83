"""Towns, persons, organisations, their places of business and who works where."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from flask_security import AsaList, UserMixin, WebAuthnMixin
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, mapped_column, relationship

from foundation.clock import now
from foundation.database import Id, Model


class OrganisationKind(StrEnum):
    """What an organisation does in the region, and so which pages are for it."""

    RETAILER = "retailer"  # sells
    ISSUER = "issuer"  # owes the value of vouchers
    ASSOCIATION = "association"  # audits, or speaks for others
    OPERATOR = "operator"  # runs the marketplace
    COUNTER = "counter"  # sells voucher cards over the counter


class MemberRole(StrEnum):
    """What a person does in an organisation; `people.permissions` says what the role may do."""

    RETAILER_OWNER = "retailer_owner"  # everything of the shop, who works there included
    RETAILER_CLERK = "retailer_clerk"  # orders and redemptions
    POINT_KEEPER = "point_keeper"  # takes in and hands out parcels
    ISSUER_CLERK = "issuer_clerk"  # programmes, approvals, money of an issuer
    COUNTER_CLERK = "counter_clerk"  # sells cards
    AUDITOR = "auditor"  # reads the books
    OPERATOR = "operator"  # sees that everything runs


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

    __table_args__ = (sa.CheckConstraint(sa.column("kind").in_(tuple(OrganisationKind)), name="kind_known"),)


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

    __table_args__ = (sa.CheckConstraint(sa.column("role").in_(tuple(MemberRole)), name="role_known"),)

    @property
    def is_owner(self) -> bool:
        """Whether the person owns the retailer, and so decides who has access."""
        return self.role == MemberRole.RETAILER_OWNER


# Flask-Security describes its mixins with integer ids and with roles of its own: hence the ignored types below.
class Person(Model, UserMixin):
    """Somebody who signs in. Shoppers need no membership. `tf_`, `mf_` and `fs_` columns are Flask-Security's."""

    __tablename__ = "person"

    id: Mapped[Id]  # type: ignore[assignment]
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="de")
    password: Mapped[str | None]
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(unique=True)
    confirmed_at: Mapped[datetime | None]
    last_link_at: Mapped[datetime | None]
    tf_primary_method: Mapped[str | None]
    tf_totp_secret: Mapped[str | None]
    mf_recovery_codes: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(AsaList()))
    fs_webauthn_user_handle: Mapped[str | None] = mapped_column(unique=True)  # type: ignore[assignment]
    created_at: Mapped[datetime] = mapped_column(default=now)

    memberships: Mapped[list[Membership]] = relationship(lazy="selectin")
    webauthn: Mapped[list["Passkey"]] = relationship(  # type: ignore[assignment]
        back_populates="user", cascade="all, delete-orphan"
    )

    @property
    def roles(self) -> list[object]:  # type: ignore[override]
        """Flask-Security asks for roles; ours hang on memberships."""
        return []

    @property
    def is_staff(self) -> bool:
        """Whether this person works for somebody."""
        return bool(self.memberships)

    @property
    def has_second_factor(self) -> bool:
        """Whether a code generator or a passkey is set up."""
        return bool(self.tf_primary_method or self.webauthn)


class Passkey(Model, WebAuthnMixin):
    """A passkey of a person (W3C Web Authentication)."""

    __tablename__ = "passkey"

    id: Mapped[Id]  # type: ignore[assignment]
    user_id: Mapped[UUID] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), index=True)
    credential_id: Mapped[bytes] = mapped_column(unique=True)
    public_key: Mapped[bytes]
    sign_count: Mapped[int] = mapped_column(default=0)
    transports: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(AsaList()))
    backup_state: Mapped[bool]
    device_type: Mapped[str]
    extensions: Mapped[str | None]
    create_datetime: Mapped[datetime] = mapped_column(default=now)
    lastuse_datetime: Mapped[datetime] = mapped_column(default=now)
    name: Mapped[str]
    usage: Mapped[str]

    user: Mapped[Person] = relationship(back_populates="webauthn")

    def get_user_mapping(self) -> dict[str, object]:
        """Give the key by which Flask-Security finds the person of a passkey."""
        return {"id": self.user_id}
