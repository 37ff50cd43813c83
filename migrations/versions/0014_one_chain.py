"""One chain over all append-only tables: documents with all their rows, single rows, versions of what may change.

Seals that an older chain made are made again in their places: no root of it has left the house (decision 0110).
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from foundation.config import settings
from foundation.schema import create_functions, run_file

revision = "0014_one_chain"
down_revision = "0013_till_keys"
branch_labels = None
depends_on = None

Time = sa.DateTime(timezone=True)
# Sealed in streams of their own, or with their document.
SEALED_OTHERWISE = ("entry", "operation_part", "seal", "till_key", "voucher_operation")
APPEND_ONLY = """
SELECT c.relname::text FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
 WHERE t.tgname = 'refuse_change' AND c.relnamespace = 'public'::regnamespace ORDER BY 1
"""
# What happened to a voucher without a document: refusals, and what moves no value.
APART = "outcome <> 'done' OR kind IN ('block', 'unblock', 'renew', 'unlock')"
# Tables whose rows may change, and the columns of their keys.
VERSIONED = {
    "acceptance": ("id",),
    "account": ("key",),
    "bank_account": ("id",),
    "legal_value": ("key", "valid_from"),
    "membership": ("person_id", "organisation_id", "role"),
    "organisation": ("id",),
    "outlet": ("id",),
    "programme": ("id",),
    "proposal": ("id",),
    "reciprocity": ("id",),
}
RESEAL = """
DO $$
DECLARE
  v_seal seal;
  v_stream smallint;
  v_hash bytea;
BEGIN
  FOR v_seal IN SELECT * FROM seal ORDER BY stream, seal_no LOOP
    IF v_stream IS DISTINCT FROM v_seal.stream THEN
      v_stream := v_seal.stream;
      v_hash := sha256(convert_to('stream:' || v_stream, 'UTF8'));
    END IF;
    v_seal.digest := document_digest(v_seal.aggregate_id, v_seal.journal_id);
    v_hash := sha256(v_hash || convert_to(concat(
      v_seal.stream, '|', v_seal.seal_no, '|', v_seal.aggregate_id, '|', v_seal.journal_id, '|', v_seal.topic, '|',
      (extract(epoch FROM v_seal.sealed_at) * 1000000)::bigint, '|', encode(v_seal.digest, 'hex')
    ), 'UTF8'));
    UPDATE seal SET digest = v_seal.digest, row_hash = v_hash
     WHERE stream = v_seal.stream AND seal_no = v_seal.seal_no;
    UPDATE stream_head SET head_hash = v_hash WHERE stream = v_seal.stream;
  END LOOP;
