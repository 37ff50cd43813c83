"""What needs two people, lapse runs, and what is watched."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from foundation.config import settings

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

Time = sa.DateTime(timezone=True)

RULES = (Path(__file__).resolve().parents[1] / "sql" / "0014_approvals.sql").read_text(encoding="utf-8")


def _proposals() -> None:
    op.create_table(
        "proposal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("details", JSONB(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", Time, nullable=False),
        sa.Column("decided_by", sa.Uuid()),
        sa.Column("decided_at", Time),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("done_at", Time),
        sa.PrimaryKeyConstraint("id", name="pk_proposal"),
        sa.UniqueConstraint("key", name="uq_proposal_key"),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name="fk_proposal_programme_id"),
        sa.ForeignKeyConstraint(["proposed_by"], ["person.id"], name="fk_proposal_proposed_by"),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name="fk_proposal_decided_by"),
        sa.CheckConstraint("state IN ('approved', 'declined', 'done', 'proposed')", name="state_known"),
        sa.CheckConstraint("cents >= 0", name="cents_not_negative"),
        sa.CheckConstraint("length(reason) BETWEEN 3 AND 500", name="reason_given"),
        sa.CheckConstraint("decided_by <> proposed_by", name="by_two"),
        sa.CheckConstraint(
            "(state = 'proposed') = (decided_by IS NULL) AND (state = 'proposed') = (decided_at IS NULL)",
            name="decided_by_somebody",
        ),
        sa.CheckConstraint("(state = 'done') = (done_at IS NOT NULL)", name="done_at_a_time"),
        sa.CheckConstraint("state <> 'declined' OR length(decision) >= 3", name="declined_with_reason"),
    )
    op.create_index("ix_proposal_worklist", "proposal", ["state", "proposed_at"])
    op.create_index("ix_proposal_programme", "proposal", ["programme_id", "kind"])


def _lapse_runs() -> None:
    op.create_table(
        "lapse_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("cutoff", sa.Date(), nullable=False),
        sa.Column("created_at", Time, nullable=False),
        sa.Column("finished_at", Time),
        sa.PrimaryKeyConstraint("id", name="pk_lapse_run"),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name="fk_lapse_run_programme_id"),
        sa.CheckConstraint("kind IN ('bonus', 'employer', 'goodwill', 'paid')", name="kind_known"),
    )
    op.create_index("ix_lapse_run_programme_id", "lapse_run", ["programme_id"])
    op.create_table(
        "lapse_item",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("voucher_id", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("legal_end", sa.Date(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("lapsed_cents", sa.BigInteger(), nullable=False),
        sa.Column("decided_at", Time),
        sa.PrimaryKeyConstraint("run_id", "voucher_id", "lot_id", name="pk_lapse_item"),
        sa.ForeignKeyConstraint(["run_id"], ["lapse_run.id"], name="fk_lapse_item_run_id"),
        sa.CheckConstraint("outcome IN ('lapsed', 'open', 'skipped')", name="outcome_known"),
        sa.CheckConstraint("cents > 0 AND lapsed_cents BETWEEN 0 AND cents", name="cents_within"),
        sa.CheckConstraint("(outcome = 'lapsed') = (lapsed_cents > 0)", name="lapsed_when_some"),
    )
    op.create_index("ix_lapse_item_voucher", "lapse_item", ["voucher_id"])
    op.create_index("ix_lapse_item_open", "lapse_item", ["run_id"], postgresql_where=sa.text("outcome = 'open'"))


def _rules() -> None:
    run = op.get_bind().exec_driver_sql
    run(RULES.replace("{role}", settings().database_role).replace("%", "%%"))


def upgrade() -> None:
    _proposals()
    _lapse_runs()
    _rules()


def downgrade() -> None:
    op.drop_table("lapse_item")
    op.drop_table("lapse_run")
    op.drop_table("proposal")
    op.execute("DROP FUNCTION proposal_kept()")
