"""Practice: the functions of stored value a second time, over tables of their own, in the schema `practice`.

They run as a role that may read shops and tills and write the tables of practice, and nothing else: no way leads from
there to the books. What they read of the real world are views under the same names. Decision 0313.
"""

from alembic import op

from foundation.config import settings
from foundation.schema import create_functions, functions

revision = "0009_practice"
down_revision = "0008_rights"
branch_labels = None
depends_on = None

TABLES = ("voucher", "lot", "voucher_operation", "operation_part", "missed_redemption", "pin_decoy")
READ = ("municipality", "organisation", "outlet", "till", "till_staff", "till_token", "practice_till", "practice_token")
# The functions that the application calls; all others are called by these.
OPEN_FUNCTIONS = (
    "till_authenticate",
    "voucher_change_access",
    "voucher_issue",
    "voucher_lookup",
    "voucher_redeem",
    "voucher_release_expired",
    "voucher_till_end_hold",
    "voucher_till_hold",
    "voucher_till_refund",
    "voucher_void",
)
ROLE = """
DO $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{practice}') THEN
    CREATE ROLE "{practice}" NOLOGIN;
  END IF;
  IF NOT pg_has_role(current_user, '{practice}', 'USAGE') THEN
    GRANT "{practice}" TO CURRENT_USER;
  END IF;
END $$;
CREATE SCHEMA practice AUTHORIZATION "{practice}";
GRANT USAGE ON SCHEMA practice TO "{role}";
GRANT USAGE ON SCHEMA public TO "{practice}";
"""
VIEWS = """
CREATE VIEW practice.municipality AS SELECT * FROM public.municipality;
CREATE VIEW practice.outlet AS SELECT * FROM public.outlet;
CREATE VIEW practice.till_staff AS SELECT * FROM public.till_staff;
CREATE VIEW practice.organisation AS
  SELECT id, 'Übung, kein Herausgeber'::text AS legal_name FROM public.organisation;

-- One programme a retailer: its vouchers hold in its own shops, and for as much as anybody likes to type.
CREATE VIEW practice.programme AS
  SELECT id, id AS issuer_id, 'Übungsgutschein'::text AS name, 100000000::bigint AS max_cents, 1000 AS velocity_limit
    FROM public.organisation;
CREATE VIEW practice.acceptance AS
  SELECT organisation_id AS programme_id, id AS outlet_id,
         '-infinity'::timestamptz AS valid_from, NULL::timestamptz AS valid_until
    FROM public.outlet;
CREATE VIEW practice.reciprocity AS
  SELECT programme_id, programme_id AS host_programme_id, valid_from, valid_until
    FROM practice.acceptance
   WHERE false;

-- A practice key acts as a till of its own; a real till acts while it is switched over.
CREATE VIEW practice.till AS
  SELECT id, outlet_id, name, NULL::timestamptz AS revoked_at, NULL::timestamptz AS paused_until
    FROM public.practice_token
  UNION ALL
  SELECT t.id, t.outlet_id, t.name, t.revoked_at, NULL
    FROM public.till t
    JOIN public.practice_till s ON s.till_id = t.id;
CREATE VIEW practice.till_token AS
  SELECT hash, id AS till_id, '{hold,look,redeem,report,return}'::text[] AS scopes, expires_at, revoked_at
    FROM public.practice_token
  UNION ALL
  SELECT k.hash, k.till_id, k.scopes, k.expires_at, k.revoked_at
    FROM public.till_token k
    JOIN public.practice_till s ON s.till_id = k.till_id;
"""
TYPES = """
CREATE TYPE practice.voucher_outcome AS (outcome text, replay boolean, operation_id uuid, answer jsonb);
CREATE TYPE practice.programme_acceptance AS (accepted boolean, host_ledger_id uuid);
CREATE TYPE practice.till_identity AS (
  refusal text, id uuid, name text, outlet_id uuid, active boolean, shop text, street text, postcode text, town text
);
"""


def upgrade() -> None:
    role = settings().database_role
    practice = f"{role}_practice"
    run = op.get_bind().exec_driver_sql
    run(ROLE.replace("{practice}", practice).replace("{role}", role))
    run(f'GRANT SELECT ON {", ".join(f"public.{table}" for table in READ)} TO "{practice}"')
    for table in TABLES:
        run(f"CREATE TABLE practice.{table} (LIKE public.{table} INCLUDING ALL)")
        run(f'GRANT SELECT, INSERT, UPDATE ON practice.{table} TO "{practice}"')
    run(f'SET LOCAL ROLE "{practice}"')
    run(VIEWS)
    run(TYPES)
    create_functions(op.get_bind(), schema="practice")
    for name in functions(schema="practice"):
        run(f"REVOKE ALL ON FUNCTION practice.{name} FROM PUBLIC")
    for name in OPEN_FUNCTIONS:
        run(f'GRANT EXECUTE ON FUNCTION practice.{name} TO "{role}"')
    run("RESET ROLE")
    run(f'GRANT SELECT ON ALL TABLES IN SCHEMA practice TO "{role}"')
    # Who practises may throw everything away and begin afresh.
    run(f'GRANT DELETE ON {", ".join(f"practice.{table}" for table in TABLES)} TO "{role}"')


def downgrade() -> None:
    op.execute("DROP SCHEMA practice CASCADE")
    op.execute(f'REVOKE ALL ON ALL TABLES IN SCHEMA public FROM "{settings().database_role}_practice"')
