"""Rules with their dated parameters, cases that they open, and shops whose payout waits. Decision 0309."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from foundation.clock import now
from foundation.database import Id, Model
from vouchers.watch.states import CaseState, CaseSubject, RuleEffect


class WatchRule(Model):
    """What is too much, from a day on; the newest row whose day has come is in force.

    More than `max_number` or `max_cents` within the window exceeds it; None is not counted. `share` is a percentage
    whose meaning the rule names.
    """

    __tablename__ = "watch_rule"

    key: Mapped[str] = mapped_column(primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    window_minutes: Mapped[int]
    max_number: Mapped[int | None]
    max_cents: Mapped[int | None] = mapped_column(sa.BigInteger)
    share: Mapped[int | None] = mapped_column(sa.SmallInteger)
    effect: Mapped[RuleEffect] = mapped_column(sa.Text())

    __table_args__ = (
        sa.CheckConstraint(sa.column("effect").in_(sorted(RuleEffect)), name="effect_known"),
        sa.CheckConstraint("window_minutes > 0", name="window_positive"),
    )


class WatchCase(Model):
    """Something that a person should look at. `subject` is an id, or of a buyer the keyed hash of the address.

    `evidence` holds numbers: how often, how much, which sales. Never codes; addresses only with most of them hidden.
    """

    __tablename__ = "watch_case"

    id: Mapped[Id]
    rule: Mapped[str]
    subject_kind: Mapped[CaseSubject] = mapped_column(sa.Text())
    subject: Mapped[str]
    outlet_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("outlet.id"))
    programme_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("programme.id"))
    evidence: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[CaseState] = mapped_column(sa.Text(), default=CaseState.OPEN)
    opened_at: Mapped[datetime] = mapped_column(default=now)
    seen_at: Mapped[datetime] = mapped_column(default=now)
    decided_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(default="")

    __table_args__ = (
        sa.CheckConstraint(sa.column("state").in_(sorted(CaseState)), name="state_known"),
        sa.CheckConstraint(sa.column("subject_kind").in_(sorted(CaseSubject)), name="subject_known"),
        sa.CheckConstraint(
            "(state = 'open') = (decided_by IS NULL) AND (state = 'open') = (decided_at IS NULL)",
            name="decided_by_somebody",
        ),
        sa.CheckConstraint("state = 'open' OR length(note) >= 3", name="decided_with_note"),
        sa.Index("uq_watch_case_open", "rule", "subject", unique=True, postgresql_where=sa.text("state = 'open'")),
        sa.Index("ix_watch_case_subject", "rule", "subject", "decided_at"),
        sa.Index("ix_watch_case_worklist", "state", "opened_at"),
    )

    @property
    def is_harmless(self) -> bool:
        """Whether a person decided that nothing was wrong."""
        return self.state == CaseState.HARMLESS


class PayoutHold(Model):
    """A shop that is not paid out for now, and why. It ends on its own day or when a person releases it."""

    __tablename__ = "payout_hold"

    id: Mapped[Id]
    outlet_id: Mapped[UUID] = mapped_column(sa.ForeignKey("outlet.id"))
    reason_code: Mapped[str]
    evidence: Mapped[dict[str, Any]] = mapped_column(JSONB)
    case_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("watch_case.id"))
    placed_at: Mapped[datetime] = mapped_column(default=now)
    ends_at: Mapped[datetime | None]
    released_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("person.id"))
    released_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(default="")

    __table_args__ = (
        sa.CheckConstraint("(released_by IS NULL) = (released_at IS NULL)", name="released_by_somebody"),
        sa.CheckConstraint("released_at IS NULL OR length(note) >= 3", name="released_with_note"),
        sa.Index(
            "uq_payout_hold_open",
            "outlet_id",
            "reason_code",
            unique=True,
            postgresql_where=sa.text("released_at IS NULL"),
        ),
    )
