"""Claims on payers are given up by two people. Decision 0207."""

import sqlalchemy as sa
from alembic import op

from foundation.config import settings

revision = "0020_claim_proposals"
down_revision = "0019_periods"
branch_labels = None
depends_on = None

Time = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "claim_proposal",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("loss_id", sa.Uuid(), sa.ForeignKey("payment_loss.id"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("proposed_at", Time, nullable=False),
        sa.Column("decided_by", sa.Uuid(), sa.ForeignKey("person.id")),
        sa.Column("decided_at", Time),
        sa.Column("approved", sa.Boolean()),
        sa.CheckConstraint("NOT coalesce(approved, false) OR decided_by <> proposed_by", name="two_people"),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (approved IS NULL) AND (decided_at IS NULL) = (decided_by IS NULL)",
            name="decided_whole",
        ),
    )
    where = sa.text("decided_at IS NULL")
    op.create_index("uq_claim_proposal_open", "claim_proposal", ["loss_id"], unique=True, postgresql_where=where)
    role = settings().database_role
    op.execute(f'REVOKE UPDATE, DELETE, TRUNCATE ON claim_proposal FROM "{role}"')
    op.execute(f'GRANT UPDATE (decided_by, decided_at, approved) ON claim_proposal TO "{role}"')


def downgrade() -> None:
    op.drop_table("claim_proposal")
