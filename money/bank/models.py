"""Issuers' bank accounts, transfers that are expected, what the bank received, where it was put, what goes back.

Who changes anything about receipts or returns locks the account's row first, then the payment's.
"""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from foundation.clock import now
from foundation.database import Cents, Id, Model
from money.bank.states import AccountPurpose, AllocationPlace, ReceiptSource


class BankAccount(Model):
    """An account of an issuer. `trust`: the pool that vouchers are owed out of. A closed one still takes late money."""

    __tablename__ = "bank_account"

    id: Mapped[Id]
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    purpose: Mapped[str] = mapped_column(default=AccountPurpose.TRUST)
    iban: Mapped[str]
    bic: Mapped[str]
    bank_name: Mapped[str]
    holder: Mapped[str]
    opened_at: Mapped[datetime] = mapped_column(default=now)
    closed_at: Mapped[datetime | None]

    __table_args__ = (
        sa.CheckConstraint(sa.column("purpose").in_(sorted(AccountPurpose)), name="purpose_known"),
        sa.Index(
            "uq_bank_account_open",
            "organisation_id",
            "purpose",
            unique=True,
            postgresql_where=sa.text("closed_at IS NULL"),
        ),
        sa.Index("uq_bank_account_iban", "iban", unique=True, postgresql_where=sa.text("closed_at IS NULL")),
    )


class ExpectedTransfer(Model):
    """What a payer was told: this reference, this account. The amount is the tender's."""

    __tablename__ = "expected_transfer"

    id: Mapped[Id]
    payment_id: Mapped[UUID] = mapped_column(sa.ForeignKey("payment.id"), unique=True)
    tender_id: Mapped[UUID] = mapped_column(sa.ForeignKey("tender.id"), unique=True)
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("bank_account.id"))
    reference: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    instructed_at: Mapped[datetime | None]

    account: Mapped[BankAccount] = relationship()


class BankReceipt(Model):
    """Money that the bank has credited, once under the bank's own reference. Append-only."""

    __tablename__ = "bank_receipt"

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("bank_account.id"))
    bank_reference: Mapped[str]
    cents: Mapped[Cents]
    booked_on: Mapped[date]
    payer_name: Mapped[str]
    payer_iban: Mapped[str | None]
    remittance: Mapped[str]
    source: Mapped[str]
    entered_by: Mapped[UUID | None]
    recorded_at: Mapped[datetime] = mapped_column(default=now)

    account: Mapped[BankAccount] = relationship()

    __table_args__ = (
        sa.CheckConstraint("cents > 0", name="cents_positive"),
        sa.CheckConstraint(sa.column("source").in_(sorted(ReceiptSource)), name="source_known"),
        sa.UniqueConstraint("account_id", "bank_reference", name="uq_bank_receipt_reference"),
    )

    @property
    def is_from_statement(self) -> bool:
        """Whether the bank's statement says so, and not a person."""
        return self.source == ReceiptSource.FILE


class BankAllocation(Model):
    """Where a receipt's money was put. `undoes` takes an earlier placement back. Append-only.

    `claim_id`: whose claim (SF) it settles, such as a counter's.
    `journal_id` is its document: the receipt's own when it was placed as it came.
    """

    __tablename__ = "bank_placement"

    id: Mapped[Id]
    receipt_id: Mapped[UUID] = mapped_column(sa.ForeignKey("bank_receipt.id"), index=True)
    place: Mapped[str]
    payment_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("payment.id"), index=True)
    claim_id: Mapped[UUID | None]
    cents: Mapped[Cents]
    undoes: Mapped[UUID | None] = mapped_column(sa.ForeignKey("bank_placement.id"), unique=True)
    journal_id: Mapped[UUID]
    note: Mapped[str] = mapped_column(default="")
    placed_by: Mapped[UUID | None]
    recorded_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (
        sa.CheckConstraint("cents > 0", name="cents_positive"),
        sa.CheckConstraint(sa.column("place").in_(sorted(AllocationPlace)), name="place_known"),
        sa.CheckConstraint("(place = 'payment') = (payment_id IS NOT NULL)", name="payment_named"),
        sa.CheckConstraint("(place = 'claim') = (claim_id IS NOT NULL)", name="claim_named"),
    )


class BankReturn(Model):
    """Money that a person shall send back by transfer, then has sent back. For a refund, or for a receipt's rest."""

    __tablename__ = "bank_return"

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("bank_account.id"))
    receipt_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("bank_receipt.id"), index=True)
    refund_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("refund.id"), unique=True)
    payment_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("payment.id"), index=True)
    cents: Mapped[Cents]
    payer_name: Mapped[str]
    payer_iban: Mapped[str | None]
    remittance: Mapped[str]
    asked_by: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    done_at: Mapped[datetime | None]
    done_on: Mapped[date | None]
    done_by: Mapped[UUID | None]
    bank_reference: Mapped[str | None]

    account: Mapped[BankAccount] = relationship()

    __table_args__ = (
        sa.CheckConstraint("cents > 0", name="cents_positive"),
        sa.CheckConstraint("(receipt_id IS NULL) <> (refund_id IS NULL)", name="one_cause"),
        sa.CheckConstraint("(refund_id IS NULL) = (payment_id IS NULL)", name="payment_of_refund"),
        sa.CheckConstraint("(done_at IS NULL) = (done_on IS NULL)", name="done_on_a_day"),
        sa.Index("ix_bank_return_open", "created_at", postgresql_where=sa.text("done_at IS NULL")),
    )
