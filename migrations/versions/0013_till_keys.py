"""One key table for tills, for what was done and for what was missed: a key is one act in a whole shop. Decision 0326.

What tills had asked before keeps its answer. Captures of a part come with it.
"""

from alembic import op

from foundation.config import settings
from foundation.schema import make_append_only, replace_stored_value

revision = "0013_till_keys"
down_revision = "0012_losses"
branch_labels = None
depends_on = None

TABLE = """
CREATE TABLE {schema}.till_key (
  outlet_id uuid NOT NULL,
  key text NOT NULL,
  fingerprint bytea NOT NULL,
  operation_id uuid NOT NULL,
  till_id uuid NOT NULL,
  recorded_at timestamptz NOT NULL,
  CONSTRAINT pk_till_key PRIMARY KEY (outlet_id, key),
  CONSTRAINT uq_till_key_operation_id UNIQUE (operation_id)
)
"""
# The first use of a key counts, should two tills of one shop have used the same.
KEPT = """
INSERT INTO {schema}.till_key (outlet_id, key, fingerprint, operation_id, till_id, recorded_at)
SELECT DISTINCT ON (outlet_id, key) outlet_id, key, fingerprint, id, till_id, recorded_at
  FROM (
    SELECT t.outlet_id, o.key, o.fingerprint, o.id, t.id AS till_id, o.recorded_at
      FROM {schema}.voucher_operation o JOIN {schema}.till t ON t.id = o.actor_id
     WHERE o.kind IN ('redeem', 'hold', 'capture', 'release', 'void', 'refund')
       AND o.fingerprint IS NOT NULL AND o.key <> 'expired:' || coalesce(o.ref_id::text, '')
    UNION ALL
    SELECT t.outlet_id, m.key, m.fingerprint, m.id, t.id, m.recorded_at
      FROM {schema}.missed_redemption m JOIN {schema}.till t ON t.id = m.actor_id
     WHERE m.key IS NOT NULL AND m.fingerprint IS NOT NULL
  ) keys
 ORDER BY outlet_id, key, recorded_at, id
"""
OLD = "DROP FUNCTION IF EXISTS {schema}.voucher_end_hold(text, uuid, uuid, uuid, uuid, text, timestamptz);" + (
    "DROP FUNCTION IF EXISTS {schema}.voucher_till_end_hold(text, bytea, uuid, uuid, text, timestamptz);"
    "DROP FUNCTION IF EXISTS {schema}.voucher_record_miss(uuid, {schema}.till_identity, text, bytea, timestamptz);"
)
CHANGED = (
    "till_authenticate",
    "till_claim_key",
    "till_refuse",
    "till_replay",
    "voucher_end_hold",
    "voucher_move_held",
    "voucher_record_miss",
    "voucher_redeem",
    "voucher_replay",
    "voucher_till_end_hold",
    "voucher_till_hold",
    "voucher_till_refund",
    "voucher_till_return",
    "voucher_void",
)


def upgrade() -> None:
    role = settings().database_role
    run = op.get_bind().exec_driver_sql
    for schema in ("public", "practice"):
        run(TABLE.format(schema=schema))
        run(KEPT.format(schema=schema))
        op.drop_column("missed_redemption", "key", schema=schema)
        op.drop_column("missed_redemption", "fingerprint", schema=schema)
    make_append_only(op.get_bind(), "till_key", role=role, sealed=False)
    run(f'REVOKE ALL ON till_key FROM "{role}"')
    run(f'GRANT SELECT ON till_key TO "{role}"')
    run(f'GRANT SELECT, INSERT ON practice.till_key TO "{role}_practice"')
    run(f'GRANT SELECT, DELETE ON practice.till_key TO "{role}"')
    for schema in ("public", "practice"):
        run(OLD.format(schema=schema))
    replace_stored_value(op.get_bind(), *CHANGED, role=role)
    for schema in ("public", "practice"):
        run(f'GRANT EXECUTE ON FUNCTION {schema}.voucher_till_end_hold TO "{role}"')


def downgrade() -> None:
    run = op.get_bind().exec_driver_sql
    run("ALTER TABLE missed_redemption DISABLE TRIGGER refuse_change")
    for schema in ("public", "practice"):
        run(f"ALTER TABLE {schema}.missed_redemption ADD key text, ADD fingerprint bytea")
        run(
            f"UPDATE {schema}.missed_redemption m SET key = k.key, fingerprint = k.fingerprint"
            f" FROM {schema}.till_key k WHERE k.operation_id = m.id"
        )
        run(f"DROP TABLE {schema}.till_key")
        run(f"ALTER TABLE {schema}.missed_redemption ADD CONSTRAINT uq_missed_redemption_key UNIQUE (actor_id, key)")
    run("ALTER TABLE missed_redemption ENABLE TRIGGER refuse_change")
