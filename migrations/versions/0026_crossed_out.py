"""What a person typed and the bank never stated is crossed out; a return that came back is told once. Decision 0211."""

import sqlalchemy as sa
from alembic import op

from foundation.schema import replace_check, run_file

revision = "0026_crossed_out"
down_revision = "0025_counter_accounts"
branch_labels = None
depends_on = None

BEFORE = (
    "'claim', 'detail', 'fee', 'interest', 'own', 'own_transfer', 'payment', 'provider', 'return', 'reversal',"
    " 'taken_back'"
)
TABLES = ("bank_placement", "bank_debit_proposal")
KIND = {"kind": "bank_crossed_out", "source": "bank_posting", "is_posted_by_paper": True}


def upgrade() -> None:
    _places(f"{BEFORE}, 'crossed_out'")
    op.bulk_insert(sa.table("posting_rule", *(sa.column(name) for name in KIND)), [KIND])
    run_file(op.get_bind(), "money/bank", "bank_posting")
    op.create_check_constraint(
        op.f("ck_bank_placement_crossed_out_by_somebody"),
        "bank_placement",
        "place <> 'crossed_out' OR (receipt_id IS NOT NULL AND line_id IS NULL AND placed_by IS NOT NULL)",
    )


def downgrade() -> None:
    # Functions stay: the baseline makes all functions of the files, and drops them.
    op.drop_constraint(op.f("ck_bank_placement_crossed_out_by_somebody"), "bank_placement")
    op.execute("DELETE FROM posting_rule WHERE kind = 'bank_crossed_out'")
    _places(BEFORE)


def _places(known: str) -> None:
    for table in TABLES:
        replace_check(op.get_bind(), table, "place_known", f"place IN ({known})")
