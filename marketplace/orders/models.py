"""One order per shop under a group that is paid once; its lines and events, its hand-over, withdrawals."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from foundation.clock import now
from foundation.database import Cents, Id, Model
from marketplace.orders.states import OPEN_STATES, UNSEEN_STATES, GroupState, OrderState
from money.payments.models import Payment
from people.models import Outlet

# What follows from the deed itself, or is kept for us: nothing that a person wrote to another.
VERBS_WITHOUT_REASON = frozenset({"withdrawn", "payment_failed"})


class OrderGroup(Model):
    """What one basket became: paid once, split into an order per shop. Its total is the sum of its orders.

    `key` is the attempt of the checkout; a basket has at most one group that is not failed.
    """

    __tablename__ = "order_group"

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(unique=True)
    cart_id: Mapped[UUID] = mapped_column(sa.ForeignKey("cart.id"))
    key: Mapped[UUID] = mapped_column(unique=True)
    person_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    payment_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey(Payment.id))
    state: Mapped[str] = mapped_column(default=GroupState.PENDING)
    name: Mapped[str]
    email: Mapped[str]
    phone: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(sa.CHAR(2), default="de")
    terms_hash: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(default=now)
    secured_at: Mapped[datetime | None]

    orders: Mapped[list["Order"]] = relationship(back_populates="group", order_by="Order.number")

    __table_args__ = (
        sa.CheckConstraint(sa.column("state").in_(tuple(GroupState)), name="state_known"),
        sa.Index("uq_order_group_live_cart", "cart_id", unique=True, postgresql_where=sa.text("state <> 'failed'")),
    )

    @property
    def is_pending(self) -> bool:
        """Whether its payment is still under way."""
        return self.state == GroupState.PENDING

    @property
    def is_placed(self) -> bool:
        """Whether its payment is certain and the shops have their orders."""
        return self.state == GroupState.PLACED


class Order(Model):
    """One shop's part. Names and times are as they were when it was placed.

    `due_cents` is paid at the counter. `frozen_at`: since when nothing is handed over, because the payer's bank took
    the money back.
    """

    __tablename__ = "shop_order"

    id: Mapped[Id]
    group_id: Mapped[UUID] = mapped_column(sa.ForeignKey("order_group.id"), index=True)
    number: Mapped[str] = mapped_column(unique=True)
    outlet_id: Mapped[UUID] = mapped_column(sa.ForeignKey("outlet.id"))
    point_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("handover_point.id"))
    state: Mapped[str] = mapped_column(default=OrderState.PENDING)
    total_cents: Mapped[Cents]
    due_cents: Mapped[Cents] = mapped_column(default=0)
    place: Mapped[dict[str, Any]] = mapped_column(JSONB)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    code_hash: Mapped[bytes | None] = mapped_column(unique=True)
    code_box: Mapped[bytes | None]
    arrived_at: Mapped[datetime | None]
    frozen_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)

    group: Mapped[OrderGroup] = relationship(back_populates="orders", lazy="joined")
    outlet: Mapped[Outlet] = relationship(lazy="joined")
    lines: Mapped[list["OrderLine"]] = relationship(lazy="selectin", order_by="OrderLine.position")

    __table_args__ = (
        sa.CheckConstraint(sa.column("state").in_(tuple(OrderState)), name="state_known"),
        sa.CheckConstraint("total_cents > 0", name="total"),
        sa.CheckConstraint("due_cents BETWEEN 0 AND total_cents", name="due"),
        sa.Index("ix_shop_order_outlet", "outlet_id", "state", "starts_at"),
        sa.Index("ix_shop_order_point", "point_id", "state", "starts_at"),
    )

    @property
    def is_new(self) -> bool:
        """Whether the shop has not looked at it yet."""
        return self.state == OrderState.NEW

    @property
    def is_accepted(self) -> bool:
        """Whether the shop is preparing it."""
        return self.state == OrderState.ACCEPTED

    @property
    def is_ready(self) -> bool:
        """Whether it is packed; with a pick-up point perhaps still on its way there."""
        return self.state == OrderState.READY

    @property
    def is_at_point(self) -> bool:
        """Whether it lies at its pick-up point."""
        return self.is_ready and self.point_id is not None and self.arrived_at is not None

    @property
    def is_frozen(self) -> bool:
        """Whether nothing is handed over, because the payer's bank took the money back."""
        return self.frozen_at is not None

    @property
    def is_open(self) -> bool:
        """Whether the shop still has something to do for it."""
        return self.state in OPEN_STATES

    @property
    def is_certain(self) -> bool:
        """Whether its payment is certain, or was once: then there is a contract to withdraw from."""
        return self.state not in UNSEEN_STATES

    @property
    def to_collect_cents(self) -> int:
        """What is still to be paid at the counter, in cents; nothing any more once it is handed over."""
        return 0 if self.state == OrderState.HANDED_OVER else self.due_cents


class OrderLine(Model):
    """What was ordered, as it was described then: `vat_rate_bp` counts hundredths of a percent;

    price and deposit are for one piece, `cents` is the whole line.
    """

    __tablename__ = "order_line"

    id: Mapped[Id]
    order_id: Mapped[UUID] = mapped_column(sa.ForeignKey("shop_order.id"), index=True)
    position: Mapped[int]
    offer_id: Mapped[UUID] = mapped_column(sa.ForeignKey("offer.id"))
    name: Mapped[str]
    unit: Mapped[str] = mapped_column(default="")
    vat_rate_bp: Mapped[int]
    price_cents: Mapped[Cents]
    deposit_cents: Mapped[Cents] = mapped_column(default=0)
    age_limit: Mapped[int | None]
    quantity: Mapped[int]
    cents: Mapped[Cents]

    __table_args__ = (
        sa.CheckConstraint("cents = (price_cents + deposit_cents) * quantity", name="sum"),
        sa.CheckConstraint("quantity BETWEEN 1 AND 99", name="quantity"),
    )


class OrderEvent(Model):
    """What happened to an order: who, when, why. Append-only."""

    __tablename__ = "order_event"

    id: Mapped[Id]
    order_id: Mapped[UUID] = mapped_column(sa.ForeignKey("shop_order.id"), index=True)
    at: Mapped[datetime] = mapped_column(default=now)
    actor: Mapped[str]
    verb: Mapped[str]
    from_state: Mapped[str | None]
    to_state: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")

    @property
    def shown_reason(self) -> str:
        """The reason where a person gave one; withdrawals need none, and a payment's failure has a code."""
        return "" if self.verb in VERBS_WITHOUT_REASON else self.reason


class HandOver(Model):
    """The one moment an order changed hands. Append-only; a second one has no room."""

    __tablename__ = "hand_over"

    order_id: Mapped[UUID] = mapped_column(sa.ForeignKey("shop_order.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now)
    actor: Mapped[str]
    by_code: Mapped[bool]
    collected_cents: Mapped[Cents] = mapped_column(default=0)


class Withdrawal(Model):
    """A consumer's withdrawal as it was received (§ 356a BGB). Append-only; it outlives the order's changes."""

    __tablename__ = "withdrawal"

    id: Mapped[Id]
    received_at: Mapped[datetime] = mapped_column(default=now)
    name: Mapped[str]
    email: Mapped[str]
    contract: Mapped[str]
    statement: Mapped[str]
    order_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("shop_order.id"))
    text_hash: Mapped[bytes]
