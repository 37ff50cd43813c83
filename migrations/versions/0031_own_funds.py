"""Own funds come by lines of the bank alone: the documents that one person wrote for them go. Decision 0114."""

import sqlalchemy as sa
from alembic import op

from foundation.config import settings
from foundation.schema import make_append_only

revision = "0031_own_funds"
down_revision = "0030_undone_placements"
branch_labels = None
depends_on = None

# Entries that rest on such a document would have no paper any more.
REFUSE = """
DO $$ BEGIN
  IF EXISTS (SELECT FROM ledger_document) THEN
    RAISE EXCEPTION 'own funds were booked without a line of the bank: book them back, or begin with make demo RESET=1';
  END IF;
END $$
"""


def upgrade() -> None:
    op.execute(REFUSE)
    op.execute("DELETE FROM posting_rule WHERE kind = 'float'")
    op.execute("DROP FUNCTION IF EXISTS float_posting()")
    op.drop_table("ledger_document")


def downgrade() -> None:
    op.create_table(
        "ledger_document",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("ledger_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("cents > 0", name="cents_positive"),
        sa.UniqueConstraint("ledger_id", "kind", "reference"),
    )
    make_append_only(op.get_bind(), "ledger_document", role=settings().database_role)
