"""What the provider does by itself: disputes, ends of failed refunds, cases, fees on sellers' money. Decision 0210."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from foundation.config import settings
from foundation.schema import make_append_only, run_file

revision = "0017_disputes"
down_revision = "0016_pause_reasons"
branch_labels = None
depends_on = None

Time = sa.DateTime(timezone=True)
NEVER_DELETED = ("dispute", "refund_end", "provider_case")
KINDS = ("payment_disputed", "payment_reinstated", "dispute_fee")
# Fees on sellers' money were noted at their calls only; now they are booked.
NOTED_FEES = """
SELECT ledger_post_paper(p_kind => 'provider_fee', p_paper => c.id)
  FROM provider_call c JOIN payment p ON p.id = c.payment_id
 WHERE p.rail = 'seller' AND c.state = 'succeeded' AND c.kind IN ('capture', 'collect') AND c.fee_cents > 0
"""


def upgrade() -> None:
    role = settings().database_role
    run = op.get_bind().exec_driver_sql
    _create_disputes()
    _create_cases()
    op.add_column("refund", sa.Column("error_code", sa.Text()))
    op.add_column("refund", sa.Column("told_at", Time))
    op.add_column("webhook_event", sa.Column("account", sa.Text(), nullable=False, server_default=""))
    make_append_only(op.get_bind(), "dispute_move", role=role)
    for table in NEVER_DELETED:
        run(f'REVOKE DELETE, TRUNCATE ON {table} FROM "{role}"')
    run(
        "INSERT INTO account (key, name, kind, clears)"
        " VALUES ('MF', 'Merkposten: Gebühren auf Kartengeld der Läden', 'memo', false)"
    )
    run_file(op.get_bind(), "money/ledger", "ledger_post")
    for name in ("payment_movement", "payment_fee", "payment_posting"):
        run_file(op.get_bind(), "money/payments", name)
    for kind in KINDS:
        run(f"INSERT INTO posting_rule VALUES ('{kind}', 'payment_posting', true)")
    run(NOTED_FEES)


def downgrade() -> None:
    op.drop_column("webhook_event", "account")
    op.drop_column("refund", "told_at")
    op.drop_column("refund", "error_code")
    for table in ("provider_case", "refund_end", "dispute_move", "dispute"):
        op.drop_table(table)
    kinds = ", ".join(f"'{kind}'" for kind in KINDS)
    op.execute(f"DELETE FROM posting_rule WHERE kind IN ({kinds})")
    op.execute("DELETE FROM account WHERE key = 'MF'")


def _create_disputes() -> None:
    op.create_table(
        "dispute",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("payment_id", sa.Uuid(), sa.ForeignKey("payment.id"), nullable=False, index=True),
        sa.Column("tender_id", sa.Uuid(), sa.ForeignKey("tender.id"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("provider_ref", sa.Text(), nullable=False, unique=True),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=False),
        sa.Column("due_at", Time),
        sa.Column("opened_at", Time, nullable=False),
        sa.Column("closed_at", Time),
        sa.CheckConstraint(
            "state IN ('closed', 'inquiry', 'lost', 'needs_response', 'under_review', 'won')", name="state_known"
        ),
        sa.CheckConstraint("kind IN ('debit_return', 'dispute', 'outside_refund')", name="kind_known"),
        sa.CheckConstraint("cents > 0", name="cents_positive"),
    )
    op.create_index("ix_dispute_open", "dispute", ["opened_at"], postgresql_where=sa.text("closed_at IS NULL"))
    op.create_table(
        "dispute_move",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("dispute_id", sa.Uuid(), sa.ForeignKey("dispute.id"), nullable=False, index=True),
        sa.Column("provider_ref", sa.Text(), nullable=False, unique=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("split", JSONB(), nullable=False),
        sa.Column("fee_cents", sa.BigInteger(), nullable=False),
        sa.Column("fee_split", JSONB(), nullable=False),
        sa.Column("fee_journal_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", Time, nullable=False),
        sa.CheckConstraint("kind IN ('reinstated', 'withdrawn')", name="kind_known"),
        sa.CheckConstraint("cents >= 0", name="cents_positive"),
    )


def _create_cases() -> None:
    op.create_table(
        "refund_end",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("refund_id", sa.Uuid(), sa.ForeignKey("refund.id"), nullable=False),
        sa.Column("means", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("next_id", sa.Uuid(), sa.ForeignKey("refund.id")),
        sa.Column("case_id", sa.Uuid()),
        sa.Column("decided_by", sa.Uuid(), sa.ForeignKey("person.id")),
        sa.Column("decided_at", Time, nullable=False),
        sa.Column("undone_at", Time),
        sa.CheckConstraint("means IN ('again', 'bank_account', 'dispute', 'letter')", name="means_known"),
    )
    where = sa.text("undone_at IS NULL")
    op.create_index("uq_refund_end_one", "refund_end", ["refund_id"], unique=True, postgresql_where=where)
    op.create_index("ix_refund_end_case", "refund_end", ["case_id"], postgresql_where=sa.text("case_id IS NOT NULL"))
    op.create_table(
        "provider_case",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("provider_ref", sa.Text(), nullable=False),
        sa.Column("cents", sa.BigInteger()),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("opened_at", Time, nullable=False),
        sa.Column("closed_at", Time),
        sa.Column("closed_by", sa.Uuid(), sa.ForeignKey("person.id")),
        sa.Column("note", sa.Text(), nullable=False),
        sa.UniqueConstraint("kind", "provider_ref", name="uq_provider_case_ref"),
        sa.CheckConstraint("kind IN ('foreign_payment', 'unknown_payment', 'unmatched_line')", name="kind_known"),
        sa.CheckConstraint("(closed_at IS NULL) = (note = '')", name="closed_with_note"),
    )
    where = sa.text("closed_at IS NULL")
    op.create_index("ix_provider_case_open", "provider_case", ["opened_at"], postgresql_where=where)
