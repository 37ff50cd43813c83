"""The sale of one voucher, from the form to the delivery."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from foundation.clock import now
from foundation.database import Cents, Id, Model

STATES = ("draft", "ordered", "paid", "delivered")
DESIGNS = ("feld", "stadt", "allee", "fest")


class VoucherSale(Model):
    """One voucher that somebody wants to buy. `number` is what the buyer reads on papers and tells the hotline."""

    __tablename__ = "voucher_sale"

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(unique=True)
    programme_id: Mapped[UUID]
    cents: Mapped[Cents]
    state: Mapped[str] = mapped_column(default="draft")
    buyer_email: Mapped[str]
    buyer_name: Mapped[str]
    language: Mapped[str]
    gift: Mapped[bool] = mapped_column(default=False)
    recipient_email: Mapped[str | None]
    recipient_name: Mapped[str | None]
    recipient_language: Mapped[str]
    message: Mapped[str] = mapped_column(default="")
    design: Mapped[str] = mapped_column(default="feld")
    deliver_at: Mapped[datetime | None]
    postcode: Mapped[str | None] = mapped_column(sa.CHAR(5))
    terms_hash: Mapped[bytes | None]
    payment_id: Mapped[UUID | None]
    voucher_id: Mapped[UUID | None] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    ordered_at: Mapped[datetime | None]
    paid_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]

    __table_args__ = (
        sa.CheckConstraint(sa.column("state").in_(STATES), name="state_known"),
        sa.CheckConstraint("cents > 0", name="cents_positive"),
        sa.CheckConstraint("NOT gift OR recipient_email IS NOT NULL", name="gift_has_recipient"),
        sa.CheckConstraint("(state IN ('paid', 'delivered')) = (voucher_id IS NOT NULL)", name="voucher_when_paid"),
        sa.Index("ix_voucher_sale_buyer", sa.text("lower(buyer_email)")),
    )
