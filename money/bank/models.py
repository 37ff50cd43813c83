"""Issuers' bank accounts, transfers that are expected, statements and their lines, what became of them, what goes back.

Who changes anything about receipts or returns locks the account's row first, then the payment's.
"""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from foundation.clock import now
from foundation.database import Cents, Id, Model
from money.bank.states import AccountPurpose, AllocationPlace, Direction, Feed, ReceiptSource, StatementKind


class BankAccount(Model):
    """An account of an issuer. A closed one still takes late money. `feed` is chosen by the first statement."""

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
    feed: Mapped[str | None]

    __table_args__ = (
        sa.CheckConstraint(sa.column("purpose").in_(sorted(AccountPurpose)), name="purpose_known"),
        sa.CheckConstraint(sa.column("feed").in_(sorted(Feed)), name="feed_known"),
        sa.Index(
            "uq_bank_account_open",
            "organisation_id",
            "purpose",
            unique=True,
            postgresql_where=sa.text("closed_at IS NULL"),
        ),
        sa.Index("uq_bank_account_iban", "iban", unique=True, postgresql_where=sa.text("closed_at IS NULL")),
    )

    @property
    def is_trust(self) -> bool:
        """Whether what lies here is owed to holders and shops."""
        return self.purpose == AccountPurpose.TRUST


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


class AccountStatement(Model):
    """A statement as the bank sent it. Append-only.

    `moves`: it moves the account in the books; others are notices and details. Statements that move an account form a
    chain without forks: each begins where the one that it `follows` ended. `content` is all it says but its number.
    """

    __tablename__ = "bank_statement"

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("bank_account.id"))
    kind: Mapped[str]
    number: Mapped[str]
    moves: Mapped[bool]
    follows: Mapped[UUID | None] = mapped_column(sa.ForeignKey("bank_statement.id"), unique=True)
    opening_cents: Mapped[int | None] = mapped_column(sa.BigInteger())
    closing_cents: Mapped[int | None] = mapped_column(sa.BigInteger())
    closing_on: Mapped[date | None]
    digest: Mapped[bytes]
    content: Mapped[bytes]
    entered_by: Mapped[UUID | None]
    recorded_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (
        sa.CheckConstraint(sa.column("kind").in_(sorted(StatementKind)), name="kind_known"),
        sa.CheckConstraint("(closing_cents IS NULL) = (closing_on IS NULL)", name="closing_dated"),
        sa.UniqueConstraint("account_id", "digest", name="uq_bank_statement_digest"),
        sa.Index(
            "uq_bank_statement_first",
            "account_id",
            unique=True,
            postgresql_where=sa.text("moves AND follows IS NULL AND closing_cents IS NOT NULL"),
        ),
    )


class BankReceipt(Model):
    """Money that the bank has credited: a line of a statement, or what a person typed before it. Append-only.

    `parent_id`: the collective receipt that this one is a part of, as the line `detail_id` says.
    """

    __tablename__ = "bank_receipt"

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("bank_account.id"))
    parent_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("bank_receipt.id"), index=True)
    detail_id: Mapped[UUID | None] = mapped_column(unique=True)
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
        sa.CheckConstraint("(parent_id IS NULL) = (detail_id IS NULL)", name="part_is_a_detail"),
        sa.Index(
            "uq_bank_receipt_typed",
            "account_id",
            "bank_reference",
            unique=True,
            postgresql_where=sa.text("source = 'person'"),
        ),
    )

    @property
    def is_from_statement(self) -> bool:
        """Whether the bank's statement says so, and not a person."""
        return self.source == ReceiptSource.FILE


class BankLine(Model):
    """A line of a statement, credit or debit; its identity is its place: statement, position, part. Append-only.

    `moves`: it moves the account in the books; a credit does so as its receipt. A line with a receipt that does not
    move confirms what a person had typed before.
    """

    __tablename__ = "bank_line"

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("bank_account.id"))
    statement_id: Mapped[UUID] = mapped_column(sa.ForeignKey("bank_statement.id"))
    position: Mapped[int]
    part: Mapped[int]
    direction: Mapped[str]
    cents: Mapped[Cents]
    is_reversal: Mapped[bool]
    booked_on: Mapped[date]
    value_on: Mapped[date | None]
    bank_reference: Mapped[str]
    end_to_end_id: Mapped[str]
    party_name: Mapped[str]
    party_iban: Mapped[str | None]
    remittance: Mapped[str]
    code: Mapped[str]
    reason: Mapped[str]
    batch: Mapped[int]
    batch_reference: Mapped[str]
    moves: Mapped[bool]
    receipt_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("bank_receipt.id"), unique=True)
    recorded_at: Mapped[datetime] = mapped_column(default=now)

    account: Mapped[BankAccount] = relationship()

    __table_args__ = (
        sa.CheckConstraint("cents > 0", name="cents_positive"),
        sa.CheckConstraint(sa.column("direction").in_(sorted(Direction)), name="direction_known"),
        sa.CheckConstraint("NOT moves OR (direction = 'credit') = (receipt_id IS NOT NULL)", name="credit_has_receipt"),
        sa.CheckConstraint("receipt_id IS NULL OR direction = 'credit'", name="debit_has_none"),
        sa.UniqueConstraint("statement_id", "position", "part", name="uq_bank_line_place"),
        sa.Index("ix_bank_line_account", "account_id", "booked_on", "cents"),
    )


