"""Days that are closed with the figures that agreed, and differences with their owners."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from foundation.clock import now
from foundation.database import Id, Model
from money.day_end.states import Cause, SourceKind


class DayClosing(Model):
    """That a day of an issuer is closed, and all days before it. Append-only."""

    __tablename__ = "day_closing"

    ledger_id: Mapped[UUID] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    closed_at: Mapped[datetime] = mapped_column(default=now)


class DayDifference(Model):
    """Days on which a source and the books differ by the same cents, its owner, and how it ended.

    `cents`: what the books have beyond the source; while nothing is stated, at the last of the days. It ends when the
    source agrees (`ended_at`), or by one person's reason that another one accepts (`accepted_at`); then those days
    can be closed, and further ones while the same is stated.
    """

    __tablename__ = "day_difference"

    id: Mapped[Id]
    ledger_id: Mapped[UUID]
    source: Mapped[str]
    account: Mapped[str]
    from_day: Mapped[date]
    until_day: Mapped[date]
    cents: Mapped[int] = mapped_column(sa.BigInteger)
    is_stated: Mapped[bool]
    cause: Mapped[str]
    owner_id: Mapped[UUID | None]
    since: Mapped[datetime] = mapped_column(default=now)
    told_at: Mapped[datetime | None]
    reason: Mapped[str | None]
    proposed_by: Mapped[UUID | None]
    accepted_by: Mapped[UUID | None]
    accepted_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        sa.CheckConstraint(sa.column("source").in_(sorted(SourceKind)), name="source_known"),
        sa.CheckConstraint(sa.column("cause").in_(sorted(Cause)), name="cause_known"),
        sa.CheckConstraint("from_day <= until_day", name="days_in_order"),
        sa.CheckConstraint("cents <> 0 OR NOT is_stated", name="something_differs"),
        sa.CheckConstraint("(reason IS NULL) = (proposed_by IS NULL)", name="proposed_with_reason"),
        sa.CheckConstraint("(accepted_by IS NULL) = (accepted_at IS NULL)", name="accepted_by_somebody"),
        sa.CheckConstraint(
            "accepted_by IS NULL OR (proposed_by IS NOT NULL AND proposed_by <> accepted_by)", name="by_two"
        ),
        sa.CheckConstraint("accepted_at IS NULL OR ended_at IS NULL", name="one_end"),
        sa.Index(
            "uq_day_difference_open",
            "ledger_id",
            "source",
            "account",
            "from_day",
            unique=True,
            postgresql_where=sa.text("ended_at IS NULL AND accepted_at IS NULL"),
        ),
    )

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to find out."""
        return self.accepted_at is None and self.ended_at is None


class DayFigure(Model):
    """What books and source said of an account when the day was closed, in cents. Append-only.

    `later_cents`: what the books hold already and the source states at a later day, or below zero the other way round.
    `accepted_cents`: what differs all the same, as two people have accepted of `difference_id`.
    """

    __tablename__ = "day_figure"

    ledger_id: Mapped[UUID] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(primary_key=True)
    ours_cents: Mapped[int] = mapped_column(sa.BigInteger)
    theirs_cents: Mapped[int] = mapped_column(sa.BigInteger)
    later_cents: Mapped[int] = mapped_column(sa.BigInteger)
    accepted_cents: Mapped[int] = mapped_column(sa.BigInteger)
    difference_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("day_difference.id"))

    __table_args__ = (
        sa.ForeignKeyConstraint(["ledger_id", "day"], ["day_closing.ledger_id", "day_closing.day"]),
        sa.CheckConstraint(sa.column("source").in_(sorted(SourceKind)), name="source_known"),
        sa.CheckConstraint("ours_cents = theirs_cents + later_cents + accepted_cents", name="agrees"),
        sa.CheckConstraint("accepted_cents = 0 OR difference_id IS NOT NULL", name="accepted_by_two"),
    )
