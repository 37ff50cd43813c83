"""Tills of shops, their tokens, invitations by which devices become tills, and the people at them. Decision 0305."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from foundation.clock import now
from foundation.database import Id, Model
from people.models import Outlet
from vouchers.stored_value.models import one_of
from vouchers.tills.states import StaffRole, TokenScope

SCOPES = ",".join(sorted(TokenScope))


class Till(Model):
    """An enrolled device of a shop, known by its tokens. While it is paused it takes nothing, but gives back."""

    __tablename__ = "till"

    id: Mapped[Id]
    outlet_id: Mapped[UUID] = mapped_column(sa.ForeignKey("outlet.id"), index=True)
    name: Mapped[str]
    enrolled_by: Mapped[UUID | None]
    enrolled_at: Mapped[datetime] = mapped_column(default=now)
    revoked_at: Mapped[datetime | None]
    paused_until: Mapped[datetime | None]
    pause_reason: Mapped[str | None]

    outlet: Mapped[Outlet] = relationship(lazy="joined", innerjoin=True)


class TillToken(Model):
    """A bearer token of a till, as its hash, and what it may do (`scopes`). A till may have several at a time."""

    __tablename__ = "till_token"

    hash: Mapped[bytes] = mapped_column(primary_key=True)
    till_id: Mapped[UUID] = mapped_column(sa.ForeignKey("till.id"), index=True)
    name: Mapped[str]
    scopes: Mapped[list[str]] = mapped_column(sa.ARRAY(sa.Text))
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    __table_args__ = (
        sa.CheckConstraint("octet_length(hash) = 32", name="hash_whole"),
        sa.CheckConstraint(f"cardinality(scopes) > 0 AND scopes <@ '{{{SCOPES}}}'::text[]", name="scopes_known"),
    )


class TillEnrolment(Model):
    """A one-time invitation for a device, shown as QR at the retailer's desk. Ten minutes."""

    __tablename__ = "till_enrolment"

    id: Mapped[Id]
    outlet_id: Mapped[UUID] = mapped_column(sa.ForeignKey("outlet.id"))
    name: Mapped[str]
    secret_hash: Mapped[bytes] = mapped_column(unique=True)
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    till_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("till.id"))


class TillStaff(Model):
    """Somebody at the till, known by an alias and a PIN: no personal account is needed."""

    __tablename__ = "till_staff"

    id: Mapped[Id]
    outlet_id: Mapped[UUID] = mapped_column(sa.ForeignKey("outlet.id"))
    alias: Mapped[str]
    pin_hash: Mapped[bytes]
    role: Mapped[str] = mapped_column(default=StaffRole.CASHIER)
    active: Mapped[bool] = mapped_column(default=True)
    wrong_pins: Mapped[int] = mapped_column(sa.SmallInteger, default=0)
    locked_until: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (
        one_of("role", StaffRole),
        sa.Index(
            "uq_till_staff_alias",
            "outlet_id",
            "alias",
            unique=True,
            postgresql_where=sa.text("active"),
        ),
    )

    @property
    def is_lead(self) -> bool:
        """Whether they may give back on later days and switch a till to practice."""
        return self.role == StaffRole.LEAD
