"""An order of vouchers and its sales, from the form to the delivery, and what was written down about them.

Decision 0310.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from foundation.clock import now
from foundation.database import Cents, Id, Model
from vouchers.purchases.states import DEFAULT_DESIGN, VoucherDelivery, VoucherOrderState, VoucherSaleState

MAX_PICTURE_BYTES = 400_000


class VoucherOrder(Model):
    """What one buyer pays at once: one or more sales, each a contract with its own issuer.

    It carries the id of its first sale.
    `form_key` is that of the list it was made from: the same list sent twice is one order.
    """

    __tablename__ = "voucher_order"

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(unique=True)
    buyer_email: Mapped[str]
    buyer_name: Mapped[str]
    language: Mapped[str]
    person_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("person.id"))
    state: Mapped[str] = mapped_column(default=VoucherOrderState.DRAFT)
    payment_id: Mapped[UUID | None]
    form_key: Mapped[str | None] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    ordered_at: Mapped[datetime | None]
    paid_at: Mapped[datetime | None]

    __table_args__ = (
        sa.CheckConstraint(sa.column("state").in_(sorted(VoucherOrderState)), name="state_known"),
        sa.Index("ix_voucher_order_person", "person_id"),
    )

    @property
    def is_draft(self) -> bool:
        """Whether it is filled in and nothing is owed yet."""
        return self.state == VoucherOrderState.DRAFT

    @property
    def is_ordered(self) -> bool:
        """Whether it is ordered and its money is not certain yet."""
        return self.state == VoucherOrderState.ORDERED

    @property
    def is_paid(self) -> bool:
        """Whether its vouchers exist."""
        return self.state == VoucherOrderState.PAID

    @property
    def is_returned(self) -> bool:
        """Whether the money came when nothing could be sold for it any more, and goes back."""
        return self.state == VoucherOrderState.RETURNED


class VoucherSale(Model):
    """One voucher that somebody wants to buy. `number` is what the buyer reads on papers and tells the hotline.

    `instructed_at`: when the buyer was told about the withdrawal.
    `withdrawal_id`: the statement that is being carried out; `refunded_cents` went back when it was.
    """

    __tablename__ = "voucher_sale"

    id: Mapped[Id]
    order_id: Mapped[UUID] = mapped_column(sa.ForeignKey("voucher_order.id"))
    position: Mapped[int] = mapped_column(sa.SmallInteger, default=1)
    number: Mapped[str] = mapped_column(unique=True)
    programme_id: Mapped[UUID]
    cents: Mapped[Cents]
    state: Mapped[str] = mapped_column(default=VoucherSaleState.DRAFT)
    buyer_email: Mapped[str]
    buyer_name: Mapped[str]
    language: Mapped[str]
    gift: Mapped[bool] = mapped_column(default=False)
    delivery: Mapped[str] = mapped_column(default=VoucherDelivery.MAIL)
    recipient_email: Mapped[str | None]
    recipient_name: Mapped[str | None]
    recipient_language: Mapped[str]
    street: Mapped[str | None]
    town_line: Mapped[str | None]
    message: Mapped[str] = mapped_column(default="")
    design: Mapped[str] = mapped_column(default=DEFAULT_DESIGN)
    picture_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("voucher_picture.id"))
    deliver_at: Mapped[datetime | None]
    postcode: Mapped[str | None] = mapped_column(sa.CHAR(5))
    form_key: Mapped[str | None]
    terms_hash: Mapped[bytes | None]
    payment_id: Mapped[UUID | None]
    voucher_id: Mapped[UUID | None] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    ordered_at: Mapped[datetime | None]
    paid_at: Mapped[datetime | None]
    instructed_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    withdrawal_id: Mapped[UUID | None]
    withdrawn_at: Mapped[datetime | None]
    refunded_cents: Mapped[Cents] = mapped_column(default=0)

    __table_args__ = (
        sa.CheckConstraint(sa.column("state").in_(sorted(VoucherSaleState)), name="state_known"),
        sa.CheckConstraint(sa.column("delivery").in_(sorted(VoucherDelivery)), name="delivery_known"),
        sa.CheckConstraint("cents > 0", name="cents_positive"),
        sa.CheckConstraint(
            "CASE WHEN NOT gift THEN delivery = 'mail' WHEN delivery = 'mail' THEN recipient_email IS NOT NULL"
            " WHEN delivery = 'letter' THEN street IS NOT NULL AND town_line IS NOT NULL ELSE true END",
            name="gift_has_recipient",
        ),
        sa.CheckConstraint(
            "(state IN ('paid', 'delivered', 'withdrawn')) = (voucher_id IS NOT NULL)", name="voucher_when_paid"
        ),
        sa.CheckConstraint(
            "refunded_cents BETWEEN 0 AND cents AND (state = 'withdrawn' OR refunded_cents = 0)", name="refund_within"
        ),
        sa.Index("ix_voucher_sale_buyer", sa.text("lower(buyer_email)")),
        sa.Index("ix_voucher_sale_order", "order_id"),
        sa.Index("uq_voucher_sale_form_key", "form_key", unique=True),
        sa.Index(
            "ix_voucher_sale_withdrawing",
            "withdrawal_id",
            postgresql_where=sa.text("withdrawal_id IS NOT NULL AND withdrawn_at IS NULL"),
        ),
        sa.Index(
            "ix_voucher_sale_letters", "deliver_at", postgresql_where=sa.text("delivery = 'letter' AND state = 'paid'")
        ),
    )

    @property
    def is_draft(self) -> bool:
        """Whether it is filled in and nothing is owed yet."""
        return self.state == VoucherSaleState.DRAFT

    @property
    def is_paid(self) -> bool:
        """Whether the voucher exists and nobody has its secrets yet."""
        return self.state == VoucherSaleState.PAID

    @property
    def is_withdrawn(self) -> bool:
        """Whether the buyer stepped back and what was left is given back."""
        return self.state == VoucherSaleState.WITHDRAWN

    @property
    def is_being_withdrawn(self) -> bool:
        """Whether a statement of withdrawal is here and not carried out yet."""
        return self.withdrawal_id is not None and not self.is_withdrawn

    @property
    def is_withdrawable(self) -> bool:
        """Whether there is a contract that nobody has stepped back from; the 14 days are asked elsewhere."""
        return self.voucher_id is not None and self.withdrawal_id is None and not self.is_withdrawn

    @property
    def is_letter(self) -> bool:
        """Whether it is printed and posted by the issuer's people."""
        return self.delivery == VoucherDelivery.LETTER

    @property
    def is_printed_by_buyer(self) -> bool:
        """Whether the buyer prints it and hands it over."""
        return self.delivery == VoucherDelivery.PRINT

    @property
    def is_mailed_gift(self) -> bool:
        """Whether its mail goes to the recipient of a gift."""
        return self.gift and self.delivery == VoucherDelivery.MAIL

    @property
    def delivery_address(self) -> str:
        """Where it goes: name and street of a letter, else an address of mail."""
        if self.is_letter:
            return f"{self.recipient_name}, {self.street}, {self.town_line}"
        return (self.recipient_email or "") if self.is_mailed_gift else self.buyer_email


class VoucherTerms(Model):
    """The text that was agreed, kept under its hash for every sale that names it. Append-only."""

    __tablename__ = "voucher_terms"

    hash: Mapped[bytes] = mapped_column(primary_key=True)
    language: Mapped[str]
    text: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)


class VoucherPicture(Model):
    """A buyer's own picture, drawn anew as JPEG: nothing of the uploaded file is kept."""

    __tablename__ = "voucher_picture"

    id: Mapped[Id]
    data: Mapped[bytes]
    width: Mapped[int]
    height: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (sa.CheckConstraint(f"octet_length(data) <= {MAX_PICTURE_BYTES}", name="data_small"),)


class SaleEvent(Model):
    """What was done with a sale after it was paid: sent again, address corrected, printed, withdrawn. Append-only."""

    __tablename__ = "sale_event"

    id: Mapped[Id]
    sale_id: Mapped[UUID]
    kind: Mapped[str]
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB)
    recorded_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (sa.Index("ix_sale_event_sale", "sale_id", "recorded_at"),)
