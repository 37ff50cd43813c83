"""Issuers' bank accounts, transfers that are expected, receipts and where they were put, what goes back."""

from datetime import date

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

Time = sa.DateTime(timezone=True)
OPEN = sa.text("closed_at IS NULL")
DAYS = {
    "key": "payment.transfer_days",
    "valid_from": date(2002, 1, 1),
    "value": 14,
    "unit": "days",
    "norm": "Vertragsbedingung",
    "note": "so lange wartet eine Bestellung auf die Überweisung",
}


def upgrade() -> None:
    _expecting()
    _receiving()
    op.create_table(
        "bank_return",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("receipt_id", sa.Uuid()),
        sa.Column("refund_id", sa.Uuid()),
        sa.Column("payment_id", sa.Uuid()),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("payer_name", sa.Text(), nullable=False),
        sa.Column("payer_iban", sa.Text()),
        sa.Column("remittance", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Uuid()),
        sa.Column("created_at", Time, nullable=False),
        sa.Column("done_at", Time),
        sa.Column("done_on", sa.Date()),
        sa.Column("done_by", sa.Uuid()),
        sa.Column("bank_reference", sa.Text()),
        sa.CheckConstraint("cents > 0", name="cents_positive"),
        sa.CheckConstraint("(receipt_id IS NULL) <> (refund_id IS NULL)", name="one_cause"),
        sa.CheckConstraint("(refund_id IS NULL) = (payment_id IS NULL)", name="payment_of_refund"),
        sa.CheckConstraint("(done_at IS NULL) = (done_on IS NULL)", name="done_on_a_day"),
        sa.ForeignKeyConstraint(["account_id"], ["bank_account.id"], name="fk_bank_return_account_id"),
        sa.ForeignKeyConstraint(["receipt_id"], ["bank_receipt.id"], name="fk_bank_return_receipt_id"),
        sa.ForeignKeyConstraint(["refund_id"], ["refund.id"], name="fk_bank_return_refund_id"),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name="fk_bank_return_payment_id"),
        sa.PrimaryKeyConstraint("id", name="pk_bank_return"),
        sa.UniqueConstraint("refund_id", name="uq_bank_return_refund_id"),
    )
    op.create_index("ix_bank_return_receipt_id", "bank_return", ["receipt_id"])
    op.create_index("ix_bank_return_payment_id", "bank_return", ["payment_id"])
    op.create_index("ix_bank_return_open", "bank_return", ["created_at"], postgresql_where=sa.text("done_at IS NULL"))
    op.execute("SELECT make_append_only('bank_receipt')")
    op.execute("SELECT make_append_only('bank_placement')")
    value = sa.table("legal_value", *(sa.column(name) for name in DAYS))
    op.bulk_insert(value, [DAYS])
    op.execute("UPDATE account SET clears_days = 14 WHERE key = 'KZ'")


def _expecting() -> None:
    op.create_table(
        "bank_account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("iban", sa.Text(), nullable=False),
        sa.Column("bic", sa.Text(), nullable=False),
        sa.Column("bank_name", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("opened_at", Time, nullable=False),
        sa.Column("closed_at", Time),
        sa.CheckConstraint("purpose IN ('trust')", name="purpose_known"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name="fk_bank_account_organisation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_bank_account"),
    )
    op.create_index(
        "uq_bank_account_open", "bank_account", ["organisation_id", "purpose"], unique=True, postgresql_where=OPEN
    )
    op.create_index("uq_bank_account_iban", "bank_account", ["iban"], unique=True, postgresql_where=OPEN)
    op.create_table(
        "expected_transfer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("created_at", Time, nullable=False),
        sa.Column("instructed_at", Time),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name="fk_expected_transfer_payment_id"),
        sa.ForeignKeyConstraint(["tender_id"], ["tender.id"], name="fk_expected_transfer_tender_id"),
        sa.ForeignKeyConstraint(["account_id"], ["bank_account.id"], name="fk_expected_transfer_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_expected_transfer"),
        sa.UniqueConstraint("payment_id", name="uq_expected_transfer_payment_id"),
        sa.UniqueConstraint("tender_id", name="uq_expected_transfer_tender_id"),
        sa.UniqueConstraint("reference", name="uq_expected_transfer_reference"),
    )


def _receiving() -> None:
    op.create_table(
        "bank_receipt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("bank_reference", sa.Text(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("payer_name", sa.Text(), nullable=False),
        sa.Column("payer_iban", sa.Text()),
        sa.Column("remittance", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.Uuid()),
        sa.Column("recorded_at", Time, nullable=False),
        sa.CheckConstraint("cents > 0", name="cents_positive"),
        sa.CheckConstraint("source IN ('file', 'person')", name="source_known"),
        sa.ForeignKeyConstraint(["account_id"], ["bank_account.id"], name="fk_bank_receipt_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_bank_receipt"),
        sa.UniqueConstraint("account_id", "bank_reference", name="uq_bank_receipt_reference"),
    )
    op.create_table(
        "bank_placement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("receipt_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("payment_id", sa.Uuid()),
        sa.Column("claim_id", sa.Uuid()),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("undoes", sa.Uuid()),
        sa.Column("journal_id", sa.Uuid(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("placed_by", sa.Uuid()),
        sa.Column("recorded_at", Time, nullable=False),
        sa.CheckConstraint("cents > 0", name="cents_positive"),
        sa.CheckConstraint("place IN ('claim', 'own', 'payment', 'provider')", name="place_known"),
        sa.CheckConstraint("(place = 'payment') = (payment_id IS NOT NULL)", name="payment_named"),
        sa.CheckConstraint("(place = 'claim') = (claim_id IS NOT NULL)", name="claim_named"),
        sa.ForeignKeyConstraint(["receipt_id"], ["bank_receipt.id"], name="fk_bank_placement_receipt_id"),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name="fk_bank_placement_payment_id"),
        sa.ForeignKeyConstraint(["undoes"], ["bank_placement.id"], name="fk_bank_placement_undoes"),
        sa.PrimaryKeyConstraint("id", name="pk_bank_placement"),
        sa.UniqueConstraint("undoes", name="uq_bank_placement_undoes"),
    )
    op.create_index("ix_bank_placement_receipt_id", "bank_placement", ["receipt_id"])
    op.create_index("ix_bank_placement_payment_id", "bank_placement", ["payment_id"])


def downgrade() -> None:
    op.execute("UPDATE account SET clears_days = 3 WHERE key = 'KZ'")
    op.execute("DELETE FROM legal_value WHERE key = 'payment.transfer_days'")
    for table in ("bank_return", "bank_placement", "bank_receipt", "expected_transfer", "bank_account"):
        op.drop_table(table)
