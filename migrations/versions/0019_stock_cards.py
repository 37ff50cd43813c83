"""Cards in stock, counters that activate them, what they sold and paid."""

from datetime import date

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

ROLES = "'retailer_owner', 'retailer_clerk', 'point_keeper', 'issuer_clerk', 'auditor', 'operator'"
KINDS = "'retailer', 'issuer', 'association', 'operator'"
LEGAL = sa.table(
    "legal_value",
    sa.column("key", sa.Text()),
    sa.column("valid_from", sa.Date()),
    sa.column("value", sa.Integer()),
    sa.column("unit", sa.Text()),
    sa.column("norm", sa.Text()),
    sa.column("note", sa.Text()),
)
MOST = "voucher.counter_sale_cents"
CARD_STATES = "'activated', 'destroyed', 'lost', 'received', 'sent', 'stock'"
MOVEMENTS = "'destroyed', 'found', 'lost', 'made', 'received', 'returned', 'sent'"


def pk() -> sa.Column:
    return sa.Column("id", sa.Uuid(), primary_key=True)


def ref(name: str, target: str, *, nullable: bool = False, unique: bool = False) -> sa.Column:
    return sa.Column(name, sa.Uuid(), sa.ForeignKey(target), nullable=nullable, unique=unique)


def text(name: str, *, nullable: bool = False, unique: bool = False) -> sa.Column:
    return sa.Column(name, sa.Text(), nullable=nullable, unique=unique)


def time(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def big(name: str, *, nullable: bool = False, unique: bool = False) -> sa.Column:
    return sa.Column(name, sa.BigInteger(), nullable=nullable, unique=unique)


def whole(name: str) -> sa.Column:
    return sa.Column(name, sa.Integer(), nullable=False)


def data(name: str, *, unique: bool = False) -> sa.Column:
    return sa.Column(name, sa.LargeBinary(), nullable=False, unique=unique)


def check(name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=name)


def upgrade() -> None:
    _words(ROLES + ", 'counter_clerk'", KINDS + ", 'counter'")
    op.bulk_insert(
        LEGAL,
        [
            {
                "key": MOST,
                "valid_from": date(2002, 1, 1),
                "value": 25000,
                "unit": "cents",
                "norm": "Selbstbegrenzung nach GwG",
                "note": "je Verkauf an einer Verkaufsstelle",
            }
        ],
    )
    _counters()
    _cards()
    _sales()


def downgrade() -> None:
    for name in ("counter_payment", "card_sale", "card_movement", "stock_card", "card_batch", "counter"):
        op.drop_table(name)
    op.execute(LEGAL.delete().where(LEGAL.c.key == MOST))
    op.execute("DELETE FROM membership WHERE role = 'counter_clerk'")
    op.execute("UPDATE organisation SET kind = 'association' WHERE kind = 'counter'")
    _words(ROLES, KINDS)


def _words(roles: str, kinds: str) -> None:
    for table, name, condition in (
        ("membership", "role_known", f"role IN ({roles})"),
        ("organisation", "kind_known", f"kind IN ({kinds})"),
    ):
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
        op.create_check_constraint(name, table, condition)


def _counters() -> None:
    op.create_table(
        "counter",
        pk(),
        ref("issuer_id", "organisation.id"),
        ref("organisation_id", "organisation.id"),
        text("code", unique=True),
        text("name"),
        sa.Column("ags", sa.CHAR(8), sa.ForeignKey("municipality.ags"), nullable=False),
        big("credit_line_cents"),
        big("open_cents"),
        whole("receipts"),
        sa.Column("active", sa.Boolean(), nullable=False),
        time("created_at"),
        check("not_negative", "credit_line_cents >= 0 AND open_cents >= 0 AND receipts >= 0"),
        check("code_plain", "code ~ '^[A-Z0-9]{2,8}$'"),
    )
    op.create_index("ix_counter_issuer_id", "counter", ["issuer_id"])
    op.create_index("ix_counter_organisation_id", "counter", ["organisation_id"])


def _cards() -> None:
    op.create_table(
        "card_batch",
        pk(),
        ref("programme_id", "programme.id"),
        text("name"),
        whole("count"),
        big("first_serial"),
        big("face_cents", nullable=True),
        text("made_by"),
        text("key", unique=True),
        time("made_at"),
        check("count_within", "count BETWEEN 1 AND 5000"),
        check("face_positive", "face_cents IS NULL OR face_cents > 0"),
    )
    op.create_index("ix_card_batch_programme_id", "card_batch", ["programme_id"])
    op.create_table(
        "stock_card",
        pk(),
        ref("batch_id", "card_batch.id"),
        big("serial", unique=True),
        data("token_hash", unique=True),
        data("code_hash", unique=True),
        data("pin_hash"),
        sa.Column("last4", sa.CHAR(4), nullable=False),
        text("state"),
        ref("counter_id", "counter.id", nullable=True),
        sa.Column("voucher_id", sa.Uuid(), unique=True),
        check("state_known", f"state IN ({CARD_STATES})"),
        check("activated_has_voucher", "state <> 'activated' OR voucher_id IS NOT NULL"),
        check("stock_has_none", "voucher_id IS NULL OR state IN ('activated', 'destroyed')"),
        check("sent_somewhere", "state NOT IN ('sent', 'received') OR counter_id IS NOT NULL"),
        check(
            "hashes_whole",
            "octet_length(token_hash) = 32 AND octet_length(code_hash) = 32 AND octet_length(pin_hash) = 32",
        ),
    )
    op.create_index("ix_stock_card_batch_id", "stock_card", ["batch_id"])
    op.create_index("ix_stock_card_counter", "stock_card", ["counter_id", "state"])
    op.create_table(
        "card_movement",
        pk(),
        text("kind"),
        big("first_serial"),
        big("last_serial"),
        whole("count"),
        ref("counter_id", "counter.id", nullable=True),
        text("reason"),
        text("by"),
        time("at"),
        check("kind_known", f"kind IN ({MOVEMENTS})"),
        check("count_positive", "count > 0"),
    )
    op.create_index("ix_card_movement_counter_id", "card_movement", ["counter_id"])


def _sales() -> None:
    op.create_table(
        "card_sale",
        pk(),
        ref("counter_id", "counter.id"),
        ref("card_id", "stock_card.id", unique=True),
        sa.Column("voucher_id", sa.Uuid(), nullable=False, unique=True),
        ref("clerk_id", "person.id"),
        big("cents"),
        text("paid_by"),
        text("receipt_no", unique=True),
        text("key"),
        time("sold_at"),
        time("undone_at", nullable=True),
        ref("undone_by", "person.id", nullable=True),
        text("undo_reason", nullable=True),
        check("paid_by_known", "paid_by IN ('card', 'cash')"),
        check("cents_positive", "cents > 0"),
        check(
            "undone_whole",
            "(undone_at IS NULL) = (undone_by IS NULL) AND (undone_at IS NULL) = (undo_reason IS NULL)",
        ),
        sa.UniqueConstraint("counter_id", "key"),
    )
    op.create_index("ix_card_sale_time", "card_sale", ["counter_id", "sold_at"])
    op.create_table(
        "counter_payment",
        pk(),
        ref("counter_id", "counter.id"),
        sa.Column("receipt_id", sa.Uuid(), nullable=False),
        big("cents"),
        sa.Column("paid_on", sa.Date(), nullable=False),
        text("reference"),
        ref("recorded_by", "person.id"),
        text("key"),
        time("recorded_at"),
        check("cents_positive", "cents > 0"),
        sa.UniqueConstraint("counter_id", "key"),
    )
