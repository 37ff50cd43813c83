"""Vouchers of two people consume a receipt of the bank, which is placed on their paper. Decision 0114."""

import sqlalchemy as sa
from alembic import op

from foundation.schema import replace_check, run_file

revision = "0029_value_of_receipts"
down_revision = "0028_day_end"
branch_labels = None
depends_on = None

BEFORE = (
    "'claim', 'crossed_out', 'detail', 'fee', 'interest', 'own', 'own_transfer', 'payment', 'provider', 'return',"
    " 'reversal', 'taken_back'"
)
TABLES = ("bank_placement", "bank_debit_proposal")
KIND = {"kind": "bank_value", "source": "bank_posting", "is_posted_by_paper": True}
GUARD = "bank_placement_require_receipt"
CHECKS = {
    "paper_named": "(place = 'value') = (paper_id IS NOT NULL)",
    "value_by_two": (
        "place <> 'value' OR (receipt_id IS NOT NULL AND line_id IS NULL AND placed_by IS NOT NULL"
        " AND approved_by IS NOT NULL)"
    ),
}


def upgrade() -> None:
    _places(f"{BEFORE}, 'value'")
    op.add_column("bank_placement", sa.Column("paper_id", sa.Uuid()))
    for name, check in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_bank_placement_{name}"), "bank_placement", check)
    op.bulk_insert(sa.table("posting_rule", *(sa.column(name) for name in KIND)), [KIND])
    run_file(op.get_bind(), "money/bank", "bank_posting")
    run_file(op.get_bind(), "money/bank", GUARD)
    op.execute(f"REVOKE ALL ON FUNCTION {GUARD} FROM PUBLIC")
    op.execute(
        f"CREATE TRIGGER require_receipt BEFORE INSERT ON bank_placement FOR EACH ROW WHEN (NEW.place = 'value')"
        f" EXECUTE FUNCTION {GUARD}()"
    )


def downgrade() -> None:
    # Other functions stay: the baseline makes all functions of the files, and drops them.
    op.execute("DROP TRIGGER require_receipt ON bank_placement")
    op.execute(f"DROP FUNCTION {GUARD}")
    op.execute("DELETE FROM posting_rule WHERE kind = 'bank_value'")
    op.drop_column("bank_placement", "paper_id")
    _places(BEFORE)


def _places(known: str) -> None:
    for table in TABLES:
        replace_check(op.get_bind(), table, "place_known", f"place IN ({known})")
