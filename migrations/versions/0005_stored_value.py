"""Stored value: programmes, vouchers, lots, operations, tills, the network of shops, and their functions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from foundation.schema import create_functions, drop_functions

revision = "0005_stored_value"
down_revision = "0004_payments"
branch_labels = None
depends_on = None

Time = sa.DateTime(timezone=True)

TABLES = (
    "programme",
    "programme_town",
    "acceptance",
    "reciprocity",
    "voucher",
    "lot",
    "voucher_operation",
    "operation_part",
    "missed_redemption",
    "till",
    "till_token",
    "till_enrolment",
    "till_staff",
    "charter",
    "gate_record",
    "programme_terms",
    "trust_account",
    "sale_claim",
    "issuer_settlement",
)
# What the functions give back to each other and to the application.
TYPES = """
CREATE TYPE voucher_outcome AS (outcome text, replay boolean, operation_id uuid, answer jsonb);
CREATE TYPE programme_acceptance AS (accepted boolean, host_ledger_id uuid);
CREATE TYPE till_identity AS (
  refusal text, id uuid, name text, outlet_id uuid, active boolean, shop text, street text, postcode text, town text
);
"""
TRIGGERS = """
CREATE TRIGGER programme_check_gate BEFORE INSERT OR UPDATE OF on_sale, launched_at ON programme
  FOR EACH ROW EXECUTE FUNCTION programme_check_gate();
CREATE CONSTRAINT TRIGGER programme_check_charter AFTER INSERT OR UPDATE ON programme
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION programme_check_charter();
CREATE CONSTRAINT TRIGGER programme_check_charter AFTER INSERT OR UPDATE OR DELETE ON programme_town
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION programme_check_charter();
CREATE CONSTRAINT TRIGGER programme_check_charter AFTER INSERT ON charter
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION programme_check_charter();
CREATE TRIGGER acceptance_check_charter BEFORE INSERT ON acceptance
  FOR EACH ROW EXECUTE FUNCTION acceptance_check_charter();
CREATE TRIGGER acceptance_set_ended_by BEFORE INSERT OR UPDATE ON acceptance
  FOR EACH ROW EXECUTE FUNCTION acceptance_set_ended_by();
CREATE TRIGGER acceptance_end_outside_area AFTER UPDATE OF ags ON outlet
  FOR EACH ROW WHEN (OLD.ags IS DISTINCT FROM NEW.ags) EXECUTE FUNCTION acceptance_end_outside_area();
CREATE TRIGGER lot_check_launched BEFORE INSERT ON lot
  FOR EACH ROW WHEN (NEW.kind = 'paid') EXECUTE FUNCTION lot_check_launched();
