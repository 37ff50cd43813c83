"""Baskets, pick-up points and windows, orders per shop, stock held and allocated, withdrawals."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

APPEND_ONLY = ("order_event", "hand_over", "withdrawal")
TABLES = (
    "withdrawal",
    "stock_allocation",
    "stock_hold",
    "hand_over",
    "order_event",
    "order_line",
    "window_booking",
    "shop_order",
    "order_group",
    "window_hold",
    "checkout_voucher",
    "checkout_part",
    "checkout",
    "cart_line",
    "cart",
    "handover_window",
    "collection_rule",
    "handover_point",
)
OPEN_CART = "closed_at IS NULL AND person_id IS NOT NULL"
OPEN_ALLOCATION = "fulfilled_at IS NULL AND released_at IS NULL"


def key(name: str = "id") -> sa.Column:
    return sa.Column(name, sa.Uuid(), primary_key=True)


def to(name: str, target: str, *, nullable: bool = False, primary: bool = False, cascade: bool = False) -> sa.Column:
    foreign = sa.ForeignKey(target, ondelete="CASCADE" if cascade else None)
    return sa.Column(name, sa.Uuid(), foreign, nullable=nullable, primary_key=primary)


def time(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def text(name: str) -> sa.Column:
    return sa.Column(name, sa.Text(), nullable=False)


def number(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Integer(), nullable=nullable)


def cents(name: str) -> sa.Column:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def check(rule: str, name: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=name)


def upgrade() -> None:
    places()
    baskets()
    orders()
    stock()
    for name in APPEND_ONLY:
        op.execute(f"SELECT make_append_only('{name}')")


def places() -> None:
    op.create_table(
        "handover_point",
        key(),
        to("organisation_id", "organisation.id"),
        sa.Column("slug", sa.Text(), nullable=False, unique=True),
        text("name"),
        text("kind"),
        text("street"),
        sa.Column("postcode", sa.CHAR(5), nullable=False),
        sa.Column("ags", sa.CHAR(8), sa.ForeignKey("municipality.ags"), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=False),
        sa.Column("longitude", sa.Double(), nullable=False),
        text("opening_hours"),
        text("phone"),
        sa.Column("storage_classes", ARRAY(sa.Text()), nullable=False),
        number("capacity"),
        number("transport_hours"),
        sa.Column("active", sa.Boolean(), nullable=False),
        check("kind IN ('shop', 'association', 'partner')", "kind_known"),
        check("capacity BETWEEN 0 AND 10000", "capacity"),
        check("transport_hours BETWEEN 0 AND 240", "transport_hours"),
    )
    op.create_index("ix_handover_point_organisation_id", "handover_point", ["organisation_id"])
    op.create_table(
        "collection_rule",
        to("outlet_id", "outlet.id", primary=True),
        number("ready_hours"),
        sa.Column("cutoff", sa.Time(), nullable=False),
        number("capacity"),
        check("ready_hours BETWEEN 0 AND 240", "ready_hours"),
        check("capacity BETWEEN 0 AND 10000", "capacity"),
    )
    op.create_table(
        "handover_window",
        key(),
        to("outlet_id", "outlet.id", nullable=True),
        to("point_id", "handover_point.id", nullable=True),
        time("starts_at"),
        time("ends_at"),
        number("capacity"),
        check("(outlet_id IS NULL) <> (point_id IS NULL)", "one_place"),
        check("ends_at > starts_at", "forwards"),
        check("capacity >= 0", "capacity"),
    )
    op.create_index("ix_handover_window_outlet", "handover_window", ["outlet_id", "starts_at"])
    op.create_index("ix_handover_window_point", "handover_window", ["point_id", "starts_at"])


def baskets() -> None:
    op.create_table(
        "cart",
        key(),
        to("person_id", "person.id", nullable=True),
        time("created_at"),
        time("touched_at"),
        time("closed_at", nullable=True),
    )
    op.create_index("uq_cart_open_person", "cart", ["person_id"], unique=True, postgresql_where=sa.text(OPEN_CART))
    op.create_table(
        "cart_line",
        key(),
        to("cart_id", "cart.id", cascade=True),
        to("offer_id", "offer.id"),
        to("outlet_id", "outlet.id"),
        text("name"),
        cents("price_cents"),
        cents("deposit_cents"),
        number("quantity"),
        time("added_at"),
        sa.UniqueConstraint("cart_id", "offer_id", name="uq_cart_line_cart_id_offer_id"),
        check("quantity BETWEEN 1 AND 99", "quantity"),
        check("price_cents >= 0 AND deposit_cents >= 0", "price"),
    )
    op.create_index("ix_cart_line_offer_id", "cart_line", ["offer_id"])
    op.create_table(
        "checkout",
        key(),
        sa.Column("cart_id", sa.Uuid(), sa.ForeignKey("cart.id", ondelete="CASCADE"), nullable=False, unique=True),
        sa.Column("key", sa.Uuid(), nullable=False),
        time("held_until", nullable=True),
        text("name"),
        text("email"),
        text("phone"),
        sa.Column("method", sa.Text()),
        time("created_at"),
    )
    op.create_table(
        "checkout_part",
        to("checkout_id", "checkout.id", primary=True, cascade=True),
        to("outlet_id", "outlet.id", primary=True),
        sa.Column("order_id", sa.Uuid(), nullable=False, unique=True),
        to("window_id", "handover_window.id", nullable=True),
    )
    op.create_table(
        "checkout_voucher",
        to("checkout_id", "checkout.id", primary=True, cascade=True),
        key("reference"),
        text("label"),
        cents("available_cents"),
        sa.Column("per_outlet", JSONB(), nullable=False),
        time("entered_at"),
    )
    op.create_table(
        "window_hold",
        to("checkout_id", "checkout.id", primary=True, cascade=True),
        to("outlet_id", "outlet.id", primary=True),
        to("window_id", "handover_window.id"),
        time("expires_at"),
    )
    op.create_index("ix_window_hold_window_id", "window_hold", ["window_id"])


def orders() -> None:
    op.create_table(
        "order_group",
        key(),
        sa.Column("number", sa.Text(), nullable=False, unique=True),
        to("cart_id", "cart.id"),
        sa.Column("key", sa.Uuid(), nullable=False, unique=True),
        to("person_id", "person.id", nullable=True),
        to("payment_id", "payment.id", nullable=True),
        text("state"),
        text("name"),
        text("email"),
        text("phone"),
        sa.Column("language", sa.CHAR(2), nullable=False),
        sa.Column("terms_hash", sa.LargeBinary(), nullable=False),
        time("created_at"),
        time("secured_at", nullable=True),
        check("state IN ('pending', 'placed', 'failed')", "state_known"),
    )
    op.create_index("ix_order_group_person_id", "order_group", ["person_id"])
    op.create_index(
        "uq_order_group_live_cart",
        "order_group",
        ["cart_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'failed'"),
    )
    op.create_table(
        "shop_order",
        key(),
        to("group_id", "order_group.id"),
        sa.Column("number", sa.Text(), nullable=False, unique=True),
        to("outlet_id", "outlet.id"),
        to("point_id", "handover_point.id", nullable=True),
        text("state"),
        cents("total_cents"),
        cents("due_cents"),
        sa.Column("place", JSONB(), nullable=False),
        time("starts_at"),
        time("ends_at"),
        sa.Column("code_hash", sa.LargeBinary(), unique=True),
        sa.Column("code_box", sa.LargeBinary()),
        time("arrived_at", nullable=True),
        time("created_at"),
        check(
            "state IN ('pending', 'new', 'accepted', 'ready', 'handed_over', 'cancelled', 'expired')",
            "state_known",
        ),
        check("total_cents > 0", "total"),
        check("due_cents BETWEEN 0 AND total_cents", "due"),
    )
    op.create_index("ix_shop_order_group_id", "shop_order", ["group_id"])
    op.create_index("ix_shop_order_outlet", "shop_order", ["outlet_id", "state", "starts_at"])
    op.create_index("ix_shop_order_point", "shop_order", ["point_id", "state", "starts_at"])
    op.create_table(
        "window_booking",
        to("order_id", "shop_order.id", primary=True),
        to("window_id", "handover_window.id"),
        time("booked_at"),
        time("released_at", nullable=True),
    )
    op.create_index("ix_window_booking_window_id", "window_booking", ["window_id"])
    op.create_table(
        "order_line",
        key(),
        to("order_id", "shop_order.id"),
        number("position"),
        to("offer_id", "offer.id"),
        text("name"),
        text("unit"),
        number("vat_rate_bp"),
        cents("price_cents"),
        cents("deposit_cents"),
        number("age_limit", nullable=True),
        number("quantity"),
        cents("cents"),
        check("cents = (price_cents + deposit_cents) * quantity", "sum"),
        check("quantity BETWEEN 1 AND 99", "quantity"),
    )
    op.create_index("ix_order_line_order_id", "order_line", ["order_id"])
    history()


def history() -> None:
    op.create_table(
        "order_event",
        key(),
        to("order_id", "shop_order.id"),
        time("at"),
        text("actor"),
        text("verb"),
        sa.Column("from_state", sa.Text()),
        text("to_state"),
        text("reason"),
    )
    op.create_index("ix_order_event_order_id", "order_event", ["order_id"])
    op.create_table(
        "hand_over",
        to("order_id", "shop_order.id", primary=True),
        time("at"),
        text("actor"),
        sa.Column("by_code", sa.Boolean(), nullable=False),
        cents("collected_cents"),
    )
    op.create_table(
        "withdrawal",
        key(),
        time("received_at"),
        text("name"),
        text("email"),
        text("contract"),
        text("statement"),
        to("order_id", "shop_order.id", nullable=True),
        sa.Column("text_hash", sa.LargeBinary(), nullable=False),
    )


def stock() -> None:
    op.create_table(
        "stock_hold",
        to("checkout_id", "checkout.id", primary=True, cascade=True),
        to("offer_id", "offer.id", primary=True),
        number("quantity"),
        time("expires_at"),
        check("quantity > 0", "quantity"),
    )
    op.create_index("ix_stock_hold_offer_id", "stock_hold", ["offer_id"])
    op.create_table(
        "stock_allocation",
        to("order_line_id", "order_line.id", primary=True),
        to("offer_id", "offer.id"),
        number("quantity"),
        time("allocated_at"),
        time("fulfilled_at", nullable=True),
        time("released_at", nullable=True),
        check("quantity > 0", "quantity"),
        check("fulfilled_at IS NULL OR released_at IS NULL", "one_end"),
    )
    op.create_index(
        "ix_stock_allocation_open", "stock_allocation", ["offer_id"], postgresql_where=sa.text(OPEN_ALLOCATION)
    )


def downgrade() -> None:
    for name in TABLES:
        op.drop_table(name)
