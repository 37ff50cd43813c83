"""Roots leave the house: the tree of balances of a day, and to whom its root went. Decision 0113."""

import sqlalchemy as sa
from alembic import op

from foundation.config import settings
from foundation.schema import make_append_only

revision = "0021_roots"
down_revision = "0020_claim_proposals"
branch_labels = None
depends_on = None

Time = sa.DateTime(timezone=True)
APPEND_ONLY = ("balance_root", "root_copy")


def upgrade() -> None:
    op.create_table(
        "balance_root",
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("leaves", sa.BigInteger(), nullable=False),
        sa.Column("computed_at", Time, nullable=False),
    )
    op.create_table(
        "balance_leaf",
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("position", sa.BigInteger(), primary_key=True),
        sa.Column("ledger_id", sa.Uuid(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("party", sa.Uuid(), nullable=False, index=True),
        sa.Column("cents", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "balance_branch",
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("position", sa.BigInteger(), primary_key=True),
        sa.Column("node", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "root_copy",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("receiver", sa.Text(), nullable=False),
        sa.Column("token", sa.LargeBinary()),
        sa.Column("recorded_at", Time, nullable=False),
        sa.UniqueConstraint("day", "kind", "receiver"),
        sa.CheckConstraint("kind IN ('mail', 'stamp')", name="kind_known"),
    )
    make_append_only(op.get_bind(), *APPEND_ONLY, role=settings().database_role)


def downgrade() -> None:
    for table in ("root_copy", "balance_branch", "balance_leaf", "balance_root"):
        op.drop_table(table)
