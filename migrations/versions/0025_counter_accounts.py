"""Value comes out of, and goes to, the accounts of its kind alone, and back to who paid for the lot. Decision 0114."""

from alembic import op

from foundation.config import settings
from foundation.schema import functions, run_file

revision = "0025_counter_accounts"
down_revision = "0024_lock_purchase"
branch_labels = None
depends_on = None

NEW = "voucher_require_paid"
CHANGED = ("voucher_issue", "voucher_deduct")


def upgrade() -> None:
    run_file(op.get_bind(), "vouchers/stored_value", NEW)
    op.execute(f"REVOKE ALL ON FUNCTION {NEW} FROM PUBLIC")
    _replace("public", CHANGED)
    op.execute(f'SET LOCAL ROLE "{settings().database_role}_practice"')
    _replace("practice", (NEW, *CHANGED))
    op.execute(f"REVOKE ALL ON FUNCTION practice.{NEW} FROM PUBLIC")
    op.execute("RESET ROLE")


def downgrade() -> None:
    """The functions stay: the baseline makes all functions of the files, and drops them."""


def _replace(schema: str, names: tuple[str, ...]) -> None:
    run = op.get_bind().exec_driver_sql
    texts = functions(schema=schema)
    run("SET LOCAL check_function_bodies = off")
    run(f"SET LOCAL search_path = {schema}, public")
    for name in names:
        run(texts[name].replace("%", "%%"))
    run("SET LOCAL search_path = public")
