"""Every document of the books rests on a paper: a rule per kind reads its lines from the paper's rows. Decision 0111.

The application no longer posts lines of its own: it names kind and paper.
"""

import json
from uuid import NAMESPACE_OID, uuid5

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from foundation.config import settings
from foundation.schema import make_append_only, run_file
from money.splitting import split_in_proportion

revision = "0015_papers"
down_revision = "0014_one_chain"
branch_labels = None
depends_on = None

READERS = (
    ("money/payments", "payment_document_id"),
    ("money/payments", "payment_movement"),
    ("money/payments", "payment_fee"),
    ("money/payments", "payment_posting"),
    ("money/payments", "claim_posting"),
    ("money/bank", "bank_posting"),
    ("vouchers/network", "issuer_settlement_posting"),
    ("vouchers/moving", "moved_posting"),
)
RULES = {
    "payment_posting": (
        "payment_captured",
        "payment_collected",
        "payment_refunded",
        "payment_refund_failed",
        "provider_fee",
    ),
    "claim_posting": ("claim_raised", "claim_settled", "claim_written_off", "claim_recovered"),
    "bank_posting": (
        "bank_received",
        "bank_placed",
        "bank_unplaced",
        "bank_from_provider",
        "bank_own_funds",
        "bank_claim",
        "bank_returned",
    ),
    "issuer_settlement_posting": ("issuer_settlement",),
    "moved_posting": ("moved_in",),
}
# Stored value posts within its own functions; its paper is the operation.
OPERATIONS = (
    "issue",
    "load",
    "redeem",
    "hold",
    "capture",
    "release",
    "void",
    "refund",
    "withdraw",
    "lapse",
    "adjust",
    "charge_back",
    "reinstate",
    "merge_out",
)
# The books that bear a fee, each with its part of what the tender took: of sellers' money only the payment's own.
FEES = """
SELECT w.id, w.fee_cents, jsonb_object_agg(w.ledger_id, w.cents)
  FROM (SELECT c.id, c.fee_cents, sum(x.cents)::bigint AS cents,
               CASE p.rail WHEN 'issuer' THEN s.organisation_id ELSE p.ledger_id END AS ledger_id
          FROM provider_call c JOIN payment p ON p.id = c.payment_id
          JOIN tender_part x ON x.tender_id = c.subject_id JOIN payment_share s ON s.id = x.share_id
         WHERE c.fee_cents > 0 AND c.kind IN ('capture', 'collect') GROUP BY c.id, c.fee_cents, 4) w
 GROUP BY w.id, w.fee_cents
"""
LINE = """
DO $$ BEGIN
  IF to_regtype('posting_line') IS NULL THEN
    CREATE TYPE posting_line AS (
      paper_id uuid, kind text, aggregate_id uuid, journal_id uuid, line_no int, ledger_id uuid, booked_on date,
      debit_account text, debit_party uuid, credit_account text, credit_party uuid, cents bigint, programme_id uuid,
      reverses uuid
    );
  END IF;
END $$
"""
OLD_FUNCTION = """
-- A whole document in one round trip. False when it was posted before: nothing is written then. Decision 0105.
CREATE OR REPLACE FUNCTION ledger_post_document(
  p_aggregate uuid,
  p_journal uuid,
  p_ledger uuid,
  p_kind text,
  p_topic text,
  p_debits text[],
  p_debit_parties uuid[],
  p_credits text[],
  p_credit_parties uuid[],
  p_cents bigint[],
  p_programmes uuid[],
  p_reverses uuid,
  p_booked_on date
) RETURNS boolean
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
  FOR i IN 1 .. cardinality(p_cents) LOOP
    PERFORM ledger_post(
      p_aggregate => p_aggregate,
      p_journal => p_journal,
      p_line => i,
      p_ledger => p_ledger,
      p_kind => p_kind,
      p_debit => p_debits[i],
      p_debit_party => p_debit_parties[i],
      p_credit => p_credits[i],
      p_credit_party => p_credit_parties[i],
      p_cents => p_cents[i],
      p_programme => p_programmes[i],
      p_reverses => p_reverses,
      p_booked_on => p_booked_on
    );
  END LOOP;
  PERFORM ledger_queue(p_aggregate, p_journal, p_topic);
  RETURN true;
EXCEPTION
  WHEN unique_violation THEN
    RETURN false;
END
$$;
"""


