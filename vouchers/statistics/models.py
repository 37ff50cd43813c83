"""Daily sums of issued and redeemed value by town of origin and shop, counted from seals in their order."""

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Cents, Model

UNKNOWN = "--------"


class VoucherDay(Model):
    """One business day of one programme: value from vouchers issued in `issue_ags`, at a shop (or none, when issued).

    `verb`: a `CountedKind`. `issue_ags` UNKNOWN: the buyer named no postcode.
    """

    __tablename__ = "voucher_day"

    booked_on: Mapped[date] = mapped_column(primary_key=True)
    programme_id: Mapped[UUID] = mapped_column(primary_key=True)
    issue_ags: Mapped[str] = mapped_column(sa.CHAR(8), primary_key=True)
    outlet_id: Mapped[UUID] = mapped_column(primary_key=True)
    verb: Mapped[str] = mapped_column(primary_key=True)
    cents: Mapped[Cents]
    number: Mapped[int]


class VoucherDayMark(Model):
    """Up to which seal of a stream the sums count."""

    __tablename__ = "voucher_day_mark"

    stream: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True, autoincrement=False)
    seal_no: Mapped[int] = mapped_column(sa.BigInteger)
