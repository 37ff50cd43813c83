"""The shop window of a place of business."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from foundation.database import Model
from people.models import Outlet

PAYMENT_KINDS = ("voucher", "card", "sepa", "pickup", "cash", "ec")
HANDOVER_KINDS = ("shop", "point", "delivery")


def _known(column: str, values: tuple[str, ...]) -> str:
    return f"{column} <@ ARRAY[{', '.join(repr(v) for v in values)}]::text[]"


class Storefront(Model):
    """The shop window of one outlet. An outlet without one takes vouchers but is not on the marketplace.

    `payment_kinds`: voucher, card, sepa and pickup are ways to pay an order; cash and ec are taken at the counter.
    `handover_kinds`: shop = collect in the shop, point = collect at a pick-up point. None: only to be had in the shop.
    `imprint` is what the law asks for beyond the organisation's own data.
    """

    __tablename__ = "storefront"

    outlet_id: Mapped[UUID] = mapped_column(sa.ForeignKey("outlet.id"), primary_key=True)
    story: Mapped[str] = mapped_column(default="")
    payment_kinds: Mapped[list[str]] = mapped_column(ARRAY(sa.Text()))
    handover_kinds: Mapped[list[str]] = mapped_column(ARRAY(sa.Text()))
    published: Mapped[bool] = mapped_column(default=False)
    imprint: Mapped[str] = mapped_column(default="")

    outlet: Mapped[Outlet] = relationship(lazy="joined", innerjoin=True)

    __table_args__ = (
        sa.CheckConstraint(_known("payment_kinds", PAYMENT_KINDS), name="payment_kinds_known"),
        sa.CheckConstraint(_known("handover_kinds", HANDOVER_KINDS), name="handover_kinds_known"),
    )
