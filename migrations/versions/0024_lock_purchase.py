"""Where the value of a purchase lies by now is found by one function, for withdrawals and charge backs. 0207, 0318."""

from alembic import op

from foundation.config import settings
from foundation.schema import replace_stored_value

revision = "0024_lock_purchase"
down_revision = "0023_missing_there"
branch_labels = None
depends_on = None

OPEN = ("voucher_withdraw", "voucher_charge_back")
# Both took the voucher's next state as an argument.
OLD = (
    "voucher_withdraw(uuid, uuid, uuid, text, text, text, uuid, text, timestamptz)",
    "voucher_charge_back(uuid, uuid, bigint, uuid, uuid, text, text, text, uuid, text, timestamptz)",
)


def upgrade() -> None:
    role = settings().database_role
    for schema in ("public", "practice"):
        for signature in OLD:
            op.execute(f"DROP FUNCTION IF EXISTS {schema}.{signature}")
    replace_stored_value(op.get_bind(), "voucher_lock_purchase", *OPEN, role=role)
    op.execute(f'GRANT EXECUTE ON FUNCTION {", ".join(OPEN)} TO "{role}"')


def downgrade() -> None:
    """The functions stay: the baseline makes all functions of the files, and drops them."""
