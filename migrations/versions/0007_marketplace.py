"""Shop windows, catalogue with its search, pick-up points and windows, baskets, orders, stock."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR

from foundation.schema import create_functions, drop_functions

revision = "0007_marketplace"
down_revision = "0006_vouchers"
branch_labels = None
depends_on = None

Time = sa.DateTime(timezone=True)

# slug, name, parent, food, textile
CATEGORIES = [
    ("lebensmittel", "Lebensmittel", None, True, False),
    ("brot", "Brot und Backwaren", "lebensmittel", True, False),
    ("obst", "Obst und Gemüse", "lebensmittel", True, False),
    ("milch", "Milch, Käse und Eier", "lebensmittel", True, False),
    ("fleisch", "Fleisch und Wurst", "lebensmittel", True, False),
    ("nudeln", "Nudeln, Reis und Müsli", "lebensmittel", True, False),
    ("konserven", "Konserven und Suppen", "lebensmittel", True, False),
    ("gewuerze", "Gewürze, Öle und Soßen", "lebensmittel", True, False),
    ("suesses", "Süßes und Salziges", "lebensmittel", True, False),
    ("getraenke", "Getränke", "lebensmittel", True, False),
    ("drogerie", "Drogerie und Pflege", None, False, False),
    ("haushalt", "Haushalt", None, False, False),
    ("kleidung", "Kleidung und Schuhe", None, False, True),
    ("buecher", "Bücher und Papier", None, False, False),
    ("musik", "Musik", None, False, False),
    ("spielzeug", "Spielzeug", None, False, False),
    ("baby", "Für Kinder und Babys", None, False, False),
    ("blumen", "Blumen und Garten", None, False, False),
    ("tiere", "Für Tiere", None, False, False),
    ("dienstleistung", "Dienstleistungen", None, False, False),
    ("allerlei", "Allerlei", None, False, False),
]
TABLES = (
    "storefront",
    "category",
    "offer",
    "stock",
    "price_change",
    "offer_upload",
    "search_word",
    "handover_point",
    "collection_rule",
    "handover_window",
    "cart",
    "cart_line",
    "checkout",
    "window_hold",
    "checkout_part",
    "checkout_voucher",
    "order_group",
    "shop_order",
    "window_booking",
    "order_line",
    "order_event",
    "hand_over",
    "stock_hold",
    "stock_allocation",
    "withdrawal",
)
SEARCH = """
CREATE EXTENSION IF NOT EXISTS unaccent;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE TEXT SEARCH CONFIGURATION german_plain (COPY = german);
ALTER TEXT SEARCH CONFIGURATION german_plain
  ALTER MAPPING FOR hword, hword_part, word WITH unaccent, german_stem;
"""
TRIGGERS = """
CREATE TRIGGER offer_set_search BEFORE INSERT OR UPDATE ON offer
  FOR EACH ROW EXECUTE FUNCTION offer_set_search();
CREATE TRIGGER search_learn_words_of_new AFTER INSERT ON offer
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION search_learn_words();
CREATE TRIGGER search_learn_words_of_changed AFTER UPDATE ON offer
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION search_learn_words();
CREATE TRIGGER offer_record_price AFTER INSERT OR UPDATE OF price_cents ON offer
  FOR EACH ROW EXECUTE FUNCTION offer_record_price();
