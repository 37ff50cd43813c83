"""Batches of cards, the cards, the counters that sell them, and what was sold and paid.

Of a card's secrets only the hashes are here. Its voucher comes into being when a counter activates it, with the same
hashes: until then no table knows any value. Decision 0315.
"""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from foundation.clock import now
from foundation.database import Cents, Id, Model
from people.models import Municipality, Organisation
from vouchers.cards.numbers import format_number
from vouchers.cards.states import TENDER_NAMES, CardMovementKind, CardState, CounterTender
from vouchers.stored_value.models import Programme, one_of


class Counter(Model):
    """A place that sells cards for an issuer: a town hall, a bank, a tourist office.

    `open_cents` is what it has taken in and not yet paid over, the same as the issuer's account SF says of it; no sale
    brings it above `credit_line_cents`. `receipts` counts its receipts without a gap.
    """

    __tablename__ = "counter"

    id: Mapped[Id]
    issuer_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    ags: Mapped[str] = mapped_column(sa.ForeignKey("municipality.ags"))
    credit_line_cents: Mapped[Cents] = mapped_column(default=0)
    open_cents: Mapped[Cents] = mapped_column(default=0)
    receipts: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=now)

    issuer: Mapped[Organisation] = relationship(foreign_keys=[issuer_id], lazy="joined", innerjoin=True)
    organisation: Mapped[Organisation] = relationship(foreign_keys=[organisation_id], lazy="joined", innerjoin=True)
    municipality: Mapped[Municipality] = relationship(lazy="joined", innerjoin=True)

    __table_args__ = (
        sa.CheckConstraint("credit_line_cents >= 0 AND open_cents >= 0 AND receipts >= 0", name="not_negative"),
        sa.CheckConstraint("code ~ '^[A-Z0-9]{2,8}$'", name="code_plain"),
    )

    @property
    def free_cents(self) -> int:
        """For how much it may still sell before it pays."""
        return max(0, self.credit_line_cents - self.open_cents)


class CardBatch(Model):
    """Cards printed together. `face_cents` is their fixed value; without one the buyer chooses at the counter."""

    __tablename__ = "card_batch"

    id: Mapped[Id]
    programme_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programme.id"), index=True)
    name: Mapped[str]
    count: Mapped[int]
    first_serial: Mapped[int] = mapped_column(sa.BigInteger)
    face_cents: Mapped[int | None] = mapped_column(sa.BigInteger)
    made_by: Mapped[str]
    key: Mapped[str] = mapped_column(unique=True)
    made_at: Mapped[datetime] = mapped_column(default=now)

    programme: Mapped[Programme] = relationship(lazy="joined", innerjoin=True)

    __table_args__ = (
        sa.CheckConstraint("count BETWEEN 1 AND 5000", name="count_within"),
        sa.CheckConstraint("face_cents IS NULL OR face_cents > 0", name="face_positive"),
    )


class StockCard(Model):
    """One card. `serial` is what its outside shows, with a check digit behind; the secrets are under foil."""

    __tablename__ = "stock_card"

    id: Mapped[Id]
    batch_id: Mapped[UUID] = mapped_column(sa.ForeignKey("card_batch.id"), index=True)
    serial: Mapped[int] = mapped_column(sa.BigInteger, unique=True)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    code_hash: Mapped[bytes] = mapped_column(unique=True)
    pin_hash: Mapped[bytes]
    last4: Mapped[str] = mapped_column(sa.CHAR(4))
    state: Mapped[str] = mapped_column(default=CardState.STOCK)
    counter_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("counter.id"))
    voucher_id: Mapped[UUID | None] = mapped_column(unique=True)

    batch: Mapped[CardBatch] = relationship(lazy="joined", innerjoin=True)

    __table_args__ = (
        one_of("state", CardState),
        sa.CheckConstraint("state <> 'activated' OR voucher_id IS NOT NULL", name="activated_has_voucher"),
        sa.CheckConstraint("voucher_id IS NULL OR state IN ('activated', 'destroyed')", name="stock_has_none"),
        sa.CheckConstraint("state NOT IN ('sent', 'received') OR counter_id IS NOT NULL", name="sent_somewhere"),
        sa.CheckConstraint(
            "octet_length(token_hash) = 32 AND octet_length(code_hash) = 32 AND octet_length(pin_hash) = 32",
            name="hashes_whole",
        ),
        sa.Index("ix_stock_card_counter", "counter_id", "state"),
    )

    @property
    def number(self) -> str:
        """The number as it is printed outside, in groups."""
        return format_number(self.serial)


class CardMovement(Model):
    """What somebody did with a range of cards that were worth nothing: made, sent, received, lost, destroyed."""

    __tablename__ = "card_movement"

    id: Mapped[Id]
    kind: Mapped[str]
    first_serial: Mapped[int] = mapped_column(sa.BigInteger)
    last_serial: Mapped[int] = mapped_column(sa.BigInteger)
    count: Mapped[int]
    counter_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("counter.id"), index=True)
    reason: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (one_of("kind", CardMovementKind), sa.CheckConstraint("count > 0", name="count_positive"))


class CardSale(Model):
    """A card that a counter activated: by whom, when, for how much, how it was paid; and if it was taken back."""

    __tablename__ = "card_sale"

    id: Mapped[Id]
    counter_id: Mapped[UUID] = mapped_column(sa.ForeignKey("counter.id"))
    card_id: Mapped[UUID] = mapped_column(sa.ForeignKey("stock_card.id"), unique=True)
    voucher_id: Mapped[UUID] = mapped_column(unique=True)
    clerk_id: Mapped[UUID] = mapped_column(sa.ForeignKey("person.id"))
    cents: Mapped[Cents]
    paid_by: Mapped[str]
    receipt_no: Mapped[str] = mapped_column(unique=True)
    key: Mapped[str]
    sold_at: Mapped[datetime] = mapped_column(default=now)
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("person.id"))
    undo_reason: Mapped[str | None]

    card: Mapped[StockCard] = relationship(lazy="joined", innerjoin=True)

    __table_args__ = (
        one_of("paid_by", CounterTender),
        sa.CheckConstraint("cents > 0", name="cents_positive"),
        sa.CheckConstraint(
            "(undone_at IS NULL) = (undone_by IS NULL) AND (undone_at IS NULL) = (undo_reason IS NULL)",
            name="undone_whole",
        ),
        sa.UniqueConstraint("counter_id", "key"),
        sa.Index("ix_card_sale_time", "counter_id", "sold_at"),
    )

    @property
    def tender_name(self) -> object:
        """How it was paid, in words."""
        return TENDER_NAMES[self.paid_by]


class CounterPayment(Model):
    """Money that a counter paid over: a receipt of the bank, or a part of one, and what the bank said of it."""

    __tablename__ = "counter_payment"

    id: Mapped[Id]
    counter_id: Mapped[UUID] = mapped_column(sa.ForeignKey("counter.id"))
    receipt_id: Mapped[UUID]
    cents: Mapped[Cents]
    paid_on: Mapped[date]
    reference: Mapped[str]
    recorded_by: Mapped[UUID] = mapped_column(sa.ForeignKey("person.id"))
    key: Mapped[str]
    recorded_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (
        sa.CheckConstraint("cents > 0", name="cents_positive"),
        sa.UniqueConstraint("counter_id", "key"),
    )
