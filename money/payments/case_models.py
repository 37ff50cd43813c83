"""What the provider does by itself: disputes and the money they move, failed refunds sent another way, open cases."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from foundation.clock import now
from foundation.database import Cents, Id, Model, uuid7
from money.payments import states
from money.payments.models import one_of
from money.payments.proposal_models import Proposed, decision_checks


class Dispute(Model):
    """A payment that was taken back at the provider: by the payer's bank, or by a refund that we did not ask for.

    `provider_ref`: the provider's own id. `due_at`: until when evidence counts. Its money lies in its moves.
    """

    __tablename__ = "dispute"

    id: Mapped[Id]
    payment_id: Mapped[UUID] = mapped_column(sa.ForeignKey("payment.id"), index=True)
    tender_id: Mapped[UUID] = mapped_column(sa.ForeignKey("tender.id"))
    kind: Mapped[str]
    provider_ref: Mapped[str] = mapped_column(unique=True)
    cents: Mapped[Cents]
    state: Mapped[str]
    reason: Mapped[str]
    reason_code: Mapped[str] = mapped_column(default="")
    due_at: Mapped[datetime | None]
    opened_at: Mapped[datetime] = mapped_column(default=now)
    closed_at: Mapped[datetime | None]

    __table_args__ = (
        one_of("state", states.DisputeState),
        one_of("kind", states.DisputeKind),
        sa.CheckConstraint("cents > 0", name="cents_positive"),
        sa.Index("ix_dispute_open", "opened_at", postgresql_where=sa.text("closed_at IS NULL")),
    )

    @property
    def can_be_answered(self) -> bool:
        """Whether evidence still counts."""
        return self.state == states.DisputeState.NEEDS_RESPONSE


class DisputeMove(Model):
    """One movement of money of a dispute, as the provider's balance shows it. Append-only; `id` is the losses' case.

    `split`: the cents of each share, by its `ref_id`; `fee_split`: what each book bears of the fee.
    """

    __tablename__ = "dispute_move"

    id: Mapped[Id]
    dispute_id: Mapped[UUID] = mapped_column(sa.ForeignKey("dispute.id"), index=True)
    provider_ref: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    cents: Mapped[Cents]
    split: Mapped[dict[str, int]] = mapped_column(JSONB)
    fee_cents: Mapped[int] = mapped_column(sa.BigInteger())
    fee_split: Mapped[dict[str, int]] = mapped_column(JSONB)
    fee_journal_id: Mapped[UUID] = mapped_column(default=uuid7)
    recorded_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (one_of("kind", states.DisputeMoveKind), sa.CheckConstraint("cents >= 0", name="cents_positive"))


class RefundEnd(Model):
    """What became of a refund that failed. `note`: how the payer wants the money, or why nothing is owed any more.

    `next_id`: the refund that took its place; `case_id`: the move of a dispute by which the payer has it already.
    `undone_at`: when that money came back to us, so that the refund is owed again.
    """

    __tablename__ = "refund_end"

    id: Mapped[Id]
    refund_id: Mapped[UUID] = mapped_column(sa.ForeignKey("refund.id"))
    means: Mapped[str]
    note: Mapped[str]
    next_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("refund.id"))
    case_id: Mapped[UUID | None]
    decided_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("person.id"))
    decided_at: Mapped[datetime] = mapped_column(default=now)
    undone_at: Mapped[datetime | None]

    __table_args__ = (
        one_of("means", states.RefundMeans),
        sa.Index("uq_refund_end_one", "refund_id", unique=True, postgresql_where=sa.text("undone_at IS NULL")),
        sa.Index("ix_refund_end_case", "case_id", postgresql_where=sa.text("case_id IS NOT NULL")),
    )


class ClaimProposal(Proposed, Model):
    """That a claim on a payer be given up: proposed by one person, decided by another one."""

    __tablename__ = "claim_proposal"

    id: Mapped[Id]
    loss_id: Mapped[UUID] = mapped_column(sa.ForeignKey("payment_loss.id"))

    __table_args__ = (
        *decision_checks(),
        sa.Index("uq_claim_proposal_open", "loss_id", unique=True, postgresql_where=sa.text("decided_at IS NULL")),
    )


class ProviderCase(Model):
    """Something at the provider that only a person can judge. The same thing is one case, however often it is seen."""

    __tablename__ = "provider_case"

    id: Mapped[Id]
    kind: Mapped[str]
    provider_ref: Mapped[str]
    cents: Mapped[int | None] = mapped_column(sa.BigInteger())
    detail: Mapped[str]
    opened_at: Mapped[datetime] = mapped_column(default=now)
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("person.id"))
    note: Mapped[str] = mapped_column(default="")

    __table_args__ = (
        one_of("kind", states.CaseKind),
        sa.UniqueConstraint("kind", "provider_ref", name="uq_provider_case_ref"),
        sa.CheckConstraint("(closed_at IS NULL) = (note = '')", name="closed_with_note"),
        sa.Index("ix_provider_case_open", "opened_at", postgresql_where=sa.text("closed_at IS NULL")),
    )