"""


def upgrade() -> None:
    op.execute(SEARCH)
    _shops()
    _catalogue()
    _places()
    _baskets()
    _orders()
    create_functions(op.get_bind(), "marketplace/catalogue")
    op.execute(TRIGGERS)


def downgrade() -> None:
    drop_functions(op.get_bind(), "marketplace/catalogue")
    for table in reversed(TABLES):
        op.drop_table(table)
    op.execute("DROP TEXT SEARCH CONFIGURATION german_plain")


def _shops() -> None:
    op.create_table(
        "storefront",
        sa.Column("outlet_id", sa.Uuid(), sa.ForeignKey("outlet.id"), primary_key=True),
        sa.Column("story", sa.Text(), nullable=False),
        sa.Column("payment_kinds", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("handover_kinds", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("published", sa.Boolean(), nullable=False),
        sa.Column("imprint", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "payment_kinds <@ ARRAY['voucher', 'card', 'sepa', 'pickup', 'cash', 'ec']::text[]",
            name="payment_kinds_known",
        ),
        sa.CheckConstraint("handover_kinds <@ ARRAY['shop', 'point', 'delivery']::text[]", name="handover_kinds_known"),
    )


def _catalogue() -> None:
    category = op.create_table(
        "category",
        sa.Column("slug", sa.Text(), primary_key=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parent", sa.Text(), sa.ForeignKey("category.slug")),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("food", sa.Boolean(), nullable=False),
        sa.Column("textile", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "offer",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("outlet_id", sa.Uuid(), sa.ForeignKey("storefront.outlet_id"), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("gtin", sa.Text()),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("ingredients", sa.Text()),
        sa.Column("allergens", sa.Text()),
        sa.Column("fibres", sa.Text()),
        sa.Column("manufacturer", sa.Text()),
        sa.Column("category_slug", sa.Text(), sa.ForeignKey("category.slug"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("price_cents", sa.BigInteger(), nullable=False),
        sa.Column("vat_rate_bp", sa.Integer(), nullable=False),
        sa.Column("content_amount", sa.Integer()),
        sa.Column("content_unit", sa.Text()),
        sa.Column("deposit_cents", sa.BigInteger(), nullable=False),
        sa.Column("storage_class", sa.Text(), nullable=False),
        sa.Column("age_limit", sa.Integer()),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("variant_of", sa.Uuid(), sa.ForeignKey("offer.id")),
        sa.Column("has_variants", sa.Boolean(), nullable=False),
        sa.Column("attributes", JSONB(), nullable=False),
        sa.Column("reduced_at", Time),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", Time, nullable=False),
        sa.Column("updated_at", Time, nullable=False),
        sa.Column("search", TSVECTOR(), nullable=False),
        sa.CheckConstraint("kind IN ('goods', 'service')", name="kind_known"),
        sa.CheckConstraint("status IN ('published', 'hidden')", name="status_known"),
        sa.CheckConstraint("content_unit IN ('g', 'ml', 'cm', 'piece')", name="content_unit_known"),
        sa.CheckConstraint("storage_class IN ('ambient', 'cool', 'frozen')", name="storage_class_known"),
        sa.CheckConstraint("age_limit IN (16, 18)", name="age_limit_known"),
        sa.CheckConstraint("price_cents > 0 AND deposit_cents >= 0", name="price_positive"),
        sa.CheckConstraint("content_amount > 0", name="content_positive"),
        sa.CheckConstraint("(content_amount IS NULL) = (content_unit IS NULL)", name="content_whole"),
        sa.CheckConstraint("vat_rate_bp BETWEEN 0 AND 2500", name="vat_rate_plausible"),
        sa.UniqueConstraint("outlet_id", "sku"),
    )
    op.create_index("ix_offer_category_slug", "offer", ["category_slug"])
    op.create_index("ix_offer_gtin", "offer", ["gtin"])
    op.create_index("ix_offer_outlet_id_slug", "offer", ["outlet_id", "slug", "id"])
    op.create_index("ix_offer_search", "offer", ["search"], postgresql_using="gin")
    op.create_index("ix_offer_variant_of", "offer", ["variant_of"])
    op.create_table(
        "stock",
        sa.Column("offer_id", sa.Uuid(), sa.ForeignKey("offer.id"), primary_key=True),
        sa.Column("on_hand", sa.Integer()),
        sa.Column("updated_at", Time, nullable=False),
        sa.CheckConstraint("on_hand >= 0", name="on_hand_not_negative"),
    )
    op.create_table(
        "price_change",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("offer_id", sa.Uuid(), sa.ForeignKey("offer.id"), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("at", Time, nullable=False),
    )
    op.create_index("ix_price_change_offer_id_at", "price_change", ["offer_id", "at"])
    op.create_table(
        "offer_upload",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("outlet_id", sa.Uuid(), sa.ForeignKey("storefront.outlet_id"), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("defaults", JSONB(), nullable=False),
        sa.Column("uploaded_at", Time, nullable=False),
        sa.Column("applied_at", Time),
        sa.Column("result", JSONB()),
    )
    op.create_index("ix_offer_upload_outlet_id", "offer_upload", ["outlet_id"])
    op.create_table(
        "search_word",
        sa.Column("word", sa.Text(), primary_key=True),
        sa.Column("lexeme", sa.Text(), nullable=False),
    )
    op.create_index("ix_search_word_lexeme", "search_word", [sa.text("lexeme text_pattern_ops")])
    op.create_index("ix_search_word_ending", "search_word", [sa.text("reverse(lexeme) text_pattern_ops")])
    op.create_index("ix_search_word_near", "search_word", [sa.text("word gin_trgm_ops")], postgresql_using="gin")
    names = ("slug", "name", "parent", "food", "textile", "position")
    rows = [dict(zip(names, (*row, place), strict=True)) for place, row in enumerate(CATEGORIES, start=1)]
    op.bulk_insert(category, rows)


def _places() -> None:
    op.create_table(
        "handover_point",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("organisation_id", sa.Uuid(), sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False, unique=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("street", sa.Text(), nullable=False),
        sa.Column("postcode", sa.CHAR(5), nullable=False),
        sa.Column("ags", sa.CHAR(8), sa.ForeignKey("municipality.ags"), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=False),
        sa.Column("longitude", sa.Double(), nullable=False),
        sa.Column("opening_hours", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("storage_classes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("transport_hours", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("kind IN ('shop', 'association', 'partner')", name="kind_known"),
        sa.CheckConstraint("capacity BETWEEN 0 AND 10000", name="capacity"),
        sa.CheckConstraint("transport_hours BETWEEN 0 AND 240", name="transport_hours"),
    )
    op.create_index("ix_handover_point_organisation_id", "handover_point", ["organisation_id"])
    op.create_table(
        "collection_rule",
        sa.Column("outlet_id", sa.Uuid(), sa.ForeignKey("outlet.id"), primary_key=True),
        sa.Column("ready_hours", sa.Integer(), nullable=False),
        sa.Column("cutoff", sa.Time(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.CheckConstraint("ready_hours BETWEEN 0 AND 240", name="ready_hours"),
        sa.CheckConstraint("capacity BETWEEN 0 AND 10000", name="capacity"),
    )
    op.create_table(
        "handover_window",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("outlet_id", sa.Uuid(), sa.ForeignKey("outlet.id")),
        sa.Column("point_id", sa.Uuid(), sa.ForeignKey("handover_point.id")),
        sa.Column("starts_at", Time, nullable=False),
        sa.Column("ends_at", Time, nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.CheckConstraint("(outlet_id IS NULL) <> (point_id IS NULL)", name="one_place"),
        sa.CheckConstraint("ends_at > starts_at", name="forwards"),
        sa.CheckConstraint("capacity >= 0", name="capacity"),
    )
    op.create_index("ix_handover_window_outlet", "handover_window", ["outlet_id", "starts_at"])
    op.create_index("ix_handover_window_point", "handover_window", ["point_id", "starts_at"])


def _baskets() -> None:
    op.create_table(
        "cart",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("person_id", sa.Uuid(), sa.ForeignKey("person.id")),
        sa.Column("held_until", Time),
        sa.Column("created_at", Time, nullable=False),
        sa.Column("touched_at", Time, nullable=False),
        sa.Column("closed_at", Time),
    )
    op.create_index(
        "uq_cart_open_person",
        "cart",
        ["person_id"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL AND person_id IS NOT NULL"),
    )
    op.create_table(
        "cart_line",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("cart_id", sa.Uuid(), sa.ForeignKey("cart.id", ondelete="CASCADE"), nullable=False),
        sa.Column("offer_id", sa.Uuid(), sa.ForeignKey("offer.id"), nullable=False),
        sa.Column("outlet_id", sa.Uuid(), sa.ForeignKey("outlet.id"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("price_cents", sa.BigInteger(), nullable=False),
        sa.Column("deposit_cents", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("added_at", Time, nullable=False),
        sa.CheckConstraint("quantity BETWEEN 1 AND 99", name="quantity"),
        sa.CheckConstraint("price_cents >= 0 AND deposit_cents >= 0", name="price"),
        sa.UniqueConstraint("cart_id", "offer_id"),
    )
    op.create_index("ix_cart_line_offer_id", "cart_line", ["offer_id"])
    op.create_table(
        "checkout",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("cart_id", sa.Uuid(), sa.ForeignKey("cart.id", ondelete="CASCADE"), nullable=False, unique=True),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("method", sa.Text()),
        sa.Column("created_at", Time, nullable=False),
    )
    op.create_table(
        "window_hold",
        sa.Column("checkout_id", sa.Uuid(), sa.ForeignKey("checkout.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("outlet_id", sa.Uuid(), sa.ForeignKey("outlet.id"), primary_key=True),
        sa.Column("window_id", sa.Uuid(), sa.ForeignKey("handover_window.id"), nullable=False),
        sa.Column("expires_at", Time, nullable=False),
    )
    op.create_index("ix_window_hold_window_id", "window_hold", ["window_id"])
    op.create_table(
        "checkout_part",
        sa.Column("checkout_id", sa.Uuid(), sa.ForeignKey("checkout.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("outlet_id", sa.Uuid(), sa.ForeignKey("outlet.id"), primary_key=True),
        sa.Column("order_id", sa.Uuid(), nullable=False, unique=True),
        sa.Column("window_id", sa.Uuid(), sa.ForeignKey("handover_window.id")),
    )
    op.create_table(
        "checkout_voucher",
        sa.Column("checkout_id", sa.Uuid(), sa.ForeignKey("checkout.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("reference", sa.Uuid(), primary_key=True),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("available_cents", sa.BigInteger(), nullable=False),
        sa.Column("per_outlet", JSONB(), nullable=False),
        sa.Column("entered_at", Time, nullable=False),
    )


def _orders() -> None:
    op.create_table(
        "order_group",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("number", sa.Text(), nullable=False, unique=True),
        sa.Column("cart_id", sa.Uuid(), sa.ForeignKey("cart.id"), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False, unique=True),
        sa.Column("person_id", sa.Uuid(), sa.ForeignKey("person.id")),
        sa.Column("payment_id", sa.Uuid(), sa.ForeignKey("payment.id")),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("language", sa.CHAR(2), nullable=False),
        sa.Column("terms_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", Time, nullable=False),
        sa.Column("secured_at", Time),
        sa.CheckConstraint("state IN ('pending', 'placed', 'failed')", name="state_known"),
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
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("group_id", sa.Uuid(), sa.ForeignKey("order_group.id"), nullable=False),
        sa.Column("number", sa.Text(), nullable=False, unique=True),
        sa.Column("outlet_id", sa.Uuid(), sa.ForeignKey("outlet.id"), nullable=False),
        sa.Column("point_id", sa.Uuid(), sa.ForeignKey("handover_point.id")),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("total_cents", sa.BigInteger(), nullable=False),
        sa.Column("due_cents", sa.BigInteger(), nullable=False),
        sa.Column("place", JSONB(), nullable=False),
        sa.Column("starts_at", Time, nullable=False),
        sa.Column("ends_at", Time, nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), unique=True),
        sa.Column("code_box", sa.LargeBinary()),
        sa.Column("arrived_at", Time),
        sa.Column("created_at", Time, nullable=False),
        sa.CheckConstraint(
            "state IN ('pending', 'new', 'accepted', 'ready', 'handed_over', 'cancelled', 'expired')",
            name="state_known",
        ),
        sa.CheckConstraint("total_cents > 0", name="total"),
        sa.CheckConstraint("due_cents BETWEEN 0 AND total_cents", name="due"),
    )
    op.create_index("ix_shop_order_group_id", "shop_order", ["group_id"])
    op.create_index("ix_shop_order_outlet", "shop_order", ["outlet_id", "state", "starts_at"])
    op.create_index("ix_shop_order_point", "shop_order", ["point_id", "state", "starts_at"])
    op.create_table(
        "window_booking",
        sa.Column("order_id", sa.Uuid(), sa.ForeignKey("shop_order.id"), primary_key=True),
        sa.Column("window_id", sa.Uuid(), sa.ForeignKey("handover_window.id"), nullable=False),
        sa.Column("booked_at", Time, nullable=False),
        sa.Column("released_at", Time),
    )
    op.create_index("ix_window_booking_window_id", "window_booking", ["window_id"])
    op.create_table(
        "order_line",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("order_id", sa.Uuid(), sa.ForeignKey("shop_order.id"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), sa.ForeignKey("offer.id"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("vat_rate_bp", sa.Integer(), nullable=False),
        sa.Column("price_cents", sa.BigInteger(), nullable=False),
        sa.Column("deposit_cents", sa.BigInteger(), nullable=False),
        sa.Column("age_limit", sa.Integer()),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("cents = (price_cents + deposit_cents) * quantity", name="sum"),
        sa.CheckConstraint("quantity BETWEEN 1 AND 99", name="quantity"),
    )
    op.create_index("ix_order_line_order_id", "order_line", ["order_id"])
    op.create_table(
        "order_event",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("order_id", sa.Uuid(), sa.ForeignKey("shop_order.id"), nullable=False),
        sa.Column("at", Time, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("from_state", sa.Text()),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
    )
    op.create_index("ix_order_event_order_id", "order_event", ["order_id"])
    op.create_table(
        "hand_over",
        sa.Column("order_id", sa.Uuid(), sa.ForeignKey("shop_order.id"), primary_key=True),
        sa.Column("at", Time, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("by_code", sa.Boolean(), nullable=False),
        sa.Column("collected_cents", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "stock_hold",
        sa.Column("cart_id", sa.Uuid(), sa.ForeignKey("cart.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("offer_id", sa.Uuid(), sa.ForeignKey("offer.id"), primary_key=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("expires_at", Time, nullable=False),
        sa.CheckConstraint("quantity > 0", name="quantity"),
    )
    op.create_index("ix_stock_hold_offer_id", "stock_hold", ["offer_id"])
    op.create_table(
        "stock_allocation",
        sa.Column("order_line_id", sa.Uuid(), sa.ForeignKey("order_line.id"), primary_key=True),
        sa.Column("offer_id", sa.Uuid(), sa.ForeignKey("offer.id"), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("allocated_at", Time, nullable=False),
        sa.Column("fulfilled_at", Time),
        sa.Column("released_at", Time),
        sa.CheckConstraint("quantity > 0", name="quantity"),
        sa.CheckConstraint("fulfilled_at IS NULL OR released_at IS NULL", name="one_end"),
    )
    op.create_index(
        "ix_stock_allocation_open",
        "stock_allocation",
        ["offer_id"],
        postgresql_where=sa.text("fulfilled_at IS NULL AND released_at IS NULL"),
    )
    op.create_table(
        "withdrawal",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("received_at", Time, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("contract", sa.Text(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Uuid(), sa.ForeignKey("shop_order.id")),
        sa.Column("text_hash", sa.LargeBinary(), nullable=False),
    )