class BankAllocation(Model):
    """What a receipt's money was used for (`receipt_id`), what a debit was (`line_id`), or both against each other.

    `undoes` takes an earlier one back. `payment_id`: the payment that it pays, or whose money was taken back.
    `claim_id`: whose claim (SF) it settles, such as a counter's. `paper_id`: what two people issue vouchers by, or the
    settlement between issuers. `return_id`: the return that a debit carried out. `payout_id`: the payout of the
    provider that arrived.
    `journal_id` is its document. `note` says why, in words or as the rule that decided. Append-only.
    """

    __tablename__ = "bank_placement"

    id: Mapped[Id]
    receipt_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("bank_receipt.id"), index=True)
    line_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("bank_line.id"), index=True)
    place: Mapped[str]
    payment_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("payment.id"), index=True)
    claim_id: Mapped[UUID | None]
    payout_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("provider_line.id"))
    return_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("bank_return.id"), index=True)
    cents: Mapped[Cents]
    paper_id: Mapped[UUID | None]
    undoes: Mapped[UUID | None] = mapped_column(sa.ForeignKey("bank_placement.id"), unique=True)
    journal_id: Mapped[UUID]
    note: Mapped[str] = mapped_column(default="")
    placed_by: Mapped[UUID | None]
    approved_by: Mapped[UUID | None]
    recorded_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (
        sa.CheckConstraint("cents > 0", name="cents_positive"),
        sa.CheckConstraint(sa.column("place").in_(sorted(AllocationPlace)), name="place_known"),
        sa.CheckConstraint("receipt_id IS NOT NULL OR line_id IS NOT NULL", name="something_allocated"),
        sa.CheckConstraint("(place IN ('payment', 'taken_back')) = (payment_id IS NOT NULL)", name="payment_named"),
        sa.CheckConstraint("(place = 'claim') = (claim_id IS NOT NULL)", name="claim_named"),
        sa.CheckConstraint("(place = 'return') = (return_id IS NOT NULL)", name="return_named"),
        sa.CheckConstraint("(place IN ('settlement', 'value')) = (paper_id IS NOT NULL)", name="paper_named"),
        sa.CheckConstraint(
            "place <> 'value' OR (receipt_id IS NOT NULL AND line_id IS NULL AND placed_by IS NOT NULL"
            " AND approved_by IS NOT NULL)",
            name="value_by_two",
        ),
        sa.CheckConstraint(
            "place <> 'own_transfer' OR (receipt_id IS NOT NULL AND line_id IS NOT NULL)", name="two_sides"
        ),
        sa.CheckConstraint("approved_by <> placed_by", name="by_two"),
        sa.CheckConstraint(
            "place <> 'crossed_out' OR (receipt_id IS NOT NULL AND line_id IS NULL AND placed_by IS NOT NULL)",
            name="crossed_out_by_somebody",
        ),
    )


class DebitProposal(Model):
    """What one person says that a debit was; another person agrees or declines. What was proposed never changes."""

    __tablename__ = "bank_debit_proposal"

    id: Mapped[Id]
    line_id: Mapped[UUID] = mapped_column(sa.ForeignKey("bank_line.id"))
    place: Mapped[str]
    receipt_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("bank_receipt.id"))
    return_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("bank_return.id"))
    note: Mapped[str]
    proposed_by: Mapped[UUID]
    proposed_at: Mapped[datetime] = mapped_column(default=now)
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    agreed: Mapped[bool | None]

    line: Mapped[BankLine] = relationship()

    __table_args__ = (
        sa.CheckConstraint(sa.column("place").in_(sorted(AllocationPlace)), name="place_known"),
        sa.CheckConstraint("(decided_by IS NULL) = (decided_at IS NULL)", name="decided_by_somebody"),
        sa.CheckConstraint("(decided_by IS NULL) = (agreed IS NULL)", name="decided_somehow"),
        sa.CheckConstraint("decided_by <> proposed_by OR NOT agreed", name="by_two"),
        sa.Index("uq_bank_debit_proposal_open", "line_id", unique=True, postgresql_where=sa.text("decided_at IS NULL")),
    )


class BankReturn(Model):
    """Money that a person shall send by transfer, then has sent: for a refund, a receipt's rest, or a settlement.

    `settlement_id`: what two people decided to pay to another issuer, onto its account `payee_id`.
    `reopens`: the return whose transfer came back; `came_back` is the bank's reason (ISO 20022), where it gave one.
    """

    __tablename__ = "bank_return"

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("bank_account.id"))
    receipt_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("bank_receipt.id"), index=True)
    refund_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("refund.id"), unique=True)
    payment_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("payment.id"), index=True)
    settlement_id: Mapped[UUID | None] = mapped_column(unique=True)
    payee_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("bank_account.id"), index=True)
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
    reopens: Mapped[UUID | None] = mapped_column(sa.ForeignKey("bank_return.id"), unique=True)
    came_back: Mapped[str | None]

    account: Mapped[BankAccount] = relationship(foreign_keys=account_id)
    payee: Mapped[BankAccount] = relationship(foreign_keys=payee_id)

    __table_args__ = (
        sa.CheckConstraint("cents > 0", name="cents_positive"),
        sa.CheckConstraint("num_nonnulls(receipt_id, refund_id, settlement_id) = 1", name="one_cause"),
        sa.CheckConstraint("(settlement_id IS NULL) = (payee_id IS NULL)", name="payee_of_settlement"),
        sa.CheckConstraint("(refund_id IS NULL) = (payment_id IS NULL)", name="payment_of_refund"),
        sa.CheckConstraint("(done_at IS NULL) = (done_on IS NULL)", name="done_on_a_day"),
        sa.Index("ix_bank_return_open", "created_at", postgresql_where=sa.text("done_at IS NULL")),
    )
