"""The application's role, append-only tables, the job queue, mails, audit records."""

import sqlalchemy as sa
from alembic import op
from procrastinate.schema import SchemaManager
from sqlalchemy.dialects.postgresql import JSONB

from foundation.config import settings

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

RULES = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'table % is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION make_append_only(p_table regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON %s'
                 ' FOR EACH ROW EXECUTE FUNCTION refuse_change()', p_table);
  EXECUTE format('CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON %s'
                 ' FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', p_table);
  EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %s FROM "{role}"', p_table);
END $$;

CREATE FUNCTION make_written_by_functions_only(p_table regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON %s FROM "{role}"', p_table);
END $$;

CREATE FUNCTION business_day() RETURNS date LANGUAGE sql STABLE AS $$
  SELECT (now() AT TIME ZONE 'Europe/Berlin')::date
$$;
"""

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


def upgrade() -> None:
    role = settings().database_role
    run = op.get_bind().exec_driver_sql
    run(ROLE.replace("{role}", role))
    run(RULES.replace("{role}", role).replace("%", "%%"))
    run(SchemaManager(None).get_schema().replace("%", "%%"))  # type: ignore[arg-type]
    op.create_table(
        "outgoing_mail",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recipient_hash", sa.LargeBinary(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("message", sa.LargeBinary()),
        sa.Column("send_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        sa.Column("failed", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_outgoing_mail"),
    )
    op.create_table(
        "audit_record",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid()),
        sa.Column("detail", JSONB(), nullable=False),
        sa.Column("request_id", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_audit_record"),
    )
    op.create_index("ix_audit_record_subject", "audit_record", ["subject_kind", "subject_id"])
    op.execute("SELECT make_append_only('audit_record')")


def downgrade() -> None:
    op.drop_table("audit_record")
    op.drop_table("outgoing_mail")
    op.execute("DROP FUNCTION business_day(); DROP FUNCTION make_written_by_functions_only(regclass)")
    op.execute("DROP FUNCTION make_append_only(regclass); DROP FUNCTION refuse_change()")
