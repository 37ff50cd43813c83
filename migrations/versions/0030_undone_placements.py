"""Only what a payment had of a receipt is taken off it again. Decision 0114."""

from alembic import op

from foundation.schema import run_file

revision = "0030_undone_placements"
down_revision = "0029_value_of_receipts"
branch_labels = None
depends_on = None

GUARD = "bank_placement_require_undone"


def upgrade() -> None:
    run_file(op.get_bind(), "money/bank", GUARD)
    op.execute(f"REVOKE ALL ON FUNCTION {GUARD} FROM PUBLIC")
    op.execute(
        "CREATE TRIGGER require_undone BEFORE INSERT ON bank_placement FOR EACH ROW WHEN (NEW.undoes IS NOT NULL)"
        f" EXECUTE FUNCTION {GUARD}()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER require_undone ON bank_placement")
    op.execute(f"DROP FUNCTION {GUARD}")
