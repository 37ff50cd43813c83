"""What was proposed, by whom, and who decided. Decision 0308."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from foundation.clock import now
from foundation.database import Cents, Id, Model
from vouchers.approvals.states import ProposalState


class Proposal(Model):
    """One thing that two people of an issuer must agree to. What was proposed never changes: the database refuses it.

    `programme_id`: where it concerns one programme. `details`: what the kind needs to act, as plain values, never
    codes, tokens or PINs. `key` is an idempotency key. `decision` is the reason of whoever declined.
    """

    __tablename__ = "proposal"

    id: Mapped[Id]
    kind: Mapped[str]
    issuer_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    programme_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("programme.id"))
    reason: Mapped[str]
    cents: Mapped[Cents] = mapped_column(default=0)
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    key: Mapped[str] = mapped_column(unique=True)
    state: Mapped[ProposalState] = mapped_column(sa.Text(), default=ProposalState.PROPOSED)
    proposed_by: Mapped[UUID] = mapped_column(sa.ForeignKey("person.id"))
    proposed_at: Mapped[datetime] = mapped_column(default=now)
    decided_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    decision: Mapped[str] = mapped_column(default="")
    done_at: Mapped[datetime | None]

    __table_args__ = (
        sa.CheckConstraint(sa.column("state").in_(sorted(ProposalState)), name="state_known"),
        sa.CheckConstraint("cents >= 0", name="cents_not_negative"),
        sa.CheckConstraint("length(reason) BETWEEN 3 AND 500", name="reason_given"),
        sa.CheckConstraint("decided_by <> proposed_by", name="by_two"),
        sa.CheckConstraint(
            "(state = 'proposed') = (decided_by IS NULL) AND (state = 'proposed') = (decided_at IS NULL)",
            name="decided_by_somebody",
        ),
        sa.CheckConstraint("(state = 'done') = (done_at IS NOT NULL)", name="done_at_a_time"),
        sa.CheckConstraint("state <> 'declined' OR length(decision) >= 3", name="declined_with_reason"),
        sa.Index("ix_proposal_worklist", "issuer_id", "state", "proposed_at"),
        sa.Index("ix_proposal_programme", "programme_id", "kind"),
    )

    @property
    def is_proposed(self) -> bool:
        """Whether it waits for a second person."""
        return self.state == ProposalState.PROPOSED

    @property
    def is_declined(self) -> bool:
        """Whether a second person said no."""
        return self.state == ProposalState.DECLINED

    @property
    def is_being_done(self) -> bool:
        """Whether it is approved and a job still carries it out."""
        return self.state == ProposalState.APPROVED