"""


def upgrade() -> None:
    _programmes()
    _vouchers()
    _tills()
    _network()
    # Room for new row versions on the same page: no column that changes is indexed.
    op.execute("ALTER TABLE voucher SET (fillfactor = 70)")
    op.execute("ALTER TABLE lot SET (fillfactor = 70)")
    op.execute(TYPES)
    create_functions(op.get_bind(), "vouchers/stored_value")
    create_functions(op.get_bind(), "vouchers/network")
    op.execute(TRIGGERS)


def downgrade() -> None:
    drop_functions(op.get_bind(), "vouchers/network")
    drop_functions(op.get_bind(), "vouchers/stored_value")
    op.execute("DROP TYPE voucher_outcome, programme_acceptance, till_identity")
    for table in reversed(TABLES):
        op.drop_table(table)


def _programmes() -> None:
    op.create_table(
        "programme",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("issuer_id", sa.Uuid(), sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False, unique=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("min_cents", sa.BigInteger(), nullable=False),
        sa.Column("max_cents", sa.BigInteger(), nullable=False),
        sa.Column("max_outlets", sa.Integer(), nullable=False),
        sa.Column("month_cents", sa.BigInteger(), nullable=False),
        sa.Column("payer_cents", sa.BigInteger(), nullable=False),
        sa.Column("on_sale", sa.Boolean(), nullable=False),
        sa.Column("supervision", sa.Text(), nullable=False),
        sa.Column("design", sa.Text(), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("velocity_limit", sa.Integer(), nullable=False),
        sa.Column("launched_at", Time),
        sa.Column("created_at", Time, nullable=False),
        sa.CheckConstraint("area IN ('region', 'towns')", name="area_known"),
        sa.CheckConstraint("supervision IN ('asked', 'ok', 'unknown')", name="supervision_known"),
        sa.CheckConstraint("min_cents > 0 AND max_cents >= min_cents", name="limits_in_order"),
        sa.CheckConstraint("max_outlets > 1", name="more_than_one_shop"),
        sa.CheckConstraint("month_cents >= max_cents AND payer_cents >= max_cents", name="room_for_one"),
        sa.CheckConstraint(
            "NOT on_sale OR (supervision = 'ok' AND launched_at IS NOT NULL)", name="sold_once_launched"
        ),
        sa.CheckConstraint("velocity_limit > 0", name="velocity_limit_positive"),
    )
    op.create_index("ix_programme_issuer_id", "programme", ["issuer_id"])
    op.create_table(
        "programme_town",
        sa.Column("programme_id", sa.Uuid(), sa.ForeignKey("programme.id"), primary_key=True),
        sa.Column("ags", sa.CHAR(8), sa.ForeignKey("municipality.ags"), primary_key=True),
    )
    op.create_table(
        "acceptance",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("programme_id", sa.Uuid(), sa.ForeignKey("programme.id"), nullable=False),
        sa.Column("outlet_id", sa.Uuid(), sa.ForeignKey("outlet.id"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("commission_basis_points", sa.Integer(), nullable=False),
        sa.Column("vat_rates", sa.Text(), nullable=False),
        sa.Column("terms_version", sa.Text(), nullable=False),
        sa.Column("terms_hash", sa.LargeBinary()),
        sa.Column("valid_from", Time, nullable=False),
        sa.Column("valid_until", Time),
        sa.Column("begun_by", sa.Uuid(), sa.ForeignKey("person.id")),
        sa.Column("ended_by", sa.Text()),
        sa.Column("ended_reason", sa.Text(), nullable=False),
        sa.Column("ender_id", sa.Uuid(), sa.ForeignKey("person.id")),
        sa.Column("notice_at", Time),
        sa.CheckConstraint("valid_until IS NULL OR valid_until >= valid_from", name="times_in_order"),
        sa.CheckConstraint("commission_basis_points BETWEEN 0 AND 10000", name="commission_within"),
        sa.CheckConstraint("vat_rates ~ '^((0|7|19)(,(7|19))*)?$'", name="vat_rates_known"),
        sa.CheckConstraint("(valid_until IS NULL) = (ended_by IS NULL)", name="end_has_an_ender"),
        sa.CheckConstraint("ended_by IN ('area', 'change', 'issuer', 'shop', 'suspension')", name="ended_by_known"),
    )
    op.create_index("ix_acceptance_outlet_id", "acceptance", ["outlet_id"])
    op.create_index("ix_acceptance_place", "acceptance", ["programme_id", "outlet_id"])
    op.create_index(
        "uq_acceptance_open",
        "acceptance",
        ["programme_id", "outlet_id"],
        unique=True,
        postgresql_where=sa.text("valid_until IS NULL"),
    )
    op.create_table(
        "reciprocity",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("programme_id", sa.Uuid(), sa.ForeignKey("programme.id"), nullable=False),
        sa.Column("host_programme_id", sa.Uuid(), sa.ForeignKey("programme.id"), nullable=False),
        sa.Column("valid_from", Time, nullable=False),
        sa.Column("valid_until", Time),
        sa.CheckConstraint("programme_id <> host_programme_id", name="two_programmes"),
        sa.CheckConstraint("valid_until IS NULL OR valid_until >= valid_from", name="times_in_order"),
    )
    op.create_index(
        "uq_reciprocity_open",
        "reciprocity",
        ["programme_id", "host_programme_id"],
        unique=True,
        postgresql_where=sa.text("valid_until IS NULL"),
    )


def _vouchers() -> None:
    op.create_table(
        "voucher",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("ledger_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False, unique=True),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False, unique=True),
        sa.Column("pin_hash", sa.LargeBinary(), nullable=False),
        sa.Column("last4", sa.CHAR(4), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("issue_ags", sa.CHAR(8)),
        sa.Column("wrong_pins", sa.SmallInteger(), nullable=False),
        sa.Column("locked_at", Time),
        sa.Column("issued_at", Time, nullable=False),
        sa.Column("replaced_by", sa.Uuid()),
        sa.CheckConstraint(
            "state IN ('active', 'blocked', 'charged_back', 'exhausted', 'ordered', 'replaced', 'time_barred',"
            " 'withdrawn')",
            name="state_known",
        ),
        sa.CheckConstraint(
            "octet_length(token_hash) = 32 AND octet_length(code_hash) = 32 AND octet_length(pin_hash) = 32",
            name="hashes_whole",
        ),
        sa.CheckConstraint("(state = 'replaced') = (replaced_by IS NOT NULL)", name="replaced_by_another"),
    )
    op.create_index("ix_voucher_programme_id", "voucher", ["programme_id"])
    op.create_table(
        "lot",
        sa.Column("voucher_id", sa.Uuid(), sa.ForeignKey("voucher.id"), primary_key=True),
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("origin_id", sa.Uuid()),
        sa.Column("issued_cents", sa.BigInteger(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("legal_end", sa.Date(), nullable=False),
        sa.Column("spend_rank", sa.SmallInteger(), nullable=False),
        sa.Column("postcode_areas", sa.ARRAY(sa.Text())),
        sa.CheckConstraint("kind IN ('bonus', 'employer', 'goodwill', 'paid')", name="kind_known"),
        sa.CheckConstraint("issued_cents > 0 AND balance >= 0 AND balance <= issued_cents", name="balance_within"),
        sa.CheckConstraint("held >= 0 AND held <= balance", name="held_within"),
        sa.CheckConstraint(
            "kind <> 'paid' OR legal_end >= make_date(extract(year FROM issued_on)::int + 3, 12, 31)",
            name="paid_lasts_three_years",
        ),
        sa.CheckConstraint("kind <> 'bonus' OR origin_id IS NOT NULL", name="bonus_has_origin"),
    )
    op.create_index("ix_lot_origin", "lot", ["origin_id"], postgresql_where=sa.text("origin_id IS NOT NULL"))
    op.create_table(
        "voucher_operation",
        sa.Column("voucher_id", sa.Uuid(), sa.ForeignKey("voucher.id"), primary_key=True),
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("lapsed_cents", sa.BigInteger(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary()),
        sa.Column("ref_id", sa.Uuid()),
        sa.Column("version", sa.Integer()),
        sa.Column("balance_after", sa.BigInteger()),
        sa.Column("held_after", sa.BigInteger()),
        sa.Column("outlet_id", sa.Uuid()),
        sa.Column("till_id", sa.Uuid()),
        sa.Column("staff_id", sa.Uuid()),
        sa.Column("receipt_no", sa.Text()),
        sa.Column("basket_cents", sa.BigInteger()),
        sa.Column("client_time", Time),
        sa.Column("reason", sa.Text()),
        sa.Column("expires_at", Time),
        sa.Column("answer", JSONB()),
        sa.Column("recorded_at", Time, nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("host_ledger_id", sa.Uuid()),
        sa.CheckConstraint(
            "kind IN ('adjust', 'block', 'capture', 'hold', 'issue', 'lapse', 'load', 'merge_in', 'merge_out',"
            " 'redeem', 'refund', 'release', 'renew', 'unblock', 'unlock', 'void', 'withdraw')",
            name="kind_known",
        ),
        sa.CheckConstraint("cents >= 0 AND lapsed_cents >= 0 AND lapsed_cents <= cents", name="cents_within"),
        sa.CheckConstraint(
            "(outcome = 'done') = (version IS NOT NULL AND balance_after IS NOT NULL AND held_after IS NOT NULL)",
            name="done_has_version",
        ),
        sa.UniqueConstraint("actor_id", "key", name="uq_voucher_operation_key"),
    )
    op.create_index(
        "ix_voucher_operation_expiry",
        "voucher_operation",
        ["expires_at"],
        postgresql_where=sa.text("expires_at IS NOT NULL"),
    )
    op.create_index("ix_voucher_operation_id", "voucher_operation", ["id"])
    op.create_index(
        "ix_voucher_operation_lapsed", "voucher_operation", ["id"], postgresql_where=sa.text("lapsed_cents > 0")
    )
    op.create_index(
        "ix_voucher_operation_outlet",
        "voucher_operation",
        ["outlet_id", "booked_on", "recorded_at"],
        postgresql_where=sa.text("outlet_id IS NOT NULL"),
    )
    op.create_index(
        "ix_voucher_operation_ref",
        "voucher_operation",
        ["voucher_id", "ref_id"],
        postgresql_where=sa.text("ref_id IS NOT NULL"),
    )
    op.create_index(
        "uq_voucher_operation_chain",
        "voucher_operation",
        ["voucher_id", "version"],
        unique=True,
        postgresql_where=sa.text("outcome = 'done'"),
    )
    op.create_table(
        "operation_part",
        sa.Column("voucher_id", sa.Uuid(), primary_key=True),
        sa.Column("operation_id", sa.Uuid(), primary_key=True),
        sa.Column("lot_id", sa.Uuid(), primary_key=True),
        sa.Column("line_no", sa.SmallInteger(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("lapsed", sa.Boolean(), nullable=False),
        sa.CheckConstraint("cents > 0", name="cents_positive"),
    )
    op.create_table(
        "missed_redemption",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text()),
        sa.Column("fingerprint", sa.LargeBinary()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_at", Time, nullable=False),
        sa.UniqueConstraint("actor_id", "key", name="uq_missed_redemption_key"),
    )
    op.create_index("ix_missed_redemption_actor", "missed_redemption", ["actor_id", "recorded_at"])


def _tills() -> None:
    op.create_table(
        "till",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("outlet_id", sa.Uuid(), sa.ForeignKey("outlet.id"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("enrolled_by", sa.Uuid()),
        sa.Column("enrolled_at", Time, nullable=False),
        sa.Column("revoked_at", Time),
        sa.Column("paused_until", Time),
    )
    op.create_index("ix_till_outlet_id", "till", ["outlet_id"])
    op.create_table(
        "till_token",
        sa.Column("hash", sa.LargeBinary(), primary_key=True),
        sa.Column("till_id", sa.Uuid(), sa.ForeignKey("till.id"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scopes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_at", Time, nullable=False),
        sa.Column("expires_at", Time),
        sa.Column("revoked_at", Time),
        sa.CheckConstraint("octet_length(hash) = 32", name="hash_whole"),
        sa.CheckConstraint(
            "cardinality(scopes) > 0 AND scopes <@ '{hold,look,redeem,report,return}'::text[]", name="scopes_known"
        ),
    )
    op.create_index("ix_till_token_till_id", "till_token", ["till_id"])
    op.create_table(
        "till_enrolment",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("outlet_id", sa.Uuid(), sa.ForeignKey("outlet.id"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False, unique=True),
        sa.Column("created_by", sa.Uuid()),
        sa.Column("created_at", Time, nullable=False),
        sa.Column("expires_at", Time, nullable=False),
        sa.Column("used_at", Time),
        sa.Column("till_id", sa.Uuid(), sa.ForeignKey("till.id")),
    )
    op.create_table(
        "till_staff",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("outlet_id", sa.Uuid(), sa.ForeignKey("outlet.id"), nullable=False),
        sa.Column("alias", sa.Text(), nullable=False),
        sa.Column("pin_hash", sa.LargeBinary(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("wrong_pins", sa.SmallInteger(), nullable=False),
        sa.Column("locked_until", Time),
        sa.Column("created_at", Time, nullable=False),
        sa.CheckConstraint("role IN ('cashier', 'lead')", name="role_known"),
    )
    op.create_index(
        "uq_till_staff_alias", "till_staff", ["outlet_id", "alias"], unique=True, postgresql_where=sa.text("active")
    )


def _network() -> None:
    op.create_table(
        "charter",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("programme_id", sa.Uuid(), sa.ForeignKey("programme.id"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("towns", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("max_outlets", sa.Integer(), nullable=False),
        sa.Column("max_cents", sa.BigInteger(), nullable=False),
        sa.Column("month_cents", sa.BigInteger(), nullable=False),
        sa.Column("payer_cents", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("approved_by", sa.Uuid(), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("valid_from", Time, nullable=False),
        sa.CheckConstraint("area IN ('region', 'towns')", name="area_known"),
        sa.CheckConstraint("proposed_by <> approved_by", name="by_two"),
        sa.CheckConstraint("max_outlets > 1", name="more_than_one_shop"),
        sa.CheckConstraint("max_cents > 0 AND month_cents >= max_cents AND payer_cents >= max_cents", name="in_order"),
        sa.CheckConstraint("(area = 'towns') = (cardinality(towns) > 0)", name="towns_named"),
        sa.UniqueConstraint("programme_id", "version"),
    )
    op.create_table(
        "gate_record",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("programme_id", sa.Uuid(), sa.ForeignKey("programme.id"), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("recorded_at", Time, nullable=False),
        sa.CheckConstraint("item IN ('supervision', 'vat')", name="item_known"),
        sa.CheckConstraint("length(reference) BETWEEN 3 AND 500", name="reference_given"),
    )
    op.create_index("ix_gate_record_latest", "gate_record", ["programme_id", "item", "recorded_at"])
    op.create_table(
        "programme_terms",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("programme_id", sa.Uuid(), sa.ForeignKey("programme.id"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("recorded_at", Time, nullable=False),
        sa.CheckConstraint("kind IN ('buyer', 'shop')", name="kind_known"),
        sa.CheckConstraint("octet_length(hash) = 32", name="hash_whole"),
        sa.UniqueConstraint("programme_id", "kind", "version"),
    )
    op.create_table(
        "trust_account",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("account_id", sa.Uuid(), sa.ForeignKey("bank_account.id"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("approved_by", sa.Uuid(), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("valid_from", Time, nullable=False),
        sa.CheckConstraint("proposed_by <> approved_by", name="by_two"),
    )
    op.create_index("ix_trust_account_account_id", "trust_account", ["account_id"])
    op.create_table(
        "sale_claim",
        sa.Column("ref_id", sa.Uuid(), primary_key=True),
        sa.Column("programme_id", sa.Uuid(), sa.ForeignKey("programme.id"), primary_key=True),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("payer_hash", sa.LargeBinary()),
        sa.Column("claimed_at", Time, nullable=False),
        sa.Column("lapses_at", Time),
        sa.Column("released_at", Time),
        sa.CheckConstraint("cents > 0", name="cents_positive"),
    )
    op.create_index("ix_sale_claim_month", "sale_claim", ["programme_id", "month"])
    op.create_index(
        "ix_sale_claim_payer",
        "sale_claim",
        ["payer_hash", "claimed_at"],
        postgresql_where=sa.text("payer_hash IS NOT NULL"),
    )
    op.create_table(
        "issuer_settlement",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("mirror_id", sa.Uuid(), nullable=False, unique=True),
        sa.Column("debtor_id", sa.Uuid(), sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("approved_by", sa.Uuid(), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("settled_at", Time, nullable=False),
        sa.CheckConstraint("proposed_by <> approved_by", name="by_two"),
        sa.CheckConstraint("debtor_id <> creditor_id", name="two_issuers"),
        sa.CheckConstraint("cents > 0", name="cents_positive"),
        sa.UniqueConstraint("debtor_id", "reference"),
    )
    op.create_index("ix_issuer_settlement_creditor", "issuer_settlement", ["creditor_id"])