END $$
"""


def upgrade() -> None:
    bind = op.get_bind()
    run = bind.exec_driver_sql
    run("SET LOCAL TimeZone = 'UTC'")
    _tables()
    run_file(bind, "vouchers/stored_value", "document_row")
    run("DROP FUNCTION IF EXISTS entry_text(entry)")
    create_functions(bind, "money/ledger")
    for name in ("queue_till_key", "voucher_move_lots"):
        run_file(bind, "vouchers/stored_value", name)
    run(f'SET LOCAL ROLE "{settings().database_role}_practice"')
    create_functions(bind, "vouchers/stored_value", schema="practice")
    run("RESET ROLE")
    _seal_again()
    _watch_rows()
    _keep_versions()
    _rights()


def downgrade() -> None:
    run = op.get_bind().exec_driver_sql
    for table in op.get_bind().scalars(sa.text(APPEND_ONLY)).all():
        run(f"DROP TRIGGER IF EXISTS seal_row ON {table}")
        run(f"DROP TRIGGER IF EXISTS seal_key ON {table}")
    for table in VERSIONED:
        run(f"DROP TRIGGER keep_version ON {table}")
    run("DROP VIEW document_row")
    for table in ("row_version", "row_seal", "row_head", "row_queue"):
        op.drop_table(table)
    op.drop_column("seal", "digest")


def _tables() -> None:
    op.create_table(
        "row_queue",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", Time, nullable=False),
    )
    op.create_table(
        "row_head",
        sa.Column("id", sa.SmallInteger(), primary_key=True, autoincrement=False),
        sa.Column("last_seal", sa.BigInteger(), nullable=False),
        sa.Column("head_hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("id = 1", name="one_row"),
    )
    op.execute("INSERT INTO row_head (id, last_seal, head_hash) VALUES (1, 0, sha256('rows'))")
    op.create_table(
        "row_seal",
        sa.Column("seal_no", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("row_hash", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_at", Time, nullable=False),
    )
    op.create_table(
        "row_version",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("row_key", sa.Text(), nullable=False),
        sa.Column("content", JSONB()),
        sa.Column("recorded_at", Time, nullable=False),
    )
    op.create_index("ix_row_version_row", "row_version", ["table_name", "row_key", "id"])
    op.add_column("seal", sa.Column("digest", sa.LargeBinary()))


def _seal_again() -> None:
    run = op.get_bind().exec_driver_sql
    for table in ("seal", "day_root"):
        run(f"ALTER TABLE {table} DISABLE TRIGGER refuse_change")
    run(RESEAL)
    run("DELETE FROM day_root")
    for table in ("seal", "day_root"):
        run(f"ALTER TABLE {table} ENABLE TRIGGER refuse_change")
    op.alter_column("seal", "digest", nullable=False)
    run(
        "INSERT INTO outbox (aggregate_id, journal_id, stream, topic, created_at)"
        " SELECT voucher_id, id, ledger_stream(voucher_id), 'voucher.merge_in', recorded_at FROM voucher_operation"
        " WHERE kind = 'merge_in' AND outcome = 'done'"
    )


def _watch_rows() -> None:
    run = op.get_bind().exec_driver_sql
    for table in ("row_seal", "row_version"):
        run(
            f"CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW"
            " EXECUTE FUNCTION refuse_change()"
        )
        run(
            f"CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT"
            " EXECUTE FUNCTION refuse_change()"
        )
    for table in op.get_bind().scalars(sa.text(APPEND_ONLY)).all():
        if table not in {*SEALED_OTHERWISE, "row_seal"}:
            run(f"CREATE TRIGGER seal_row AFTER INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION queue_row()")
            _queue(table)
    apart = APART.replace("outcome", "NEW.outcome").replace("kind IN", "NEW.kind IN")
    run(
        f"CREATE TRIGGER seal_row AFTER INSERT ON voucher_operation FOR EACH ROW WHEN ({apart})"
        " EXECUTE FUNCTION queue_row()"
    )
    _queue("voucher_operation", f"WHERE {APART}")
    key = "EXECUTE FUNCTION queue_till_key()"
    run(f"CREATE TRIGGER seal_key AFTER INSERT ON voucher_operation FOR EACH ROW WHEN (NEW.outcome <> 'done') {key}")
    run(f"CREATE TRIGGER seal_key AFTER INSERT ON missed_redemption FOR EACH ROW {key}")
    done = "SELECT FROM voucher_operation o WHERE o.id = t.operation_id AND o.outcome = 'done'"
    _queue("till_key", f"WHERE NOT EXISTS ({done})")


def _queue(table: str, where: str = "") -> None:
    op.execute(
        "INSERT INTO row_queue (table_name, digest, created_at)"
        f" SELECT '{table}', row_digest('{table}', t), clock_timestamp() FROM {table} t {where}"
    )


def _keep_versions() -> None:
    run = op.get_bind().exec_driver_sql
    for table, key in VERSIONED.items():
        names = ", ".join(f"'{name}'" for name in key)
        run(
            f"CREATE TRIGGER keep_version AFTER INSERT OR UPDATE OR DELETE ON {table} FOR EACH ROW"
            f" EXECUTE FUNCTION keep_version({names})"
        )
        text = ", ".join(f"to_jsonb(t) ->> '{name}'" for name in key)
        run(
            "INSERT INTO row_version (table_name, row_key, content, recorded_at)"
            f" SELECT '{table}', concat_ws('|', {text}), row_content(t), clock_timestamp() FROM {table} t"
        )


def _rights() -> None:
    role = settings().database_role
    run = op.get_bind().exec_driver_sql
    for table in ("row_queue", "row_head", "row_seal", "row_version"):
        run(f'REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON {table} FROM "{role}"')
    run(f'REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON document_row FROM "{role}"')
    run(f'GRANT EXECUTE ON FUNCTION seal_rows TO "{role}"')
