"""Shop windows, categories, offers, stock on hand, prices over time, the words of the catalogue."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

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

SEARCH = r"""
CREATE EXTENSION IF NOT EXISTS unaccent;
CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE TEXT SEARCH CONFIGURATION german_plain (COPY = german);
ALTER TEXT SEARCH CONFIGURATION german_plain
  ALTER MAPPING FOR hword, hword_part, word WITH unaccent, german_stem;

CREATE FUNCTION spelled_out(p_text text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT replace(replace(replace(replace(replace(replace(
    p_text, 'ä', 'ae'), 'ö', 'oe'), 'ü', 'ue'), 'Ä', 'Ae'), 'Ö', 'Oe'), 'Ü', 'Ue')
$$;

CREATE FUNCTION both_spellings(p_text text) RETURNS tsvector LANGUAGE sql STABLE AS $$
  SELECT to_tsvector('german_plain', p_text)
      || CASE WHEN p_text ~ '[äöüÄÖÜ]' THEN to_tsvector('german_plain', spelled_out(p_text)) ELSE ''::tsvector END
$$;

CREATE FUNCTION offer_search_text() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.search :=
       setweight(both_spellings(NEW.name), 'A')
    || setweight(both_spellings(concat_ws(' ', NEW.manufacturer,
         (SELECT string_agg(a.value #>> '{}', ' ') FROM jsonb_each(NEW.attributes) a))), 'B')
    || setweight(both_spellings(left(concat_ws(' ', NEW.description, NEW.ingredients), 20000)), 'D');
  RETURN NEW;
END $$;

CREATE FUNCTION learn_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO search_word (word, lexeme)
  SELECT w.word, stem.lexeme
    FROM (SELECT DISTINCT unnest(regexp_split_to_array(
                   lower(unaccent(concat_ws(' ', f.name, spelled_out(f.name), f.manufacturer))), '[^a-z]+')) AS word
            FROM fresh f) w,
         LATERAL (SELECT (ts_lexize('german_stem', w.word))[1] AS lexeme) stem
   WHERE length(w.word) BETWEEN 3 AND 60 AND stem.lexeme IS NOT NULL
     AND NOT EXISTS (SELECT 1 FROM search_word known WHERE known.word = w.word)
   ORDER BY w.word
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;

CREATE FUNCTION note_price() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' OR NEW.price_cents <> OLD.price_cents THEN
    INSERT INTO price_change (id, offer_id, cents, at)
    VALUES (gen_random_uuid(), NEW.id, NEW.price_cents, NEW.updated_at);
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER offer_search_text BEFORE INSERT OR UPDATE ON offer
  FOR EACH ROW EXECUTE FUNCTION offer_search_text();
CREATE TRIGGER learn_words_of_new AFTER INSERT ON offer
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION learn_words();
CREATE TRIGGER learn_words_of_changed AFTER UPDATE ON offer
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION learn_words();
CREATE TRIGGER note_price AFTER INSERT OR UPDATE OF price_cents ON offer
  FOR EACH ROW EXECUTE FUNCTION note_price();
SELECT make_append_only('price_change');
"""


def time(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def text(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Text(), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "storefront",
        sa.Column("outlet_id", sa.Uuid(), sa.ForeignKey("outlet.id"), primary_key=True),
        text("story"),
        sa.Column("payment_kinds", ARRAY(sa.Text()), nullable=False),
        sa.Column("handover_kinds", ARRAY(sa.Text()), nullable=False),
        sa.Column("published", sa.Boolean(), nullable=False),
        text("imprint"),
        sa.CheckConstraint(
            "payment_kinds <@ ARRAY['voucher', 'card', 'sepa', 'pickup', 'cash', 'ec']::text[]",
            name="payment_kinds_known",
        ),
        sa.CheckConstraint("handover_kinds <@ ARRAY['shop', 'point', 'delivery']::text[]", name="handover_kinds_known"),
    )
    category = op.create_table(
        "category",
        sa.Column("slug", sa.Text(), primary_key=True),
        text("name"),
        sa.Column("parent", sa.Text(), sa.ForeignKey("category.slug")),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("food", sa.Boolean(), nullable=False),
        sa.Column("textile", sa.Boolean(), nullable=False),
    )
    op.bulk_insert(
        category,
        [
            dict(zip(("slug", "name", "parent", "food", "textile", "position"), (*row, place), strict=True))
            for place, row in enumerate(CATEGORIES, start=1)
        ],
    )
    create_offer()
    op.create_table(
        "stock",
        sa.Column("offer_id", sa.Uuid(), sa.ForeignKey("offer.id"), primary_key=True),
        sa.Column("on_hand", sa.Integer()),
        time("updated_at"),
        sa.CheckConstraint("on_hand >= 0", name="on_hand_not_negative"),
    )
    op.create_table(
        "price_change",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("offer_id", sa.Uuid(), sa.ForeignKey("offer.id"), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        time("at"),
    )
    op.create_index("ix_price_change_offer_id_at", "price_change", ["offer_id", "at"])
    op.create_table(
        "offer_upload",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("outlet_id", sa.Uuid(), sa.ForeignKey("storefront.outlet_id"), nullable=False, index=True),
        text("filename"),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("defaults", JSONB(), nullable=False),
        time("uploaded_at"),
        time("applied_at", nullable=True),
        sa.Column("result", JSONB()),
    )
    op.create_table("search_word", sa.Column("word", sa.Text(), primary_key=True), text("lexeme"))
    op.get_bind().exec_driver_sql(SEARCH.replace("%", "%%"))
    op.execute("CREATE INDEX ix_search_word_lexeme ON search_word (lexeme text_pattern_ops)")
    op.execute("CREATE INDEX ix_search_word_ending ON search_word (reverse(lexeme) text_pattern_ops)")
    op.execute("CREATE INDEX ix_search_word_near ON search_word USING gin (word gin_trgm_ops)")


def create_offer() -> None:
    op.create_table(
        "offer",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("outlet_id", sa.Uuid(), sa.ForeignKey("storefront.outlet_id"), nullable=False),
        text("sku"),
        text("gtin", nullable=True),
        text("name"),
        text("slug"),
        text("description"),
        text("ingredients", nullable=True),
        text("allergens", nullable=True),
        text("fibres", nullable=True),
        text("manufacturer", nullable=True),
        sa.Column("category_slug", sa.Text(), sa.ForeignKey("category.slug"), nullable=False),
        text("kind"),
        sa.Column("price_cents", sa.BigInteger(), nullable=False),
        sa.Column("vat_rate_bp", sa.Integer(), nullable=False),
        sa.Column("content_amount", sa.Integer()),
        text("content_unit", nullable=True),
        sa.Column("deposit_cents", sa.BigInteger(), nullable=False),
        text("storage_class"),
        sa.Column("age_limit", sa.Integer()),
        text("status"),
        sa.Column("variant_of", sa.Uuid(), sa.ForeignKey("offer.id")),
        sa.Column("has_variants", sa.Boolean(), nullable=False),
        sa.Column("attributes", JSONB(), nullable=False),
        time("reduced_at", nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        time("created_at"),
        time("updated_at"),
        sa.Column("search", TSVECTOR(), nullable=False),
        sa.UniqueConstraint("outlet_id", "sku", name="uq_offer_outlet_id_sku"),
        sa.CheckConstraint("kind IN ('goods', 'service')", name="kind_known"),
        sa.CheckConstraint("status IN ('published', 'hidden')", name="status_known"),
        sa.CheckConstraint("content_unit IN ('g', 'ml', 'cm', 'piece')", name="content_unit_known"),
        sa.CheckConstraint("storage_class IN ('ambient', 'cool', 'frozen')", name="storage_class_known"),
        sa.CheckConstraint("age_limit IN (16, 18)", name="age_limit_known"),
        sa.CheckConstraint("price_cents > 0 AND deposit_cents >= 0", name="price_positive"),
        sa.CheckConstraint("content_amount > 0", name="content_positive"),
        sa.CheckConstraint("(content_amount IS NULL) = (content_unit IS NULL)", name="content_whole"),
        sa.CheckConstraint("vat_rate_bp BETWEEN 0 AND 2500", name="vat_rate_plausible"),
    )
    op.create_index("ix_offer_outlet_id_slug", "offer", ["outlet_id", "slug", "id"])
    for column in ("category_slug", "gtin", "variant_of"):
        op.create_index(f"ix_offer_{column}", "offer", [column])
    op.create_index("ix_offer_search", "offer", ["search"], postgresql_using="gin")


def downgrade() -> None:
    for name in ("search_word", "offer_upload", "price_change", "stock", "offer", "category", "storefront"):
        op.drop_table(name)
    for name in (
        "note_price()",
        "learn_words()",
        "offer_search_text()",
        "both_spellings(text)",
        "spelled_out(text)",
    ):
        op.execute(f"DROP FUNCTION {name}")
    op.execute("DROP TEXT SEARCH CONFIGURATION german_plain")
