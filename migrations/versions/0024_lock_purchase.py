"""Where the value of a purchase lies by now is found by one function, for withdrawals and charge backs. 0207, 0318."""

from alembic import op

from foundation.config import settings
from foundation.schema import functions

revision = "0024_lock_purchase"
down_revision = "0023_missing_there"
branch_labels = None
depends_on = None

CHANGED = ("voucher_lock_purchase", "voucher_withdraw", "voucher_charge_back")
OPEN = ("voucher_withdraw", "voucher_charge_back")
# Both took the voucher's next state as an argument.
OLD = (
    "voucher_withdraw(uuid, uuid, uuid, text, text, text, uuid, text, timestamptz)",
    "voucher_charge_back(uuid, uuid, bigint, uuid, uuid, text, text, text, uuid, text, timestamptz)",
)


def upgrade() -> None:
    role = settings().database_role
    _replace("public")
    op.execute(f'GRANT EXECUTE ON FUNCTION {", ".join(OPEN)} TO "{role}"')
    op.execute(f'SET LOCAL ROLE "{role}_practice"')
    _replace("practice")
    op.execute("RESET ROLE")


def downgrade() -> None:
    """The functions stay: the baseline makes all functions of the files, and drops them."""


def _replace(schema: str) -> None:
    run = op.get_bind().exec_driver_sql
    texts = functions(schema=schema)
    run("SET LOCAL check_function_bodies = off")
    run(f"SET LOCAL search_path = {schema}, public")
    for signature in OLD:
        run(f"DROP FUNCTION IF EXISTS {schema}.{signature}")
    for name in CHANGED:
        run(texts[name].replace("%", "%%"))
        run(f"REVOKE ALL ON FUNCTION {schema}.{name} FROM PUBLIC")
    run("SET LOCAL search_path = public")
