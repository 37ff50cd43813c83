"""Values of law, payments with their tenders, calls to providers, refunds, and the issuers' bank accounts."""

from datetime import date

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004_payments"
down_revision = "0003_ledger"
branch_labels = None
depends_on = None

Time = sa.DateTime(timezone=True)

OLD = date(2002, 1, 1)
# key, valid from, value, unit, norm, note
LEGAL_VALUES = (
    ("voucher.limitation_years", OLD, 3, "years", "§§ 195, 199 Abs. 1 BGB", "vom Ende des Ausgabejahres an"),
    ("voucher.withdrawal_days", date(2014, 6, 13), 14, "days", "§§ 312g, 355 BGB", "Widerruf beim Kauf im Netz"),
    ("voucher.most_cents", OLD, 25000, "cents", "Selbstbegrenzung nach § 2 Abs. 1 Nr. 10 ZAG", "je Gutschein"),
    ("voucher.least_cents", OLD, 1000, "cents", "Selbstbegrenzung", "je Gutschein"),
    ("voucher.payer_30_days_cents", OLD, 100000, "cents", "Selbstbegrenzung nach GwG", "je Käufer in 30 Tagen"),
    (
        "payment.transfer_days",
        OLD,
        14,
        "days",
        "Vertragsbedingung",
        "so lange wartet eine Bestellung auf die Überweisung",
    ),
    (
        "voucher.counter_sale_cents",
        OLD,
        25000,
        "cents",
        "Selbstbegrenzung nach GwG",
        "je Verkauf an einer Verkaufsstelle",
    ),
)
TABLES = (
    "legal_value",
    "payment",
    "payment_share",
    "tender",
    "tender_part",
    "payment_event",
    "refund",
    "provider_call",
    "provider_call_event",
    "webhook_event",
    "bank_account",
    "expected_transfer",
    "bank_receipt",
    "bank_placement",
    "bank_return",
)


