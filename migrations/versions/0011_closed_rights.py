"""Nothing is open that nobody needs: raw postings, temporary tables, functions for everybody. Decision 0109.

The present rights stand in `foundation/rights.txt`.
"""

import sqlalchemy as sa
from alembic import op

from foundation.config import settings

revision = "0011_closed_rights"
down_revision = "0010_watch_notes"
branch_labels = None
depends_on = None

# The steps of a posting. The application posts whole documents.
STEPS = ("ledger_post", "ledger_queue", "ledger_stream")
QUEUE = """
SELECT p.oid::regprocedure::text FROM pg_proc p
 WHERE p.pronamespace = 'public'::regnamespace AND starts_with(p.proname, 'procrastinate')
"""


def upgrade() -> None:
    role = settings().database_role
    run = op.get_bind().exec_driver_sql
    for name in STEPS:
        run(f'REVOKE ALL ON FUNCTION {name} FROM "{role}"')
    for name in op.get_bind().scalars(sa.text(QUEUE)).all():
        run(f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC")
        run(f'GRANT EXECUTE ON FUNCTION {name} TO "{role}"')
    run("ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC")
    run(f'ALTER DEFAULT PRIVILEGES FOR ROLE "{role}_practice" REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC')
    run(f'REVOKE INSERT, UPDATE, DELETE ON balance_part FROM "{role}"')
    run("DO $$ BEGIN EXECUTE format('REVOKE TEMPORARY ON DATABASE %%I FROM PUBLIC', current_database()); END $$")


def downgrade() -> None:
    role = settings().database_role
    run = op.get_bind().exec_driver_sql
    for name in STEPS:
        run(f'GRANT EXECUTE ON FUNCTION {name} TO "{role}"')
    for name in op.get_bind().scalars(sa.text(QUEUE)).all():
        run(f"GRANT EXECUTE ON FUNCTION {name} TO PUBLIC")
    run(f'GRANT INSERT, UPDATE, DELETE ON balance_part TO "{role}"')
    run("ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO PUBLIC")
    run(f'ALTER DEFAULT PRIVILEGES FOR ROLE "{role}_practice" GRANT EXECUTE ON FUNCTIONS TO PUBLIC')
