"""A run, and the lots that were recorded when it was proposed. Decision 0308."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from foundation.clock import now
from foundation.database import Cents, Id, Model
from vouchers.lapsing.states import LapseOutcome
from vouchers.stored_value.models import Programme
from vouchers.stored_value.states import LotKind


class LapseRun(Model):
    """What of one programme and kind shall lapse: lots that had ended by `cutoff`. Proposed under `lapse:<id>`."""

    __tablename__ = "lapse_run"

    id: Mapped[Id]
    programme_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programme.id"), index=True)
    kind: Mapped[str]
    cutoff: Mapped[date]
    created_at: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None]

    programme: Mapped[Programme] = relationship(lazy="joined", innerjoin=True)

    __table_args__ = (sa.CheckConstraint(sa.column("kind").in_(sorted(LotKind)), name="kind_known"),)

    @property
    def key(self) -> str:
        """The key of its proposal."""
        return f"lapse:{self.id}"


class LapseItem(Model):
    """One lot of a run: how much was free when it was proposed, and how much of that lapsed in the end.

    No foreign keys to vouchers and lots: hot rows are not locked for it. `reason` says why it was skipped.
    """

    __tablename__ = "lapse_item"

    run_id: Mapped[UUID] = mapped_column(sa.ForeignKey("lapse_run.id"), primary_key=True)
    voucher_id: Mapped[UUID] = mapped_column(primary_key=True)
    lot_id: Mapped[UUID] = mapped_column(primary_key=True)
    cents: Mapped[Cents]
    issued_on: Mapped[date]
    legal_end: Mapped[date]
    outcome: Mapped[LapseOutcome] = mapped_column(sa.Text(), default=LapseOutcome.OPEN)
    reason: Mapped[str] = mapped_column(default="")
    lapsed_cents: Mapped[Cents] = mapped_column(default=0)
    decided_at: Mapped[datetime | None]

    __table_args__ = (
        sa.CheckConstraint(sa.column("outcome").in_(sorted(LapseOutcome)), name="outcome_known"),
        sa.CheckConstraint("cents > 0 AND lapsed_cents BETWEEN 0 AND cents", name="cents_within"),
        sa.CheckConstraint("(outcome = 'lapsed') = (lapsed_cents > 0)", name="lapsed_when_some"),
        sa.Index("ix_lapse_item_voucher", "voucher_id"),
        sa.Index("ix_lapse_item_open", "run_id", postgresql_where=sa.text("outcome = 'open'")),
    )

    @property
    def is_open(self) -> bool:
        """Whether the job has not come to it yet."""
        return self.outcome == LapseOutcome.OPEN

    @property
    def is_lapsed(self) -> bool:
        """Whether its free rest left the lot."""
        return self.outcome == LapseOutcome.LAPSED