def upgrade() -> None:
    _law()
    _payments()
    _bank()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _law() -> None:
    legal_value = op.create_table(
        "legal_value",
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("valid_from", sa.Date(), primary_key=True),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("norm", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
    )
    names = ("key", "valid_from", "value", "unit", "norm", "note")
    op.bulk_insert(legal_value, [dict(zip(names, row, strict=True)) for row in LEGAL_VALUES])


def _payments() -> None:
    op.create_table(
        "payment",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ref_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False, unique=True),
        sa.Column("request_hash", sa.LargeBinary(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("refunded_cents", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("rail", sa.Text(), nullable=False),
        sa.Column("ledger_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("language", sa.CHAR(2), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("created_at", Time, nullable=False),
        sa.Column("expires_at", Time, nullable=False),
        sa.Column("decided_at", Time),
        sa.Column("closed_at", Time),
        sa.CheckConstraint(
            "state IN ('aborting', 'committing', 'failed', 'open', 'pending', 'refunded', 'secured')",
            name="state_known",
        ),
        sa.CheckConstraint("rail IN ('issuer', 'seller')", name="rail_known"),
        sa.CheckConstraint("cents > 0", name="cents_positive"),
        sa.CheckConstraint("refunded_cents BETWEEN 0 AND cents", name="refund_within"),
        sa.CheckConstraint(
            "state IN ('open', 'pending', 'aborting', 'failed') OR decided_at IS NOT NULL", name="decision_dated"
        ),
    )
    op.create_index("ix_payment_expiring", "payment", ["expires_at"], postgresql_where=sa.text("state = 'open'"))
    op.create_index("ix_payment_ref", "payment", ["ref_id"])
    op.create_index(
        "uq_payment_one_live", "payment", ["kind", "ref_id"], unique=True, postgresql_where=sa.text("state <> 'failed'")
    )
    op.create_table(
        "payment_share",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("payment_id", sa.Uuid(), sa.ForeignKey("payment.id"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("ref_id", sa.Uuid(), nullable=False),
        sa.Column("outlet_id", sa.Uuid()),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.CheckConstraint("cents > 0", name="cents_positive"),
        sa.UniqueConstraint("payment_id", "ref_id", name="uq_payment_share_ref"),
    )
    op.create_table(
        "tender",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("payment_id", sa.Uuid(), sa.ForeignKey("payment.id"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("external", sa.Boolean(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("refunded_cents", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.Uuid()),
        sa.Column("share_ref", sa.Uuid()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("provider_ref", sa.Text()),
        sa.CheckConstraint(
            "state IN ('authorised', 'captured', 'collected', 'failed', 'held', 'planned', 'processing', 'promised',"
            " 'released')",
            name="state_known",
        ),
        sa.CheckConstraint("cents > 0", name="cents_positive"),
        sa.CheckConstraint("refunded_cents BETWEEN 0 AND cents", name="refund_within"),
        sa.UniqueConstraint("payment_id", "position", name="uq_tender_position"),
    )
    op.create_index("ix_tender_reference", "tender", ["reference"], postgresql_where=sa.text("reference IS NOT NULL"))
    op.create_index(
        "uq_tender_one_external", "tender", ["payment_id"], unique=True, postgresql_where=sa.text("external")
    )
    op.create_index(
        "uq_tender_provider_ref",
        "tender",
        ["provider_ref"],
        unique=True,
        postgresql_where=sa.text("provider_ref IS NOT NULL"),
    )
    op.create_table(
        "tender_part",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("tender_id", sa.Uuid(), sa.ForeignKey("tender.id"), nullable=False),
        sa.Column("share_id", sa.Uuid(), sa.ForeignKey("payment_share.id"), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("refunded_cents", sa.BigInteger(), nullable=False),
        sa.Column("collected_at", Time),
        sa.Column("waived_at", Time),
        sa.CheckConstraint("cents > 0", name="cents_positive"),
        sa.CheckConstraint("refunded_cents BETWEEN 0 AND cents", name="refund_within"),
        sa.CheckConstraint("collected_at IS NULL OR waived_at IS NULL", name="one_end"),
        sa.UniqueConstraint("tender_id", "share_id", name="uq_tender_part_share"),
    )
    op.create_index("ix_tender_part_tender_id", "tender_part", ["tender_id"])
    op.create_table(
        "payment_event",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("payment_id", sa.Uuid(), sa.ForeignKey("payment.id"), nullable=False),
        sa.Column("recorded_at", Time, nullable=False),
        sa.Column("from_state", sa.Text()),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
    )
    op.create_index("ix_payment_event_payment_id", "payment_event", ["payment_id"])
    op.create_table(
        "refund",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("payment_id", sa.Uuid(), sa.ForeignKey("payment.id"), nullable=False),
        sa.Column("tender_id", sa.Uuid(), sa.ForeignKey("tender.id"), nullable=False),
        sa.Column("key", sa.Text(), nullable=False, unique=True),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("split", JSONB(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("provider_ref", sa.Text()),
        sa.Column("created_at", Time, nullable=False),
        sa.Column("closed_at", Time),
        sa.CheckConstraint("state IN ('failed', 'pending', 'requested', 'succeeded')", name="state_known"),
        sa.CheckConstraint("cents > 0", name="cents_positive"),
    )
    op.create_index("ix_refund_payment_id", "refund", ["payment_id"])
    op.create_index("ix_refund_tender_id", "refund", ["tender_id"])
    op.create_table(
        "provider_call",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("payment_id", sa.Uuid(), sa.ForeignKey("payment.id"), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", Time, nullable=False),
        sa.Column("first_sent_at", Time),
        sa.Column("last_sent_at", Time),
        sa.Column("next_at", Time),
        sa.Column("provider_ref", sa.Text()),
        sa.Column("url", sa.Text()),
        sa.Column("error_code", sa.Text()),
        sa.Column("fee_cents", sa.BigInteger()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('failed', 'pending', 'planned', 'sent', 'succeeded', 'unknown')", name="state_known"
        ),
        sa.CheckConstraint(
            "kind IN ('authorise', 'capture', 'collect', 'expire', 'refund', 'void')", name="kind_known"
        ),
        sa.CheckConstraint("subject_kind IN ('refund', 'tender')", name="subject_kind_known"),
        sa.CheckConstraint("cents > 0", name="cents_positive"),
    )
    op.create_index(
        "ix_provider_call_due",
        "provider_call",
        ["next_at"],
        postgresql_where=sa.text("state IN ('planned', 'sent', 'unknown', 'pending')"),
    )
    op.create_index("ix_provider_call_payment_id", "provider_call", ["payment_id"])
    op.create_index(
        "uq_provider_call_one_open",
        "provider_call",
        ["subject_id", "kind"],
        unique=True,
        postgresql_where=sa.text("state IN ('planned', 'sent', 'unknown', 'pending')"),
    )
    op.create_index(
        "uq_provider_call_ref",
        "provider_call",
        ["provider", "kind", "provider_ref"],
        unique=True,
        postgresql_where=sa.text("provider_ref IS NOT NULL"),
    )
    op.create_table(
        "provider_call_event",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("call_id", sa.Uuid(), sa.ForeignKey("provider_call.id"), nullable=False),
        sa.Column("recorded_at", Time, nullable=False),
        sa.Column("from_state", sa.Text()),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
    )
    op.create_index("ix_provider_call_event_call_id", "provider_call_event", ["call_id"])
    op.create_table(
        "webhook_event",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("object_kind", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Text(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", Time, nullable=False),
        sa.Column("done_at", Time),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text()),
    )
    op.create_index(
        "ix_webhook_event_open", "webhook_event", ["received_at"], postgresql_where=sa.text("done_at IS NULL")
    )


def _bank() -> None:
    op.create_table(
        "bank_account",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("organisation_id", sa.Uuid(), sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("iban", sa.Text(), nullable=False),
        sa.Column("bic", sa.Text(), nullable=False),
        sa.Column("bank_name", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("opened_at", Time, nullable=False),
        sa.Column("closed_at", Time),
        sa.CheckConstraint("purpose IN ('trust')", name="purpose_known"),
    )
    op.create_index(
        "uq_bank_account_iban", "bank_account", ["iban"], unique=True, postgresql_where=sa.text("closed_at IS NULL")
    )
    op.create_index(
        "uq_bank_account_open",
        "bank_account",
        ["organisation_id", "purpose"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "expected_transfer",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("payment_id", sa.Uuid(), sa.ForeignKey("payment.id"), nullable=False, unique=True),
        sa.Column("tender_id", sa.Uuid(), sa.ForeignKey("tender.id"), nullable=False, unique=True),
        sa.Column("account_id", sa.Uuid(), sa.ForeignKey("bank_account.id"), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False, unique=True),
        sa.Column("created_at", Time, nullable=False),
        sa.Column("instructed_at", Time),
    )
    op.create_table(
        "bank_receipt",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("account_id", sa.Uuid(), sa.ForeignKey("bank_account.id"), nullable=False),
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
        sa.UniqueConstraint("account_id", "bank_reference", name="uq_bank_receipt_reference"),
    )
    op.create_table(
        "bank_placement",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("receipt_id", sa.Uuid(), sa.ForeignKey("bank_receipt.id"), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), sa.ForeignKey("payment.id")),
        sa.Column("claim_id", sa.Uuid()),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("undoes", sa.Uuid(), sa.ForeignKey("bank_placement.id"), unique=True),
        sa.Column("journal_id", sa.Uuid(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("placed_by", sa.Uuid()),
        sa.Column("recorded_at", Time, nullable=False),
        sa.CheckConstraint("cents > 0", name="cents_positive"),
        sa.CheckConstraint("place IN ('claim', 'own', 'payment', 'provider')", name="place_known"),
        sa.CheckConstraint("(place = 'payment') = (payment_id IS NOT NULL)", name="payment_named"),
        sa.CheckConstraint("(place = 'claim') = (claim_id IS NOT NULL)", name="claim_named"),
    )
    op.create_index("ix_bank_placement_payment_id", "bank_placement", ["payment_id"])
    op.create_index("ix_bank_placement_receipt_id", "bank_placement", ["receipt_id"])
    op.create_table(
        "bank_return",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("account_id", sa.Uuid(), sa.ForeignKey("bank_account.id"), nullable=False),
        sa.Column("receipt_id", sa.Uuid(), sa.ForeignKey("bank_receipt.id")),
        sa.Column("refund_id", sa.Uuid(), sa.ForeignKey("refund.id"), unique=True),
        sa.Column("payment_id", sa.Uuid(), sa.ForeignKey("payment.id")),
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
    )
    op.create_index("ix_bank_return_open", "bank_return", ["created_at"], postgresql_where=sa.text("done_at IS NULL"))
    op.create_index("ix_bank_return_payment_id", "bank_return", ["payment_id"])
    op.create_index("ix_bank_return_receipt_id", "bank_return", ["receipt_id"])
