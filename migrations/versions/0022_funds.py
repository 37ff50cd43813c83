"""Value is made out of money that is there: the database refuses more than a payment or a budget holds. 0114."""

from alembic import op

from foundation.config import settings
from foundation.schema import functions, run_file

revision = "0022_funds"
down_revision = "0021_roots"
branch_labels = None
depends_on = None

CHANGED = ("voucher_issue", "voucher_reinstate")


def upgrade() -> None:
    run_file(op.get_bind(), "money/ledger", "ledger_require_funds")
    op.execute("REVOKE ALL ON FUNCTION ledger_require_funds FROM PUBLIC")
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
