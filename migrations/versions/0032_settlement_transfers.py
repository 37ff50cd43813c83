"""A settlement between issuers is sent by one bank and credited by another: lines move the accounts. Decision 0214."""

import sqlalchemy as sa
from alembic import op

from foundation.schema import replace_check, run_file

revision = "0032_settlement_transfers"
down_revision = "0031_own_funds"
branch_labels = None
depends_on = None

BEFORE = (
    "'claim', 'crossed_out', 'detail', 'fee', 'interest', 'own', 'own_transfer', 'payment', 'provider', 'return',"
    " 'reversal', 'taken_back', 'value'"
)
TABLES = ("bank_placement", "bank_debit_proposal")
KIND = {"kind": "bank_settled", "source": "bank_posting", "is_posted_by_paper": True}


def upgrade() -> None:
    _places(f"{BEFORE}, 'settlement'")
    replace_check(
        op.get_bind(), "bank_placement", "paper_named", "(place IN ('settlement', 'value')) = (paper_id IS NOT NULL)"
    )
    op.add_column("bank_return", sa.Column("settlement_id", sa.Uuid()))
    op.add_column("bank_return", sa.Column("payee_id", sa.Uuid(), sa.ForeignKey("bank_account.id")))
    op.create_unique_constraint(op.f("uq_bank_return_settlement_id"), "bank_return", ["settlement_id"])
    op.create_index(op.f("ix_bank_return_payee_id"), "bank_return", ["payee_id"])
    replace_check(op.get_bind(), "bank_return", "one_cause", "num_nonnulls(receipt_id, refund_id, settlement_id) = 1")
    op.create_check_constraint(
        op.f("ck_bank_return_payee_of_settlement"), "bank_return", "(settlement_id IS NULL) = (payee_id IS NULL)"
    )
    op.bulk_insert(sa.table("posting_rule", *(sa.column(name) for name in KIND)), [KIND])
    run_file(op.get_bind(), "money/bank", "bank_posting")
    run_file(op.get_bind(), "money/bank", "bank_placement_require_undone")
    run_file(op.get_bind(), "vouchers/network", "issuer_settlement_posting")


def downgrade() -> None:
    # Functions stay: the baseline makes all functions of the files, and drops them.
    op.execute("DELETE FROM posting_rule WHERE kind = 'bank_settled'")
    op.drop_constraint(op.f("ck_bank_return_payee_of_settlement"), "bank_return")
    op.drop_constraint(op.f("ck_bank_return_one_cause"), "bank_return")
    op.drop_column("bank_return", "payee_id")
    op.drop_column("bank_return", "settlement_id")
    op.create_check_constraint(
        op.f("ck_bank_return_one_cause"), "bank_return", "(receipt_id IS NULL) <> (refund_id IS NULL)"
    )
    replace_check(op.get_bind(), "bank_placement", "paper_named", "(place = 'value') = (paper_id IS NOT NULL)")
    _places(BEFORE)


def _places(known: str) -> None:
    for table in TABLES:
        replace_check(op.get_bind(), table, "place_known", f"place IN ({known})")
