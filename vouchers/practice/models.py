"""Tables to practise with. Nothing real refers to them, and they refer to no voucher, lot, operation or entry."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from foundation.clock import now
from foundation.database import Cents, Id, Model

STATES = ("active", "blocked")
KINDS = ("redeem", "void", "refund", "hold", "capture", "release")


class TrainingToken(Model):
    """A key for the sandbox: what holds it acts as a till of the shop that practises. Known by its hash."""

    __tablename__ = "training_token"

    id: Mapped[Id]
    hash: Mapped[bytes] = mapped_column(unique=True)
    outlet_id: Mapped[UUID] = mapped_column(sa.ForeignKey("outlet.id"), index=True)
    name: Mapped[str]
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    __table_args__ = (sa.CheckConstraint("octet_length(hash) = 32", name="hash_whole"),)


class TrainingTill(Model):
    """A real till that practises now. The row goes when practising ends."""

    __tablename__ = "training_till"

    till_id: Mapped[UUID] = mapped_column(sa.ForeignKey("till.id"), primary_key=True)
    staff_id: Mapped[UUID | None]
    since: Mapped[datetime] = mapped_column(default=now)


class TrainingVoucher(Model):
    """A voucher to practise with at the shops of one retailer. `lots`: kind, issued, balance, held, until."""

    __tablename__ = "training_voucher"

    id: Mapped[Id]
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    code_hash: Mapped[bytes] = mapped_column(unique=True)
    last4: Mapped[str] = mapped_column(sa.CHAR(4))
    state: Mapped[str]
    lots: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    made_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (
        sa.CheckConstraint(sa.column("state").in_(sorted(STATES)), name="state_known"),
        sa.CheckConstraint("octet_length(token_hash) = 32 AND octet_length(code_hash) = 32", name="hashes_whole"),
    )


class TrainingOperation(Model):
    """What was practised, also refusals: the record of its key. `parts`: place of the lot, cents, lapsed."""

    __tablename__ = "training_operation"

    id: Mapped[Id]
    voucher_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("training_voucher.id"))
    kind: Mapped[str]
    outcome: Mapped[str]
    cents: Mapped[Cents]
    actor_id: Mapped[UUID]
    key: Mapped[str]
    fingerprint: Mapped[bytes]
    ref_id: Mapped[UUID | None]
    outlet_id: Mapped[UUID]
    staff_id: Mapped[UUID | None]
    receipt_no: Mapped[str | None]
    reason: Mapped[str | None]
    expires_at: Mapped[datetime | None]
    parts: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    recorded_at: Mapped[datetime] = mapped_column(default=now)
    booked_on: Mapped[date]

    __table_args__ = (
        sa.CheckConstraint(sa.column("kind").in_(sorted(KINDS)), name="kind_known"),
        sa.CheckConstraint("cents >= 0", name="cents_not_negative"),
        sa.UniqueConstraint("actor_id", "key", name="uq_training_operation_key"),
        sa.Index("ix_training_operation_day", "outlet_id", "booked_on"),
        sa.Index("ix_training_operation_ref", "voucher_id", "ref_id"),
    )
