"""Baskets, and the draft of an order while somebody goes through the checkout."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from foundation.clock import now
from foundation.database import Cents, Id, Model

MAX_CART_LINES = 50
MAX_LINE_QUANTITY = 99


class Cart(Model):
    """A basket. A guest's is known by a signed cookie, a person's by the person; open until its order is secured."""

    __tablename__ = "cart"

    id: Mapped[Id]
    person_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    touched_at: Mapped[datetime] = mapped_column(default=now)
    closed_at: Mapped[datetime | None]

    __table_args__ = (
        sa.Index(
            "uq_cart_open_person",
            "person_id",
            unique=True,
            postgresql_where=sa.text("closed_at IS NULL AND person_id IS NOT NULL"),
        ),
    )


class CartLine(Model):
    """One offer in a basket, with the shop, name, price and deposit (cents, one piece) as the shopper saw them last."""

    __tablename__ = "cart_line"

    id: Mapped[Id]
    cart_id: Mapped[UUID] = mapped_column(sa.ForeignKey("cart.id", ondelete="CASCADE"))
    offer_id: Mapped[UUID] = mapped_column(sa.ForeignKey("offer.id"), index=True)
    outlet_id: Mapped[UUID] = mapped_column(sa.ForeignKey("outlet.id"))
    name: Mapped[str]
    price_cents: Mapped[Cents]
    deposit_cents: Mapped[Cents] = mapped_column(default=0)
    quantity: Mapped[int]
    added_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (
        sa.UniqueConstraint("cart_id", "offer_id"),
        sa.CheckConstraint(f"quantity BETWEEN 1 AND {MAX_LINE_QUANTITY}", name="quantity"),
        sa.CheckConstraint("price_cents >= 0 AND deposit_cents >= 0", name="price"),
    )


class Checkout(Model):
    """The draft of an order. `key` names this attempt: one key, one order. Goods are held until `held_until`."""

    __tablename__ = "checkout"

    id: Mapped[Id]
    cart_id: Mapped[UUID] = mapped_column(sa.ForeignKey("cart.id", ondelete="CASCADE"), unique=True)
    key: Mapped[UUID]
    held_until: Mapped[datetime | None]
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
