"""Value comes out of money that a paper explains, and goes back to it, never straight from a bank account. 0114."""

from alembic import op

from foundation.config import settings
from foundation.schema import functions

revision = "0033_no_value_out_of_the_bank"
down_revision = "0032_settlement_transfers"
branch_labels = None
depends_on = None

CHANGED = ("voucher_issue", "voucher_deduct")


def upgrade() -> None:
    _replace("public")
    op.execute(f'SET LOCAL ROLE "{settings().database_role}_practice"')
    _replace("practice")
    op.execute("RESET ROLE")


def downgrade() -> None:
    """The functions stay: the baseline makes all functions of the files, and drops them."""


def _replace(schema: str) -> None:
    run = op.get_bind().exec_driver_sql
    texts = functions(schema=schema)
    run("SET LOCAL check_function_bodies = off")
    run(f"SET LOCAL search_path = {schema}, public")
    for name in CHANGED:
        run(texts[name].replace("%", "%%"))
    run("SET LOCAL search_path = public")
