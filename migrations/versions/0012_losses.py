"""Money that is taken back: losses, claims on payers, what freezes and thaws a voucher, orders that wait. 0207."""

import sqlalchemy as sa
from alembic import op

from foundation.config import settings
from foundation.schema import make_append_only, replace_stored_value

revision = "0012_losses"
down_revision = "0011_closed_rights"
branch_labels = None
depends_on = None

Time = sa.DateTime(timezone=True)
APPEND_ONLY = ("payment_loss", "payment_loss_return", "claim_move")
CHANGED = ("voucher_charge_back", "voucher_deduct", "voucher_follow", "voucher_reinstate", "voucher_return")
KINDS = (
    "kind IN ('adjust', 'block', 'capture', {new}'hold', 'issue', 'lapse', 'load', 'merge_in', 'merge_out', 'redeem',"
    " 'refund', {back}'release', 'renew', 'unblock', 'unlock', 'void', 'withdraw')"
)


def upgrade() -> None:
    _create_tables()
    role = settings().database_role
    run = op.get_bind().exec_driver_sql
    make_append_only(op.get_bind(), *APPEND_ONLY, role=role, sealed=False)  # 0014 seals them
    _check_kinds(KINDS.format(new="'charge_back', ", back="'reinstate', "))
    replace_stored_value(op.get_bind(), *CHANGED, role=role)
    run(f'GRANT EXECUTE ON FUNCTION voucher_charge_back, voucher_reinstate TO "{role}"')
    op.add_column("shop_order", sa.Column("frozen_at", Time))


def downgrade() -> None:
    op.drop_column("shop_order", "frozen_at")
    # The functions stay: the baseline makes all functions of the files, and drops them.
    _check_kinds(KINDS.format(new="", back=""))
    for table in reversed(APPEND_ONLY):
        op.drop_table(table)


def _create_tables() -> None:
    op.create_table(
        "payment_loss",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("payment_id", sa.Uuid(), sa.ForeignKey("payment.id"), nullable=False, index=True),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("share_ref", sa.Uuid(), nullable=False),
        sa.Column("ledger_id", sa.Uuid(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_at", Time, nullable=False, index=True),
        sa.UniqueConstraint("case_id", "share_ref", name="uq_payment_loss_case"),
        sa.CheckConstraint("cents > 0", name="cents_positive"),
    )
    op.create_table(
        "payment_loss_return",
        sa.Column("loss_id", sa.Uuid(), sa.ForeignKey("payment_loss.id"), primary_key=True),
        sa.Column("recorded_at", Time, nullable=False),
    )
    op.create_table(
        "claim_move",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("loss_id", sa.Uuid(), sa.ForeignKey("payment_loss.id"), nullable=False, index=True),
        sa.Column("payment_id", sa.Uuid(), sa.ForeignKey("payment.id"), nullable=False, index=True),
        sa.Column("ledger_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("recorded_at", Time, nullable=False),
        sa.CheckConstraint("kind IN ('raised', 'recovered', 'settled', 'written_off')", name="kind_known"),
        sa.CheckConstraint("cents > 0", name="cents_positive"),
    )


def _check_kinds(text: str) -> None:
    for schema in ("public", "practice"):
        name = op.get_bind().scalar(
            sa.text(
                "SELECT conname FROM pg_constraint WHERE conrelid = CAST(:table AS regclass)"
                " AND conname LIKE '%kind_known'"
            ),
            {"table": f"{schema}.voucher_operation"},
        )
        table = f"{schema}.voucher_operation"
        op.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}", ADD CONSTRAINT "{name}" CHECK ({text})')
