"""Daily sums of vouchers for the audit."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "voucher_day",
        sa.Column("booked_on", sa.Date(), primary_key=True),
        sa.Column("programme_id", sa.Uuid(), primary_key=True),
        sa.Column("issue_ags", sa.CHAR(8), primary_key=True),
        sa.Column("outlet_id", sa.Uuid(), primary_key=True),
        sa.Column("verb", sa.Text(), primary_key=True),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
    )
    op.create_table(
        "voucher_day_mark",
        sa.Column("stream", sa.SmallInteger(), primary_key=True, autoincrement=False),
        sa.Column("seal_no", sa.BigInteger(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("voucher_day_mark")
    op.drop_table("voucher_day")
