"""Accounting periods: a closed month takes no entries any more; late ones go to the first open day. Decision 0112."""

import sqlalchemy as sa
from alembic import op

from foundation.config import settings
from foundation.schema import make_append_only, run_file

revision = "0019_periods"
down_revision = "0018_bank_lines"
branch_labels = None
depends_on = None

FUNCTIONS = ("ledger_close_period", "ledger_open_day", "ledger_is_day_kept")


def upgrade() -> None:
    role = settings().database_role
    run = op.get_bind().exec_driver_sql
    op.create_table(
        "period_closing",
        sa.Column("ledger_id", sa.Uuid(), primary_key=True),
        sa.Column("last_day", sa.Date(), primary_key=True),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("approved_by", sa.Uuid(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("proposed_by <> approved_by", name="by_two"),
    )
    make_append_only(op.get_bind(), "period_closing", role=role)
    run(f'REVOKE INSERT ON period_closing FROM "{role}"')
    for name in (*FUNCTIONS, "ledger_post"):
        run_file(op.get_bind(), "money/ledger", name)
        run(f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC")
    run(f'GRANT EXECUTE ON FUNCTION ledger_close_period, ledger_is_day_kept TO "{role}"')


def downgrade() -> None:
    # Functions stay: the baseline makes all functions of the files, and drops them.
    op.drop_table("period_closing")
