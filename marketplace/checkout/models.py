"""The draft of an order while somebody goes through the checkout. Decision 0502."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from foundation.clock import now
from foundation.database import Cents, Id, Model


class Checkout(Model):
    """The draft of an order. `key` names this attempt: one key, one order."""

    __tablename__ = "checkout"

    id: Mapped[Id]
    cart_id: Mapped[UUID] = mapped_column(sa.ForeignKey("cart.id", ondelete="CASCADE"), unique=True)
    key: Mapped[UUID]
    name: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    method: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=now)


class CheckoutPart(Model):
    """One shop's part of a draft: which window was chosen, and the id its order will have."""

    __tablename__ = "checkout_part"

    checkout_id: Mapped[UUID] = mapped_column(sa.ForeignKey("checkout.id", ondelete="CASCADE"), primary_key=True)
    outlet_id: Mapped[UUID] = mapped_column(sa.ForeignKey("outlet.id"), primary_key=True)
    order_id: Mapped[UUID] = mapped_column(unique=True)
    window_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("handover_window.id"))


class CheckoutVoucher(Model):
    """A voucher that was entered: a reference, and per shop what it can pay (null: all). Never its code."""

    __tablename__ = "checkout_voucher"

    checkout_id: Mapped[UUID] = mapped_column(sa.ForeignKey("checkout.id", ondelete="CASCADE"), primary_key=True)
    reference: Mapped[UUID] = mapped_column(primary_key=True)
    label: Mapped[str]
    available_cents: Mapped[Cents]
    per_outlet: Mapped[dict[str, Any]] = mapped_column(JSONB)
    entered_at: Mapped[datetime] = mapped_column(default=now)
