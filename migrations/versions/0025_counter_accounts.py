"""Value comes out of, and goes to, the accounts of its kind alone, and back to who paid for the lot. Decision 0114."""

from alembic import op

from foundation.config import settings
from foundation.schema import replace_stored_value

revision = "0025_counter_accounts"
down_revision = "0024_lock_purchase"
branch_labels = None
depends_on = None

CHANGED = ("voucher_require_paid", "voucher_issue", "voucher_deduct")


def upgrade() -> None:
    replace_stored_value(op.get_bind(), *CHANGED, role=settings().database_role)


def downgrade() -> None:
    """The functions stay: the baseline makes all functions of the files, and drops them."""
