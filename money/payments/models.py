"""Payments, their shares and tenders, calls to providers, their messages, refunds.

The payment is the aggregate: whoever changes anything below locks the payment's row first.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from foundation.clock import now
from foundation.database import Cents, Id, Model
from money.payments import states
from money.payments.payables import Rail


def one_of(column: str, words: Any) -> sa.CheckConstraint:
    """Make a check that the column holds one of the words."""
    return sa.CheckConstraint(sa.column(column).in_(sorted(words)), name=f"{column}_known")


class Payment(Model):
    """One attempt to pay one thing. `version` counts every change: a stale writer is refused."""

    __tablename__ = "payment"

    id: Mapped[Id]
    kind: Mapped[str]
    ref_id: Mapped[UUID]
    key: Mapped[str] = mapped_column(unique=True)
    request_hash: Mapped[bytes]
    title: Mapped[str]
    cents: Mapped[Cents]
    refunded_cents: Mapped[Cents] = mapped_column(default=0)
    currency: Mapped[str] = mapped_column(sa.CHAR(3), default="EUR")
    rail: Mapped[str]
    ledger_id: Mapped[UUID]
    email: Mapped[str]
    language: Mapped[str] = mapped_column(sa.CHAR(2), default="de")
    state: Mapped[str] = mapped_column(default=states.PaymentState.OPEN)
    version: Mapped[int] = mapped_column(default=1)
    reason: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]

    shares: Mapped[list["PaymentShare"]] = relationship(order_by="PaymentShare.position", lazy="selectin")
    tenders: Mapped[list["Tender"]] = relationship(
        order_by="Tender.position", lazy="selectin", back_populates="payment"
    )

    @property
    def external_tender(self) -> "Tender | None":
        """The one tender whose outcome is not ours to decide."""
        return next((tender for tender in self.tenders if tender.external), None)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 SQLAlchemy's own way to say it
    __table_args__ = (
        one_of("state", states.PAYMENT),
        one_of("rail", Rail),
        sa.CheckConstraint("cents > 0", name="cents_positive"),
        sa.CheckConstraint("refunded_cents BETWEEN 0 AND cents", name="refund_within"),
        sa.CheckConstraint(
            "state IN ('open', 'pending', 'aborting', 'failed') OR decided_at IS NOT NULL", name="decision_dated"
        ),
        sa.Index("uq_payment_one_live", "kind", "ref_id", unique=True, postgresql_where=sa.text("state <> 'failed'")),
        sa.Index("ix_payment_ref", "ref_id"),
        sa.Index("ix_payment_expiring", "expires_at", postgresql_where=sa.text("state = 'open'")),
    )


class PaymentShare(Model):
    """What one seller gets out of the payment, in all tenders together."""

    __tablename__ = "payment_share"

    id: Mapped[Id]
    payment_id: Mapped[UUID] = mapped_column(sa.ForeignKey("payment.id"))
    position: Mapped[int]
    ref_id: Mapped[UUID]
    outlet_id: Mapped[UUID | None]
    organisation_id: Mapped[UUID]
    cents: Mapped[Cents]
    title: Mapped[str]

    __table_args__ = (
        sa.UniqueConstraint("payment_id", "ref_id", name="uq_payment_share_ref"),
        sa.CheckConstraint("cents > 0", name="cents_positive"),
    )


class Tender(Model):
    """A part of the payment in one method. A voucher's tender belongs to one share; the external one to several.

    `id` is the key of the hold; `provider_ref` the provider's payment (Stripe: the PaymentIntent).
    """

    __tablename__ = "tender"

    id: Mapped[Id]
    payment_id: Mapped[UUID] = mapped_column(sa.ForeignKey("payment.id"))
    position: Mapped[int]
    method: Mapped[str]
    external: Mapped[bool]
    cents: Mapped[Cents]
    refunded_cents: Mapped[Cents] = mapped_column(default=0)
    reference: Mapped[UUID | None]
    share_ref: Mapped[UUID | None]
    state: Mapped[str] = mapped_column(default=states.TenderState.PLANNED)
    provider_ref: Mapped[str | None]

    payment: Mapped[Payment] = relationship(back_populates="tenders")
    parts: Mapped[list["TenderPart"]] = relationship(order_by="TenderPart.id", lazy="selectin")

    __table_args__ = (
        one_of("state", states.TENDER),
        sa.CheckConstraint("cents > 0", name="cents_positive"),
        sa.CheckConstraint("refunded_cents BETWEEN 0 AND cents", name="refund_within"),
        sa.UniqueConstraint("payment_id", "position", name="uq_tender_position"),
        sa.Index("uq_tender_one_external", "payment_id", unique=True, postgresql_where=sa.text("external")),
        sa.Index(
            "uq_tender_provider_ref",
            "provider_ref",
            unique=True,
            postgresql_where=sa.text("provider_ref IS NOT NULL"),
        ),
        sa.Index("ix_tender_reference", "reference", postgresql_where=sa.text("reference IS NOT NULL")),
    )


class TenderPart(Model):
    """How much of a tender is for which share. At pick-up each part is collected at its own shop."""

    __tablename__ = "tender_part"

    id: Mapped[Id]
    tender_id: Mapped[UUID] = mapped_column(sa.ForeignKey("tender.id"), index=True)
    share_id: Mapped[UUID] = mapped_column(sa.ForeignKey("payment_share.id"))
    cents: Mapped[Cents]
    refunded_cents: Mapped[Cents] = mapped_column(default=0)
    collected_at: Mapped[datetime | None]
    waived_at: Mapped[datetime | None]

    share: Mapped[PaymentShare] = relationship()  # loaded with the payment's shares, so it costs no statement

    __table_args__ = (
        sa.UniqueConstraint("tender_id", "share_id", name="uq_tender_part_share"),
        sa.CheckConstraint("cents > 0", name="cents_positive"),
        sa.CheckConstraint("refunded_cents BETWEEN 0 AND cents", name="refund_within"),
        sa.CheckConstraint("collected_at IS NULL OR waived_at IS NULL", name="one_end"),
    )


class PaymentEvent(Model):
    """Why a payment went from one state to the next. Append-only."""

    __tablename__ = "payment_event"

    id: Mapped[Id]
    payment_id: Mapped[UUID] = mapped_column(sa.ForeignKey("payment.id"), index=True)
    recorded_at: Mapped[datetime] = mapped_column(default=now)
    from_state: Mapped[str | None]
    to_state: Mapped[str]
    cause: Mapped[str]


class Refund(Model):
    """Money on its way back in the method it came. `share_ref` names the share it is for; none: all in proportion."""

    __tablename__ = "refund"

    id: Mapped[Id]
    payment_id: Mapped[UUID] = mapped_column(sa.ForeignKey("payment.id"), index=True)
    tender_id: Mapped[UUID] = mapped_column(sa.ForeignKey("tender.id"), index=True)
    key: Mapped[str] = mapped_column(unique=True)
    cents: Mapped[Cents]
    split: Mapped[dict[str, int]] = mapped_column(JSONB)
    reason: Mapped[str]
    state: Mapped[str] = mapped_column(default=states.RefundState.REQUESTED)
    provider_ref: Mapped[str | None]
    failed_journal_id: Mapped[UUID | None]
    error_code: Mapped[str | None]
    told_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    closed_at: Mapped[datetime | None]

    __table_args__ = (one_of("state", states.REFUND), sa.CheckConstraint("cents > 0", name="cents_positive"))


class PaymentLoss(Model):
    """Money of one share that was taken back: one row for each share of a case. Append-only; decision 0207.

    `case_id` names the dispute, or the bank's line. `whole`: nothing of what was paid for the share is left.
    """

    __tablename__ = "payment_loss"

    id: Mapped[Id]
    payment_id: Mapped[UUID] = mapped_column(sa.ForeignKey("payment.id"), index=True)
    case_id: Mapped[UUID]
    share_ref: Mapped[UUID]
    ledger_id: Mapped[UUID]
    cents: Mapped[Cents]
    whole: Mapped[bool]
    reason: Mapped[str]
    recorded_at: Mapped[datetime] = mapped_column(default=now, index=True)

    __table_args__ = (
        sa.UniqueConstraint("case_id", "share_ref", name="uq_payment_loss_case"),
        sa.CheckConstraint("cents > 0", name="cents_positive"),
    )


class PaymentLossReturn(Model):
    """That the money of a loss came back, once. Append-only."""

    __tablename__ = "payment_loss_return"

    loss_id: Mapped[UUID] = mapped_column(sa.ForeignKey("payment_loss.id"), primary_key=True)
    recorded_at: Mapped[datetime] = mapped_column(default=now)


class ClaimMove(Model):
    """What a payer owes after a loss, and what became of it. Append-only; `id` is the journal's id.

    The amounts of one loss: raised less settled less written off is what is still claimed.
    """

    __tablename__ = "claim_move"

    id: Mapped[Id]
    loss_id: Mapped[UUID] = mapped_column(sa.ForeignKey("payment_loss.id"), index=True)
    payment_id: Mapped[UUID] = mapped_column(sa.ForeignKey("payment.id"), index=True)
    ledger_id: Mapped[UUID]
    kind: Mapped[str]
    cents: Mapped[Cents]
    cause: Mapped[str]
    recorded_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (one_of("kind", states.ClaimKind), sa.CheckConstraint("cents > 0", name="cents_positive"))


class ProviderCall(Model):
    """One call to a provider, committed before it is made. `id` is its idempotency key, also in the metadata there.

    `request` are the very bytes that are sent, again and again, under the same key. `subject_id`: a tender or refund.
    """

    __tablename__ = "provider_call"

    id: Mapped[Id]
    payment_id: Mapped[UUID] = mapped_column(sa.ForeignKey("payment.id"), index=True)
    subject_kind: Mapped[str]
    subject_id: Mapped[UUID]
    kind: Mapped[str]
    provider: Mapped[str] = mapped_column(default="stripe")
    cents: Mapped[Cents]
    currency: Mapped[str] = mapped_column(sa.CHAR(3), default="EUR")
    request: Mapped[bytes]
    request_hash: Mapped[bytes]
    state: Mapped[str] = mapped_column(default=states.CallState.PLANNED)
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=now)
    first_sent_at: Mapped[datetime | None]
    last_sent_at: Mapped[datetime | None]
    next_at: Mapped[datetime | None] = mapped_column(default=now)
    provider_ref: Mapped[str | None]
    url: Mapped[str | None]
    error_code: Mapped[str | None]
    fee_cents: Mapped[int | None] = mapped_column(sa.BigInteger())
    fee_split: Mapped[dict[str, int] | None] = mapped_column(JSONB)
    fee_journal_id: Mapped[UUID | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 SQLAlchemy's own way to say it
    __table_args__ = (
        one_of("state", states.CALL),
        one_of("kind", states.CallKind),
        one_of("subject_kind", ("tender", "refund")),
        sa.CheckConstraint("cents > 0", name="cents_positive"),
        sa.Index(
            "uq_provider_call_one_open",
            "subject_id",
            "kind",
            unique=True,
            postgresql_where=sa.text("state IN ('planned', 'sent', 'unknown', 'pending')"),
        ),
        sa.Index(
            "uq_provider_call_ref",
            "provider",
            "kind",
            "provider_ref",
            unique=True,
            postgresql_where=sa.text("provider_ref IS NOT NULL"),
        ),
        sa.Index(
            "ix_provider_call_due",
            "next_at",
            postgresql_where=sa.text("state IN ('planned', 'sent', 'unknown', 'pending')"),
        ),
    )


class ProviderCallEvent(Model):
    """Why a call went from one state to the next. Append-only."""

    __tablename__ = "provider_call_event"

    id: Mapped[Id]
    call_id: Mapped[UUID] = mapped_column(sa.ForeignKey("provider_call.id"), index=True)
    recorded_at: Mapped[datetime] = mapped_column(default=now)
    from_state: Mapped[str | None]
    to_state: Mapped[str]
    cause: Mapped[str]


class WebhookEvent(Model):
    """A provider's message, stored once under the provider's own id. It is a hint: nothing in it is believed.

    `object_kind` and `object_id` are empty where it names nothing; `account`: the connected account that it is about.
    """

    __tablename__ = "webhook_event"

    id: Mapped[str] = mapped_column(primary_key=True)
    type: Mapped[str]
    object_kind: Mapped[str]
    object_id: Mapped[str]
    account: Mapped[str] = mapped_column(default="", server_default="")
    raw: Mapped[bytes]
    received_at: Mapped[datetime] = mapped_column(default=now)
    done_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None]

    __table_args__ = (sa.Index("ix_webhook_event_open", "received_at", postgresql_where=sa.text("done_at IS NULL")),)
