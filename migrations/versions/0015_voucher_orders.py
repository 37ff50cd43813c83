"""Several vouchers in one order, their delivery and withdrawal."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

# Every sale so far becomes an order of its own that carries the sale's id: old links and payments lead to it.
ORDERS = """
INSERT INTO voucher_order (id, number, buyer_email, buyer_name, language, state, payment_id, created_at, ordered_at,
                           paid_at)
SELECT id, 'GB-' || substr(number, 4), buyer_email, buyer_name, language,
       CASE WHEN state IN ('paid', 'delivered') THEN 'paid' ELSE state END, payment_id, created_at, ordered_at, paid_at
  FROM voucher_sale
"""
ORIGINS = """
UPDATE lot SET origin_id = s.id FROM voucher_sale s
 WHERE s.voucher_id = lot.voucher_id AND lot.kind = 'paid' AND lot.origin_id IS NULL
"""
STATES = "state IN ('draft', 'ordered', 'paid', 'delivered', 'withdrawn')"


def time(name: str, nullable: bool = True) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def text(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Text(), nullable=nullable)


def upgrade() -> None:
    orders()
    parts()
    sales()
    for name in ("voucher_terms", "sale_event"):
        op.execute(f"SELECT make_append_only('{name}')")
    op.execute(ORIGINS)


def orders() -> None:
    op.create_table(
        "voucher_order",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("number", sa.Text(), nullable=False, unique=True),
        text("buyer_email"),
        text("buyer_name"),
        text("language"),
        sa.Column("person_id", sa.Uuid(), sa.ForeignKey("person.id")),
        text("state"),
        sa.Column("payment_id", sa.Uuid()),
        sa.Column("form_key", sa.Text(), unique=True),
        time("created_at", nullable=False),
        time("ordered_at"),
        time("paid_at"),
        sa.CheckConstraint("state IN ('draft', 'ordered', 'paid', 'returned')", name="state_known"),
    )
    op.create_index("ix_voucher_order_person", "voucher_order", ["person_id"])
    op.execute(ORDERS)


def parts() -> None:
    op.create_table(
        "voucher_terms",
        sa.Column("hash", sa.LargeBinary(), primary_key=True),
        text("language"),
        text("text"),
        time("created_at", nullable=False),
    )
    op.create_table(
        "voucher_picture",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        time("created_at", nullable=False),
        sa.CheckConstraint("octet_length(data) <= 400000", name="data_small"),
    )
    op.create_table(
        "sale_event",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("sale_id", sa.Uuid(), nullable=False),
        text("kind"),
        sa.Column("detail", JSONB(), nullable=False),
        time("recorded_at", nullable=False),
    )
    op.create_index("ix_sale_event_sale", "sale_event", ["sale_id", "recorded_at"])


def sales() -> None:
    for column in (
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("position", sa.SmallInteger(), nullable=False, server_default="1"),
        sa.Column("way", sa.Text(), nullable=False, server_default="mail"),
        text("street", nullable=True),
        text("town_line", nullable=True),
        sa.Column("picture_id", sa.Uuid(), sa.ForeignKey("voucher_picture.id"), nullable=True),
        sa.Column("form_key", sa.Text(), nullable=True),
        time("instructed_at"),
        sa.Column("withdrawal_id", sa.Uuid(), nullable=True),
        time("withdrawn_at"),
        sa.Column("refunded_cents", sa.BigInteger(), nullable=False, server_default="0"),
    ):
        op.add_column("voucher_sale", column)
    op.execute("UPDATE voucher_sale SET order_id = id")
    op.alter_column("voucher_sale", "order_id", nullable=False)
    for name in ("position", "way", "refunded_cents"):
        op.alter_column("voucher_sale", name, server_default=None)
    op.create_foreign_key("fk_voucher_sale_order_id", "voucher_sale", "voucher_order", ["order_id"], ["id"])
    op.create_index("ix_voucher_sale_order", "voucher_sale", ["order_id"])
    op.create_index("uq_voucher_sale_form_key", "voucher_sale", ["form_key"], unique=True)
    op.create_index(
        "ix_voucher_sale_withdrawing",
        "voucher_sale",
        ["withdrawal_id"],
        postgresql_where=sa.text("withdrawal_id IS NOT NULL AND withdrawn_at IS NULL"),
    )
    op.create_index(
        "ix_voucher_sale_letters",
        "voucher_sale",
        ["deliver_at"],
        postgresql_where=sa.text("way = 'letter' AND state = 'paid'"),
    )
    for name in ("state_known", "gift_has_recipient", "voucher_when_paid"):
        op.drop_constraint(op.f(f"ck_voucher_sale_{name}"), "voucher_sale", type_="check")
    op.create_check_constraint("state_known", "voucher_sale", STATES)
    op.create_check_constraint("way_known", "voucher_sale", "way IN ('letter', 'mail', 'print')")
    op.create_check_constraint(
        "gift_has_recipient",
        "voucher_sale",
        "CASE WHEN NOT gift THEN way = 'mail' WHEN way = 'mail' THEN recipient_email IS NOT NULL"
        " WHEN way = 'letter' THEN street IS NOT NULL AND town_line IS NOT NULL ELSE true END",
    )
    op.create_check_constraint(
        "voucher_when_paid",
        "voucher_sale",
        "(state IN ('paid', 'delivered', 'withdrawn')) = (voucher_id IS NOT NULL)",
    )
    op.create_check_constraint(
        "refund_within",
        "voucher_sale",
        "refunded_cents BETWEEN 0 AND cents AND (state = 'withdrawn' OR refunded_cents = 0)",
    )


def downgrade() -> None:
    for name in ("refund_within", "voucher_when_paid", "gift_has_recipient", "way_known", "state_known"):
        op.drop_constraint(op.f(f"ck_voucher_sale_{name}"), "voucher_sale", type_="check")
    op.execute("DELETE FROM voucher_sale WHERE gift AND recipient_email IS NULL")
    op.execute("UPDATE voucher_sale SET state = 'delivered' WHERE state = 'withdrawn'")
    for name in ("ix_voucher_sale_letters", "ix_voucher_sale_withdrawing", "uq_voucher_sale_form_key"):
        op.drop_index(name, "voucher_sale")
    for name in (
        *("refunded_cents", "withdrawn_at", "withdrawal_id", "instructed_at", "form_key", "picture_id", "town_line"),
        *("street", "way", "position", "order_id"),
    ):
        op.drop_column("voucher_sale", name)
    op.create_check_constraint("state_known", "voucher_sale", "state IN ('draft', 'ordered', 'paid', 'delivered')")
    op.create_check_constraint("gift_has_recipient", "voucher_sale", "NOT gift OR recipient_email IS NOT NULL")
    op.create_check_constraint(
        "voucher_when_paid", "voucher_sale", "(state IN ('paid', 'delivered')) = (voucher_id IS NOT NULL)"
    )
    for name in ("sale_event", "voucher_picture", "voucher_terms", "voucher_order"):
        op.drop_table(name)
