"""Offers, what is on the shelf, what they cost when, and the words they are found by."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, deferred, mapped_column, synonym

from foundation.clock import now
from foundation.database import Cents, Id, Model
from marketplace.catalogue.states import AGE_LIMITS_YEARS, ContentUnit, OfferKind, OfferStatus, StorageClass


class Category(Model):
    """A shelf of the marketplace; the list comes with the migrations.

    `food`: offers need ingredients and a statement of allergens (LMIV Art. 14). `textile`: they need their fibres
    (Regulation (EU) 1007/2011 Art. 16).
    """

    __tablename__ = "category"

    slug: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    parent: Mapped[str | None] = mapped_column(sa.ForeignKey("category.slug"))
    position: Mapped[int]
    food: Mapped[bool] = mapped_column(default=False)
    textile: Mapped[bool] = mapped_column(default=False)


class Offer(Model):
    """One thing one shop sells, at its price. Hidden rather than deleted: orders point here.

    `price_cents` is gross and without deposit. `content_amount` counts whole g, ml, cm or pieces. `allergens` is the
    statement in words ("Keine" is one); `ingredients` marks them between underscores. A row with `has_variants` is
    shown but not sold: its variants are, each of which names it in `variant_of`. `reduced_at` is when a reduction was
    announced. `search` is written by the database. `slug` also sorts: it has no umlauts.
    """

    __tablename__ = "offer"

    id: Mapped[Id]
    outlet_id: Mapped[UUID] = mapped_column(sa.ForeignKey("storefront.outlet_id"))
    sku: Mapped[str]
    gtin: Mapped[str | None]
    name: Mapped[str]
    slug: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    ingredients: Mapped[str | None]
    allergens: Mapped[str | None]
    fibres: Mapped[str | None]
    manufacturer: Mapped[str | None]
    category_slug: Mapped[str] = mapped_column(sa.ForeignKey("category.slug"))
    kind: Mapped[str] = mapped_column(default=OfferKind.GOODS)
    price_cents: Mapped[Cents]
    vat_rate_bp: Mapped[int] = mapped_column(default=1900)
    content_amount: Mapped[int | None]
    content_unit: Mapped[str | None]
    deposit_cents: Mapped[Cents] = mapped_column(default=0)
    storage_class: Mapped[str] = mapped_column(default=StorageClass.AMBIENT)
    age_limit: Mapped[int | None]
    status: Mapped[str] = mapped_column(default=OfferStatus.PUBLISHED)
    variant_of: Mapped[UUID | None] = mapped_column(sa.ForeignKey("offer.id"))
    has_variants: Mapped[bool] = mapped_column(default=False)
    attributes: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    reduced_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now)
    search: Mapped[Any] = deferred(mapped_column(TSVECTOR(), sa.FetchedValue(), nullable=False))

    __table_args__ = (
        sa.UniqueConstraint("outlet_id", "sku", name="uq_offer_outlet_id_sku"),
        sa.Index("ix_offer_outlet_id_slug", "outlet_id", "slug", "id"),
        sa.Index("ix_offer_category_slug", "category_slug"),
        sa.Index("ix_offer_gtin", "gtin"),
        sa.Index("ix_offer_variant_of", "variant_of"),
        sa.Index("ix_offer_search", "search", postgresql_using="gin"),
        sa.CheckConstraint(sa.column("kind").in_(tuple(OfferKind)), name="kind_known"),
        sa.CheckConstraint(sa.column("status").in_(tuple(OfferStatus)), name="status_known"),
        sa.CheckConstraint(sa.column("content_unit").in_(tuple(ContentUnit)), name="content_unit_known"),
        sa.CheckConstraint(sa.column("storage_class").in_(tuple(StorageClass)), name="storage_class_known"),
        sa.CheckConstraint(sa.column("age_limit").in_(AGE_LIMITS_YEARS), name="age_limit_known"),
        sa.CheckConstraint("price_cents > 0 AND deposit_cents >= 0", name="price_positive"),
        sa.CheckConstraint("content_amount > 0", name="content_positive"),
        sa.CheckConstraint("(content_amount IS NULL) = (content_unit IS NULL)", name="content_whole"),
        sa.CheckConstraint("vat_rate_bp BETWEEN 0 AND 2500", name="vat_rate_plausible"),
    )

    @property
    def is_published(self) -> bool:
        """Whether shoppers see it."""
        return self.status == OfferStatus.PUBLISHED


class Stock(Model):
    """What is on the shelf. `on_hand` NULL, or no row: not counted, please ask. Holds and orders are rows elsewhere.

    `id` is another word for `offer_id`, so that `lock` finds it.
    """

    __tablename__ = "stock"

    offer_id: Mapped[UUID] = mapped_column(sa.ForeignKey("offer.id"), primary_key=True)
    on_hand: Mapped[int | None]
    updated_at: Mapped[datetime] = mapped_column(default=now)
    id: Mapped[UUID] = synonym("offer_id")

    __table_args__ = (sa.CheckConstraint("on_hand >= 0", name="on_hand_not_negative"),)


class PriceChange(Model):
    """What an offer cost from when on. Append-only, written by the database: the 30-day lowest price (PAngV § 11)."""

    __tablename__ = "price_change"

    id: Mapped[Id]
    offer_id: Mapped[UUID] = mapped_column(sa.ForeignKey("offer.id"))
    cents: Mapped[Cents]
    at: Mapped[datetime]

    __table_args__ = (sa.Index("ix_price_change_offer_id_at", "offer_id", "at"),)


class OfferUpload(Model):
    """A product list that a shop has uploaded: kept between preview and decision, emptied when it was applied.

    `defaults` fill what rows do not say; `result` counts what was done.
    """

    __tablename__ = "offer_upload"

    id: Mapped[Id]
    outlet_id: Mapped[UUID] = mapped_column(sa.ForeignKey("storefront.outlet_id"), index=True)
    filename: Mapped[str]
    content: Mapped[bytes]
    defaults: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    uploaded_at: Mapped[datetime] = mapped_column(default=now)
    applied_at: Mapped[datetime | None]
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))


class SearchWord(Model):
    """A word of the catalogue, without accents, and its stem. Written by the database when offers change.

    It answers what full-text search cannot: which words end like this one (compounds), and which are nearly this one.
    """

    __tablename__ = "search_word"

    word: Mapped[str] = mapped_column(primary_key=True)
    lexeme: Mapped[str]

    __table_args__ = (
        sa.Index("ix_search_word_lexeme", "lexeme", postgresql_ops={"lexeme": "text_pattern_ops"}),
        sa.Index("ix_search_word_near", "word", postgresql_using="gin", postgresql_ops={"word": "gin_trgm_ops"}),
    )


sa.Index(
    "ix_search_word_ending",
    sa.func.reverse(SearchWord.lexeme).label("ending"),
    postgresql_ops={"ending": "text_pattern_ops"},
)
