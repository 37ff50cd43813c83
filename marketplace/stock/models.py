"""Claims on what lies on the shelf: holds of baskets, allocations of orders. Decision 0501."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from foundation.clock import now
from foundation.database import Model


class StockHold(Model):
    """Pieces kept for a basket until `expires_at`. After that they are free, whether the row is still there or not."""

    __tablename__ = "stock_hold"

    cart_id: Mapped[UUID] = mapped_column(sa.ForeignKey("cart.id", ondelete="CASCADE"), primary_key=True)
    offer_id: Mapped[UUID] = mapped_column(sa.ForeignKey("offer.id"), primary_key=True, index=True)
    quantity: Mapped[int]
    expires_at: Mapped[datetime]

    __table_args__ = (sa.CheckConstraint("quantity > 0", name="quantity"),)


class StockAllocation(Model):
    """Pieces that belong to an order line, from the start of the payment until hand-over or the end of the order."""

    __tablename__ = "stock_allocation"

    order_line_id: Mapped[UUID] = mapped_column(sa.ForeignKey("order_line.id"), primary_key=True)
    offer_id: Mapped[UUID] = mapped_column(sa.ForeignKey("offer.id"))
    quantity: Mapped[int]
    allocated_at: Mapped[datetime] = mapped_column(default=now)
    fulfilled_at: Mapped[datetime | None]
    released_at: Mapped[datetime | None]

    __table_args__ = (
        sa.CheckConstraint("quantity > 0", name="quantity"),
        sa.CheckConstraint("fulfilled_at IS NULL OR released_at IS NULL", name="one_end"),
        sa.Index(
            "ix_stock_allocation_open",
            "offer_id",
            postgresql_where=sa.text("fulfilled_at IS NULL AND released_at IS NULL"),
        ),
    )

    @classmethod
    def is_open(cls) -> sa.ColumnElement[bool]:
        """The condition that pieces are neither handed over nor released."""
        return sa.and_(cls.fulfilled_at.is_(None), cls.released_at.is_(None))
