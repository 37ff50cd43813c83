"""Value is made out of money that is there: the database refuses more than a payment or a budget holds. 0114."""

from alembic import op

from foundation.config import settings
from foundation.schema import replace_stored_value, run_file

revision = "0022_funds"
down_revision = "0021_roots"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_file(op.get_bind(), "money/ledger", "ledger_require_funds")
    op.execute("REVOKE ALL ON FUNCTION ledger_require_funds FROM PUBLIC")
    replace_stored_value(op.get_bind(), "voucher_issue", "voucher_reinstate", role=settings().database_role)


def downgrade() -> None:
    """The functions stay: the baseline makes all functions of the files, and drops them."""
