"""Payments, tenders, calls to providers, the inbox of their messages, refunds."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = (
    "payment",
    "webhook_event",
    "payment_event",
    "payment_share",
    "provider_call",
    "tender",
    "provider_call_event",
    "refund",
    "tender_part",
)


def upgrade() -> None:
    op.create_table(
        "payment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ref_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("refunded_cents", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.CHAR(length=3), nullable=False),
        sa.Column("rail", sa.Text(), nullable=False),
        sa.Column("ledger_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("language", sa.CHAR(length=2), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("rail IN ('issuer', 'seller')", name="ck_payment_rail_known"),
        sa.CheckConstraint(
            "state IN ('aborting', 'committing', 'failed', 'open', 'pending', 'refunded', 'secured')",
            name="ck_payment_state_known",
        ),
        sa.CheckConstraint(
            "state IN ('open', 'pending', 'aborting', 'failed') OR decided_at IS NOT NULL",
            name="ck_payment_decision_dated",
        ),
        sa.CheckConstraint("cents > 0", name="ck_payment_cents_positive"),
        sa.CheckConstraint("refunded_cents BETWEEN 0 AND cents", name="ck_payment_refund_within"),
        sa.PrimaryKeyConstraint("id", name="pk_payment"),
        sa.UniqueConstraint("key", name="uq_payment_key"),
    )
    op.create_index(
        "ix_payment_expiring", "payment", ["expires_at"], unique=False, postgresql_where=sa.text("state = 'open'")
    )
    op.create_index("ix_payment_ref", "payment", ["ref_id"], unique=False)
    op.create_index(
        "uq_payment_one_live", "payment", ["kind", "ref_id"], unique=True, postgresql_where=sa.text("state <> 'failed'")
    )
    op.create_table(
        "webhook_event",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("object_kind", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Text(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_event"),
    )
    op.create_index(
        "ix_webhook_event_open",
        "webhook_event",
        ["received_at"],
        unique=False,
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.create_table(
        "payment_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=True),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name="fk_payment_event_payment_id"),
        sa.PrimaryKeyConstraint("id", name="pk_payment_event"),
    )
    op.create_index("ix_payment_event_payment_id", "payment_event", ["payment_id"], unique=False)
    op.create_table(
        "payment_share",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("ref_id", sa.Uuid(), nullable=False),
        sa.Column("outlet_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.CheckConstraint("cents > 0", name="ck_payment_share_cents_positive"),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name="fk_payment_share_payment_id"),
        sa.PrimaryKeyConstraint("id", name="pk_payment_share"),
        sa.UniqueConstraint("payment_id", "ref_id", name="uq_payment_share_ref"),
    )
    op.create_table(
        "provider_call",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.CHAR(length=3), nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("provider_ref", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column("fee_cents", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('authorise', 'capture', 'collect', 'expire', 'refund', 'void')",
            name="ck_provider_call_kind_known",
        ),
        sa.CheckConstraint(
            "state IN ('failed', 'pending', 'planned', 'sent', 'succeeded', 'unknown')",
            name="ck_provider_call_state_known",
        ),
        sa.CheckConstraint("subject_kind IN ('refund', 'tender')", name="ck_provider_call_subject_kind_known"),
        sa.CheckConstraint("cents > 0", name="ck_provider_call_cents_positive"),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name="fk_provider_call_payment_id"),
        sa.PrimaryKeyConstraint("id", name="pk_provider_call"),
    )
    op.create_index(
        "ix_provider_call_due",
        "provider_call",
        ["next_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('planned', 'sent', 'unknown', 'pending')"),
    )
    op.create_index("ix_provider_call_payment_id", "provider_call", ["payment_id"], unique=False)
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
        "tender",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("external", sa.Boolean(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("refunded_cents", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.Uuid(), nullable=True),
        sa.Column("share_ref", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("provider_ref", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state IN ('authorised', 'captured', 'collected', 'failed', 'held', 'planned', 'processing',"
            " 'promised', 'released')",
            name="ck_tender_state_known",
        ),
        sa.CheckConstraint("cents > 0", name="ck_tender_cents_positive"),
        sa.CheckConstraint("refunded_cents BETWEEN 0 AND cents", name="ck_tender_refund_within"),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name="fk_tender_payment_id"),
        sa.PrimaryKeyConstraint("id", name="pk_tender"),
        sa.UniqueConstraint("payment_id", "position", name="uq_tender_position"),
    )
    op.create_index(
        "ix_tender_reference", "tender", ["reference"], unique=False, postgresql_where=sa.text("reference IS NOT NULL")
    )
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
        "provider_call_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=True),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["provider_call.id"], name="fk_provider_call_event_call_id"),
        sa.PrimaryKeyConstraint("id", name="pk_provider_call_event"),
    )
    op.create_index("ix_provider_call_event_call_id", "provider_call_event", ["call_id"], unique=False)
    op.create_table(
        "refund",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("split", postgresql.JSONB(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("provider_ref", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('failed', 'pending', 'requested', 'succeeded')", name="ck_refund_state_known"),
        sa.CheckConstraint("cents > 0", name="ck_refund_cents_positive"),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name="fk_refund_payment_id"),
        sa.ForeignKeyConstraint(["tender_id"], ["tender.id"], name="fk_refund_tender_id"),
        sa.PrimaryKeyConstraint("id", name="pk_refund"),
        sa.UniqueConstraint("key", name="uq_refund_key"),
    )
    op.create_index("ix_refund_payment_id", "refund", ["payment_id"], unique=False)
    op.create_index("ix_refund_tender_id", "refund", ["tender_id"], unique=False)
    op.create_table(
        "tender_part",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("share_id", sa.Uuid(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("refunded_cents", sa.BigInteger(), nullable=False),
        sa.Column("collected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waived_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("cents > 0", name="ck_tender_part_cents_positive"),
        sa.CheckConstraint("collected_at IS NULL OR waived_at IS NULL", name="ck_tender_part_one_end"),
        sa.CheckConstraint("refunded_cents BETWEEN 0 AND cents", name="ck_tender_part_refund_within"),
        sa.ForeignKeyConstraint(["share_id"], ["payment_share.id"], name="fk_tender_part_share_id"),
        sa.ForeignKeyConstraint(["tender_id"], ["tender.id"], name="fk_tender_part_tender_id"),
        sa.PrimaryKeyConstraint("id", name="pk_tender_part"),
        sa.UniqueConstraint("tender_id", "share_id", name="uq_tender_part_share"),
    )
    op.create_index("ix_tender_part_tender_id", "tender_part", ["tender_id"], unique=False)
    op.execute("SELECT make_append_only('payment_event')")
    op.execute("SELECT make_append_only('provider_call_event')")


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
