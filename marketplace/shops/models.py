"""The shop window of a place of business."""

from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from foundation.database import Model
from marketplace.shops.states import HandoverKind, PaymentKind
from people.models import Outlet


def _all_in(column: str, kinds: type[StrEnum]) -> str:
    return f"{column} <@ ARRAY[{', '.join(repr(kind.value) for kind in kinds)}]::text[]"


class Storefront(Model):
    """The shop window of one outlet. An outlet without one takes vouchers but is not on the marketplace.

    `payment_kinds`: ways to pay (`PaymentKind`); `handover_kinds`: ways to get something (`HandoverKind`), none: only
    to be had in the shop.
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
        sa.CheckConstraint(_all_in("payment_kinds", PaymentKind), name="payment_kinds_known"),
        sa.CheckConstraint(_all_in("handover_kinds", HandoverKind), name="handover_kinds_known"),
    )
