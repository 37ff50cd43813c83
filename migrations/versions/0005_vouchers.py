"""Programmes, acceptance, vouchers, lots, operations, tills, staff, and the functions that write them."""

import re
from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from foundation.config import settings

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

FUNCTIONS = Path(__file__).resolve().parent.parent / "sql" / "0005_vouchers.sql"
OPEN_TO_APPLICATION = (
    "voucher_issue",
    "voucher_redeem",
    "voucher_look",
    "voucher_hold",
    "voucher_capture",
    "voucher_release",
    "voucher_void",
    "voucher_till_refund",
    "voucher_refund",
    "voucher_withdraw",
    "voucher_mark",
    "voucher_by_pin",
    "voucher_account",
    "voucher_day",
    "voucher_available",
    "voucher_lots",
)
TABLES = (
    "till_staff",
    "till_enrolment",
    "till",
    "missed_redemption",
    "operation_part",
    "voucher_operation",
    "lot",
    "voucher",
    "acceptance",
    "programme_town",
    "programme",
)


def pk() -> sa.Column:
    return sa.Column("id", sa.Uuid(), primary_key=True)


def ref(name: str, target: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Uuid(), sa.ForeignKey(target), nullable=nullable)


def uuid(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def text(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Text(), nullable=nullable)


def time(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def cents(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def flag(name: str) -> sa.Column:
    return sa.Column(name, sa.Boolean(), nullable=False)


def data(name: str, nullable: bool = False, unique: bool = False) -> sa.Column:
    return sa.Column(name, sa.LargeBinary(), nullable=nullable, unique=unique)


def count(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Integer(), nullable=nullable)


def small(name: str) -> sa.Column:
    return sa.Column(name, sa.SmallInteger(), nullable=False)


def check(name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=name)


def upgrade() -> None:
    _programmes()
    _vouchers()
    _operations()
    _tills()
    for table in ("voucher_operation", "operation_part", "missed_redemption"):
        op.execute(f"SELECT make_append_only('{table}')")
    for table in ("voucher", "lot", "voucher_operation", "operation_part", "missed_redemption"):
        op.execute(f"SELECT make_written_by_functions_only('{table}')")
    # Room for new row versions on the same page: no column that changes is indexed.
    op.execute("ALTER TABLE voucher SET (fillfactor = 70)")
    op.execute("ALTER TABLE lot SET (fillfactor = 70)")
    _functions()


def downgrade() -> None:
    for name in re.findall(r"^CREATE FUNCTION (\w+)", FUNCTIONS.read_text("utf-8"), re.MULTILINE):
        op.execute(f"DROP FUNCTION {name}")
    for name in TABLES:
        op.drop_table(name)


def _functions() -> None:
    run = op.get_bind().exec_driver_sql
    source = FUNCTIONS.read_text("utf-8")
    run(source.replace("%", "%%"))
    role = settings().database_role
    for name in re.findall(r"^CREATE FUNCTION (\w+)", source, re.MULTILINE):
        run(f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC")
        if name in OPEN_TO_APPLICATION:
            run(f'GRANT EXECUTE ON FUNCTION {name} TO "{role}"')


def _programmes() -> None:
    op.create_table(
        "programme",
        pk(),
        ref("issuer_id", "organisation.id"),
        sa.Column("slug", sa.Text(), nullable=False, unique=True),
        text("name"),
        text("area"),
        cents("min_cents"),
        cents("max_cents"),
        count("max_outlets"),
        flag("on_sale"),
        text("supervision"),
        text("design"),
        text("wording"),
        time("created_at"),
        check("area_known", "area IN ('region', 'towns')"),
        check("supervision_known", "supervision IN ('unknown', 'asked', 'ok')"),
        check("limits_in_order", "min_cents > 0 AND max_cents >= min_cents"),
        check("more_than_one_shop", "max_outlets > 1"),
    )
    op.create_index("ix_programme_issuer_id", "programme", ["issuer_id"])
    op.create_table(
        "programme_town",
        sa.Column("programme_id", sa.Uuid(), sa.ForeignKey("programme.id"), primary_key=True),
        sa.Column("ags", sa.CHAR(8), sa.ForeignKey("municipality.ags"), primary_key=True),
    )
    op.create_table(
        "acceptance",
        pk(),
        ref("programme_id", "programme.id"),
        ref("outlet_id", "outlet.id"),
        time("valid_from"),
        time("valid_until", nullable=True),
        check("times_in_order", "valid_until IS NULL OR valid_until >= valid_from"),
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


def _vouchers() -> None:
    states = "'active', 'blocked', 'charged_back', 'exhausted', 'ordered', 'replaced', 'time_barred', 'withdrawn'"
    op.create_table(
        "voucher",
        pk(),
        uuid("programme_id"),
        uuid("ledger_id"),
        data("token_hash", unique=True),
        data("code_hash", unique=True),
        data("pin_hash"),
        sa.Column("last4", sa.CHAR(4), nullable=False),
        text("state"),
        count("version"),
        sa.Column("issue_ags", sa.CHAR(8)),
        small("wrong_pins"),
        time("locked_at", nullable=True),
        time("issued_at"),
        check("state_known", f"state IN ({states})"),
        check(
            "hashes_whole",
            "octet_length(token_hash) = 32 AND octet_length(code_hash) = 32 AND octet_length(pin_hash) = 32",
        ),
    )
    op.create_index("ix_voucher_programme_id", "voucher", ["programme_id"])
    op.create_table(
        "lot",
        sa.Column("voucher_id", sa.Uuid(), sa.ForeignKey("voucher.id"), primary_key=True),
        pk(),
        text("kind"),
        uuid("origin_id", nullable=True),
        cents("issued_cents"),
        cents("balance"),
        cents("held"),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("legal_end", sa.Date(), nullable=False),
        check("kind_known", "kind IN ('bonus', 'employer', 'goodwill', 'paid')"),
        check("balance_within", "issued_cents > 0 AND balance >= 0 AND balance <= issued_cents"),
        check("held_within", "held >= 0 AND held <= balance"),
        check(
            "paid_lasts_three_years",
            "kind <> 'paid' OR legal_end >= make_date(extract(year FROM issued_on)::int + 3, 12, 31)",
        ),
        check("bonus_has_origin", "kind <> 'bonus' OR origin_id IS NOT NULL"),
    )


def _operations() -> None:
    kinds = (
        "'block', 'capture', 'hold', 'issue', 'lapse', 'load', 'redeem', 'refund', 'release', 'renew', "
        "'unblock', 'unlock', 'void', 'withdraw'"
    )
    op.create_table(
        "voucher_operation",
        sa.Column("voucher_id", sa.Uuid(), sa.ForeignKey("voucher.id"), primary_key=True),
        pk(),
        text("kind"),
        text("outcome"),
        cents("cents"),
        cents("lapsed_cents"),
        uuid("actor_id"),
        text("key"),
        data("fingerprint", nullable=True),
        uuid("ref_id", nullable=True),
        count("version", nullable=True),
        cents("balance_after", nullable=True),
        cents("held_after", nullable=True),
        uuid("outlet_id", nullable=True),
        uuid("till_id", nullable=True),
        uuid("staff_id", nullable=True),
        text("receipt_no", nullable=True),
        cents("basket_cents", nullable=True),
        time("client_time", nullable=True),
        text("reason", nullable=True),
        time("expires_at", nullable=True),
        sa.Column("answer", JSONB()),
        time("recorded_at"),
        sa.Column("booked_on", sa.Date(), nullable=False),
        check("kind_known", f"kind IN ({kinds})"),
        check("cents_within", "cents >= 0 AND lapsed_cents >= 0 AND lapsed_cents <= cents"),
        check(
            "done_has_version",
            "(outcome = 'done') = (version IS NOT NULL AND balance_after IS NOT NULL AND held_after IS NOT NULL)",
        ),
        sa.UniqueConstraint("actor_id", "key", name="uq_voucher_operation_key"),
    )
    op.create_index("ix_voucher_operation_id", "voucher_operation", ["id"])
    for name, columns, unique, where in (
        ("uq_voucher_operation_chain", ["voucher_id", "version"], True, "outcome = 'done'"),
        ("ix_voucher_operation_ref", ["voucher_id", "ref_id"], False, "ref_id IS NOT NULL"),
        ("ix_voucher_operation_outlet", ["outlet_id", "booked_on", "recorded_at"], False, "outlet_id IS NOT NULL"),
        ("ix_voucher_operation_expiry", ["expires_at"], False, "expires_at IS NOT NULL"),
    ):
        op.create_index(name, "voucher_operation", columns, unique=unique, postgresql_where=sa.text(where))
    op.create_table(
        "operation_part",
        sa.Column("voucher_id", sa.Uuid(), primary_key=True),
        sa.Column("operation_id", sa.Uuid(), primary_key=True),
        sa.Column("lot_id", sa.Uuid(), primary_key=True),
        small("line_no"),
        cents("cents"),
        flag("lapsed"),
        check("cents_positive", "cents > 0"),
    )
    op.create_table(
        "missed_redemption",
        pk(),
        uuid("actor_id"),
        text("key", nullable=True),
        data("fingerprint", nullable=True),
        text("reason"),
        time("recorded_at"),
        sa.UniqueConstraint("actor_id", "key", name="uq_missed_redemption_key"),
    )
    op.create_index("ix_missed_redemption_actor", "missed_redemption", ["actor_id", "recorded_at"])


def _tills() -> None:
    op.create_table(
        "till",
        pk(),
        ref("outlet_id", "outlet.id"),
        text("name"),
        data("token_hash", unique=True),
        uuid("enrolled_by", nullable=True),
        time("enrolled_at"),
        time("revoked_at", nullable=True),
        check("hash_whole", "octet_length(token_hash) = 32"),
    )
    op.create_index("ix_till_outlet_id", "till", ["outlet_id"])
    op.create_table(
        "till_enrolment",
        pk(),
        ref("outlet_id", "outlet.id"),
        text("name"),
        data("secret_hash", unique=True),
        uuid("created_by", nullable=True),
        time("created_at"),
        time("expires_at"),
        time("used_at", nullable=True),
        ref("till_id", "till.id", nullable=True),
    )
    op.create_table(
        "till_staff",
        pk(),
        ref("outlet_id", "outlet.id"),
        text("alias"),
        data("pin_hash"),
        text("role"),
        flag("active"),
        small("wrong_pins"),
        time("locked_until", nullable=True),
        time("created_at"),
        check("role_known", "role IN ('cashier', 'lead')"),
    )
    op.create_index(
        "uq_till_staff_alias", "till_staff", ["outlet_id", "alias"], unique=True, postgresql_where=sa.text("active")
    )
