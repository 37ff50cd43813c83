"""Vouchers that came from another system."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "move_in",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("programme_id", sa.Uuid(), sa.ForeignKey("programme.id"), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False, unique=True),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("line_count", sa.Integer(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("done_count", sa.Integer(), nullable=False),
        sa.Column("moved_by", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("octet_length(digest) = 32", name="digest_whole"),
        sa.CheckConstraint("moved_by <> approved_by", name="two_people"),
        sa.CheckConstraint("line_count > 0 AND done_count BETWEEN 0 AND line_count", name="counts_within"),
    )
    op.create_table(
        "moved_code",
        sa.Column("hash", sa.LargeBinary(), primary_key=True),
        sa.Column("voucher_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("octet_length(hash) = 32", name="hash_whole"),
    )
    op.execute("SELECT make_append_only('moved_code')")


def downgrade() -> None:
    op.drop_table("moved_code")
    op.drop_table("move_in")
