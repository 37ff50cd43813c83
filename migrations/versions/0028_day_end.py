"""Days are closed when bank and provider agree with the books; differences have an owner. Decision 0213."""

import sqlalchemy as sa
from alembic import op

from foundation.config import settings
from foundation.schema import make_append_only, run_file

revision = "0028_day_end"
down_revision = "0027_provider_lines"
branch_labels = None
depends_on = None

Time = sa.DateTime(timezone=True)
WITNESSES = "source IN ('bank', 'provider')"


def upgrade() -> None:
    role = settings().database_role
    op.create_table(
        "day_closing",
        sa.Column("ledger_id", sa.Uuid(), primary_key=True),
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("closed_at", Time, nullable=False),
    )
    _difference()
    _figure()
    make_append_only(op.get_bind(), "day_closing", "day_figure", role=role)
    op.execute(
        "CREATE TRIGGER keep_version AFTER INSERT OR UPDATE OR DELETE ON day_difference FOR EACH ROW"
        " EXECUTE FUNCTION keep_version('id')"
    )
    op.execute(f'REVOKE DELETE, TRUNCATE ON day_difference FROM "{role}"')
    run_file(op.get_bind(), "money/ledger", "ledger_close_period")


def downgrade() -> None:
    # Functions stay: the baseline makes all functions of the files, and drops them.
    op.drop_table("day_figure")
    op.drop_table("day_difference")
    op.drop_table("day_closing")


def _difference() -> None:
    op.create_table(
        "day_difference",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("ledger_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("until_day", sa.Date(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("is_stated", sa.Boolean(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Uuid()),
        sa.Column("since", Time, nullable=False),
        sa.Column("told_at", Time),
        sa.Column("reason", sa.Text()),
        sa.Column("proposed_by", sa.Uuid()),
        sa.Column("accepted_by", sa.Uuid()),
        sa.Column("accepted_at", Time),
        sa.Column("ended_at", Time),
        sa.CheckConstraint(WITNESSES, name="source_known"),
        sa.CheckConstraint("cause IN ('by_hand', 'not_stated', 'typed', 'unknown')", name="cause_known"),
        sa.CheckConstraint("from_day <= until_day", name="days_in_order"),
        sa.CheckConstraint("cents <> 0 OR NOT is_stated", name="something_differs"),
        sa.CheckConstraint("(reason IS NULL) = (proposed_by IS NULL)", name="proposed_with_reason"),
        sa.CheckConstraint("(accepted_by IS NULL) = (accepted_at IS NULL)", name="accepted_by_somebody"),
        sa.CheckConstraint(
            "accepted_by IS NULL OR (proposed_by IS NOT NULL AND proposed_by <> accepted_by)", name="by_two"
        ),
        sa.CheckConstraint("accepted_at IS NULL OR ended_at IS NULL", name="one_end"),
    )
    op.create_index(
        "uq_day_difference_open",
        "day_difference",
        ["ledger_id", "source", "account", "from_day"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL AND accepted_at IS NULL"),
    )


def _figure() -> None:
    op.create_table(
        "day_figure",
        sa.Column("ledger_id", sa.Uuid(), primary_key=True),
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("source", sa.Text(), primary_key=True),
        sa.Column("account", sa.Text(), primary_key=True),
        sa.Column("ours_cents", sa.BigInteger(), nullable=False),
        sa.Column("theirs_cents", sa.BigInteger(), nullable=False),
        sa.Column("later_cents", sa.BigInteger(), nullable=False),
        sa.Column("accepted_cents", sa.BigInteger(), nullable=False),
        sa.Column("difference_id", sa.Uuid(), sa.ForeignKey("day_difference.id")),
        sa.ForeignKeyConstraint(["ledger_id", "day"], ["day_closing.ledger_id", "day_closing.day"]),
        sa.CheckConstraint(WITNESSES, name="source_known"),
        sa.CheckConstraint("ours_cents = theirs_cents + later_cents + accepted_cents", name="agrees"),
        sa.CheckConstraint("accepted_cents = 0 OR difference_id IS NOT NULL", name="accepted_by_two"),
    )