def upgrade() -> None:
    role = settings().database_role
    rule = op.create_table(
        "posting_rule",
        sa.Column("kind", sa.Text(), primary_key=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("is_posted_by_paper", sa.Boolean(), nullable=False),
    )
    op.bulk_insert(
        rule,
        [
            {"kind": kind, "source": source, "is_posted_by_paper": True}
            for source, kinds in RULES.items()
            for kind in kinds
        ]
        + [
            {"kind": f"voucher.{verb}", "source": "voucher_operation", "is_posted_by_paper": False}
            for verb in OPERATIONS
        ],
    )
    op.create_table(
        "moved_sum",
        sa.Column("journal_id", sa.Uuid(), primary_key=True),
        sa.Column("line_no", sa.SmallInteger(), primary_key=True),
        sa.Column("ledger_id", sa.Uuid(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("debit_account", sa.Text(), nullable=False),
        sa.Column("debit_party", sa.Uuid()),
        sa.Column("credit_account", sa.Text(), nullable=False),
        sa.Column("credit_party", sa.Uuid()),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("programme_id", sa.Uuid()),
        sa.CheckConstraint("cents > 0", name="cents_positive"),
    )
    for table in ("posting_rule", "moved_sum"):
        op.execute(f'REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON {table} FROM "{role}"')
    make_append_only(op.get_bind(), "moved_sum", role=role)
    op.add_column("refund", sa.Column("failed_journal_id", sa.Uuid()))
    op.add_column("provider_call", sa.Column("fee_journal_id", sa.Uuid()))
    op.add_column("provider_call", sa.Column("fee_split", JSONB()))
    _name_old_documents()
    connection = op.get_bind()
    connection.exec_driver_sql(LINE)
    for room, name in READERS:
        run_file(connection, room, name)
        op.execute(f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC")
        op.execute(f'GRANT EXECUTE ON FUNCTION {name} TO "{role}"')
    for name in ("ledger_post_papers", "ledger_post_paper"):
        run_file(connection, "money/ledger", name)
        op.execute(f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC")
        op.execute(f'GRANT EXECUTE ON FUNCTION {name} TO "{role}"')
    op.execute("DROP FUNCTION IF EXISTS ledger_post_document")


def _name_old_documents() -> None:
    """Note at the papers how documents were called that the application used to name by itself."""
    run = op.get_bind().execute
    for id, cents, weights in run(sa.text(FEES)).all():
        split = json.dumps(split_in_proportion(cents, weights))
        values = {"id": id, "journal": uuid5(NAMESPACE_OID, f"{id}/fee"), "split": split}
        run(sa.text("UPDATE provider_call SET fee_journal_id = :journal, fee_split = :split WHERE id = :id"), values)
    failed = "SELECT c.id, r.id FROM refund r JOIN provider_call c ON c.subject_id = r.id WHERE r.state = 'failed'"
    for call, refund in run(sa.text(failed)).all():
        values = {"id": refund, "journal": uuid5(NAMESPACE_OID, f"{call}/failed")}
        run(sa.text("UPDATE refund SET failed_journal_id = :journal WHERE id = :id"), values)


def downgrade() -> None:
    role = settings().database_role
    op.execute("DROP FUNCTION ledger_post_paper, ledger_post_papers")
    for _room, name in reversed(READERS):
        op.execute(f"DROP FUNCTION {name}")
    op.execute("DROP TYPE posting_line")
    op.drop_column("provider_call", "fee_split")
    op.drop_column("provider_call", "fee_journal_id")
    op.drop_column("refund", "failed_journal_id")
    op.drop_table("moved_sum")
    op.drop_table("posting_rule")
    op.get_bind().exec_driver_sql(OLD_FUNCTION)
    op.execute("REVOKE ALL ON FUNCTION ledger_post_document FROM PUBLIC")
    op.execute(f'GRANT EXECUTE ON FUNCTION ledger_post_document TO "{role}"')
