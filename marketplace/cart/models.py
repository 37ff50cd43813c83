"""Baskets and their lines. Decision 0502."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from foundation.clock import now
from foundation.database import Cents, Id, Model

MAX_CART_LINES = 50
MAX_LINE_QUANTITY = 99


class Cart(Model):
    """A basket. A guest's is known by a signed cookie, a person's by the person; open until its order is secured.

    Its goods are put aside until `held_until`, once somebody has gone to the checkout with it.
    """

    __tablename__ = "cart"

    id: Mapped[Id]
    person_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("person.id"))
    held_until: Mapped[datetime | None]
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

    @property
    def is_held(self) -> bool:
        """Whether pieces of the stock are held for it now."""
        return self.held_until is not None and self.held_until > now()


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
