"""Value comes out of money that a paper explains, and goes back to it, never straight from a bank account. 0114."""

from alembic import op

from foundation.config import settings
from foundation.schema import replace_stored_value

revision = "0033_no_value_out_of_the_bank"
down_revision = "0032_settlement_transfers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    replace_stored_value(op.get_bind(), "voucher_issue", "voucher_deduct", role=settings().database_role)


def downgrade() -> None:
    """The functions stay: the baseline makes all functions of the files, and drops them."""
