"""The application's role, the job queue, mails, audit records."""

import sqlalchemy as sa
from alembic import op
from procrastinate.schema import SchemaManager
from sqlalchemy.dialects.postgresql import JSONB

from foundation.config import settings
from foundation.schema import create_functions, drop_functions

revision = "0001_foundation"
down_revision = None
branch_labels = None
depends_on = None

Time = sa.DateTime(timezone=True)

ROLE = """
DO $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{role}') THEN
    CREATE ROLE "{role}" NOLOGIN;
  END IF;
  IF NOT pg_has_role(current_user, '{role}', 'MEMBER') THEN
    GRANT "{role}" TO CURRENT_USER;
  END IF;
END $$;
GRANT USAGE ON SCHEMA public TO "{role}";
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO "{role}";
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO "{role}";
GRANT SELECT ON alembic_version TO "{role}";
"""

# The library that brings the queue's schema has nothing that takes it away again.
QUEUE_GONE = """
DROP TABLE procrastinate_periodic_defers, procrastinate_events, procrastinate_jobs, procrastinate_workers CASCADE;
DO $$
DECLARE
  v_thing record;
BEGIN
  FOR v_thing IN
    SELECT p.oid::regprocedure AS name FROM pg_proc p
     WHERE p.pronamespace = 'public'::regnamespace AND starts_with(p.proname, 'procrastinate_')
  LOOP
    EXECUTE 'DROP FUNCTION ' || v_thing.name;
  END LOOP;
  FOR v_thing IN
    SELECT t.oid::regtype AS name FROM pg_type t
     WHERE t.typnamespace = 'public'::regnamespace AND starts_with(t.typname, 'procrastinate_')
  LOOP
    EXECUTE 'DROP TYPE ' || v_thing.name;
  END LOOP;
END $$;
"""


def upgrade() -> None:
    run = op.get_bind().exec_driver_sql
    run(ROLE.replace("{role}", settings().database_role))
    run(SchemaManager(None).get_schema().replace("%", "%%"))  # type: ignore[arg-type]
    create_functions(op.get_bind(), "foundation")
    op.create_table(
        "outgoing_mail",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("recipient_hash", sa.LargeBinary(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("message", sa.LargeBinary()),
        sa.Column("send_at", Time, nullable=False),
        sa.Column("created_at", Time, nullable=False),
        sa.Column("sent_at", Time),
        sa.Column("failed", sa.Text()),
    )
    op.create_table(
        "audit_record",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("recorded_at", Time, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid()),
        sa.Column("detail", JSONB(), nullable=False),
        sa.Column("request_id", sa.Text()),
    )
    op.create_index("ix_audit_record_subject", "audit_record", ["subject_kind", "subject_id"])


def downgrade() -> None:
    op.drop_table("audit_record")
    op.drop_table("outgoing_mail")
    drop_functions(op.get_bind(), "foundation")
    op.get_bind().exec_driver_sql(QUEUE_GONE)
