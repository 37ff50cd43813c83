"""Charters, agreements with shops and between issuers, the launch gate."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

FUNCTIONS = Path(__file__).resolve().parent.parent / "sql" / "0013_network.sql"
APPEND_ONLY = ("charter", "gate_record", "programme_terms", "trust_account", "issuer_settlement")
TRIGGERS = (
    ("programme", "programme_passes_gate"),
    ("programme", "programme_keeps_charter"),
    ("programme_town", "programme_keeps_charter"),
    ("acceptance", "acceptance_within_charter"),
    ("acceptance", "acceptance_tells_end"),
    ("lot", "lot_past_gate"),
)
Time = sa.DateTime(timezone=True)
MONTH, PAYER = 250_000_00, 1_000_00  # what programmes of before get until somebody proposes their charter


def pk() -> sa.Column:
    return sa.Column("id", sa.Uuid(), primary_key=True)


def ref(name: str, target: str, nullable: bool = False, **more: object) -> sa.Column:
    return sa.Column(name, sa.Uuid(), sa.ForeignKey(target), nullable=nullable, **more)  # type: ignore[arg-type]


def text(name: str) -> sa.Column:
    return sa.Column(name, sa.Text(), nullable=False)


def cents(name: str) -> sa.Column:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def time(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, Time, nullable=nullable)


def check(name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=name)


def two() -> tuple[sa.Column, sa.Column, sa.CheckConstraint]:
    return (
        ref("proposed_by", "person.id"),
        ref("approved_by", "person.id"),
        check("by_two", "proposed_by <> approved_by"),
    )


def upgrade() -> None:
    _programme()
    _acceptance()
    _charter()
    _gate()
    _claims()
    _settlement()
    for table in APPEND_ONLY:
        op.execute(f"SELECT make_append_only('{table}')")
    op.get_bind().exec_driver_sql(FUNCTIONS.read_text("utf-8").replace("%", "%%"))


def downgrade() -> None:
    for table, name in TRIGGERS:
        op.execute(f"DROP TRIGGER {name} ON {table}")
    for table in ("issuer_settlement", "sale_claim", "trust_account", "programme_terms", "gate_record", "charter"):
        op.drop_table(table)
    op.execute("DROP FUNCTION programme_gate(uuid, uuid, text)")
    for name in sorted({name for _table, name in TRIGGERS}):
        op.execute(f"DROP FUNCTION {name}()")
    for name in ("commission_within", "vat_rates_known", "end_has_an_ender", "ended_by_known"):
        op.drop_constraint(f"ck_acceptance_{name}", "acceptance")
    for name in (
        "version",
        "commission_basis_points",
        "vat_rates",
        "terms_version",
        "terms_hash",
        "begun_by",
        "ended_by",
        "ended_reason",
        "ender_id",
        "notice_at",
    ):
        op.drop_column("acceptance", name)
    for name in ("room_for_one", "sold_once_launched"):
        op.drop_constraint(f"ck_programme_{name}", "programme")
    for name in ("month_cents", "payer_cents", "launched_at"):
        op.drop_column("programme", name)


def _programme() -> None:
    op.add_column("programme", sa.Column("month_cents", sa.BigInteger(), nullable=True))
    op.add_column("programme", sa.Column("payer_cents", sa.BigInteger(), nullable=True))
    op.add_column("programme", time("launched_at", nullable=True))
    # Sold before there was a gate: what was issued stays good, further sales wait for the records.
    op.execute(
        f"UPDATE programme SET month_cents = greatest({MONTH}, max_cents), payer_cents = greatest({PAYER}, max_cents),"
        " launched_at = CASE WHEN on_sale THEN created_at END, on_sale = false"
    )
    for name in ("month_cents", "payer_cents"):
        op.alter_column("programme", name, nullable=False)
    op.create_check_constraint("room_for_one", "programme", "month_cents >= max_cents AND payer_cents >= max_cents")
    op.create_check_constraint(
        "sold_once_launched", "programme", "NOT on_sale OR (supervision = 'ok' AND launched_at IS NOT NULL)"
    )


def _acceptance() -> None:
    for name, kind, default in (
        ("version", sa.Integer(), "1"),
        ("commission_basis_points", sa.Integer(), "0"),
        ("vat_rates", sa.Text(), ""),
        ("terms_version", sa.Text(), ""),
        ("ended_reason", sa.Text(), ""),
    ):
        op.add_column("acceptance", sa.Column(name, kind, nullable=False, server_default=default))
        op.alter_column("acceptance", name, server_default=None)
    op.add_column("acceptance", sa.Column("terms_hash", sa.LargeBinary(), nullable=True))
    op.add_column("acceptance", ref("begun_by", "person.id", nullable=True))
    op.add_column("acceptance", sa.Column("ended_by", sa.Text(), nullable=True))
    op.add_column("acceptance", ref("ender_id", "person.id", nullable=True))
    op.add_column("acceptance", time("notice_at", nullable=True))
    op.execute("UPDATE acceptance SET ended_by = 'issuer' WHERE valid_until IS NOT NULL")
    for name, condition in (
        ("commission_within", "commission_basis_points BETWEEN 0 AND 10000"),
        ("vat_rates_known", "vat_rates ~ '^((0|7|19)(,(7|19))*)?$'"),
        ("end_has_an_ender", "(valid_until IS NULL) = (ended_by IS NULL)"),
        ("ended_by_known", "ended_by IN ('area', 'change', 'issuer', 'shop', 'suspension')"),
    ):
        op.create_check_constraint(name, "acceptance", condition)


def _charter() -> None:
    op.create_table(
        "charter",
        pk(),
        ref("programme_id", "programme.id"),
        sa.Column("version", sa.Integer(), nullable=False),
        text("area"),
        sa.Column("towns", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("max_outlets", sa.Integer(), nullable=False),
        cents("max_cents"),
        cents("month_cents"),
        cents("payer_cents"),
        text("reason"),
        *two(),
        time("valid_from"),
        check("area_known", "area IN ('region', 'towns')"),
        check("more_than_one_shop", "max_outlets > 1"),
        check("in_order", "max_cents > 0 AND month_cents >= max_cents AND payer_cents >= max_cents"),
        check("towns_named", "(area = 'towns') = (cardinality(towns) > 0)"),
        sa.UniqueConstraint("programme_id", "version"),
    )


def _gate() -> None:
    op.create_table(
        "gate_record",
        pk(),
        ref("programme_id", "programme.id"),
        text("item"),
        text("value"),
        text("reference"),
        ref("recorded_by", "person.id"),
        time("recorded_at"),
        check("item_known", "item IN ('supervision', 'vat')"),
        check("reference_given", "length(reference) BETWEEN 3 AND 500"),
    )
    op.create_index("ix_gate_record_latest", "gate_record", ["programme_id", "item", "recorded_at"])
    op.create_table(
        "programme_terms",
        pk(),
        ref("programme_id", "programme.id"),
        text("kind"),
        text("version"),
        text("text"),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        ref("recorded_by", "person.id"),
        time("recorded_at"),
        check("kind_known", "kind IN ('buyer', 'shop')"),
        check("hash_whole", "octet_length(hash) = 32"),
        sa.UniqueConstraint("programme_id", "kind", "version"),
    )
    op.create_table(
        "trust_account",
        pk(),
        ref("account_id", "bank_account.id"),
        text("reason"),
        *two(),
        time("valid_from"),
    )
    op.create_index("ix_trust_account_account_id", "trust_account", ["account_id"])


def _claims() -> None:
    op.create_table(
        "sale_claim",
        sa.Column("ref_id", sa.Uuid(), primary_key=True),
        sa.Column("programme_id", sa.Uuid(), sa.ForeignKey("programme.id"), primary_key=True),
        sa.Column("month", sa.Date(), nullable=False),
        cents("cents"),
        sa.Column("payer_hash", sa.LargeBinary(), nullable=True),
        time("claimed_at"),
        time("lapses_at", nullable=True),
        time("released_at", nullable=True),
        check("cents_positive", "cents > 0"),
    )
    op.create_index("ix_sale_claim_month", "sale_claim", ["programme_id", "month"])
    op.create_index(
        "ix_sale_claim_payer",
        "sale_claim",
        ["payer_hash", "claimed_at"],
        postgresql_where=sa.text("payer_hash IS NOT NULL"),
    )


def _settlement() -> None:
    op.create_table(
        "issuer_settlement",
        pk(),
        sa.Column("mirror_id", sa.Uuid(), nullable=False, unique=True),
        ref("debtor_id", "organisation.id"),
        ref("creditor_id", "organisation.id"),
        cents("cents"),
        text("reference"),
        *two(),
        time("settled_at"),
        check("two_issuers", "debtor_id <> creditor_id"),
        check("cents_positive", "cents > 0"),
        sa.UniqueConstraint("debtor_id", "reference"),
    )
    op.create_index("ix_issuer_settlement_creditor", "issuer_settlement", ["creditor_id"])
