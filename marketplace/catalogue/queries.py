"""Questions about offers: categories, one offer with its relatives, the offers of a shop."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from foundation.database import call, session
from foundation.errors import NotFound
from foundation.languages import _
from marketplace.cache import kept
from marketplace.catalogue.models import Category, Offer, Stock
from marketplace.catalogue.names import translate_category

SHOP_PAGE_SIZE = 36
DESK_PAGE_SIZE = 50
TILE_COLUMNS = (
    Offer.id,
    Offer.outlet_id,
    Offer.name,
    Offer.slug,
    Offer.price_cents,
    Offer.content_amount,
    Offer.content_unit,
    Offer.deposit_cents,
    Offer.category_slug,
    Offer.kind,
    Offer.has_variants,
    Offer.age_limit,
)
PAGE_COLUMNS = (
    *TILE_COLUMNS,
    Offer.sku,
    Offer.gtin,
    Offer.description,
    Offer.ingredients,
    Offer.allergens,
    Offer.fibres,
    Offer.manufacturer,
    Offer.vat_rate_bp,
    Offer.storage_class,
    Offer.status,
    Offer.variant_of,
    Offer.attributes,
    Offer.reduced_at,
    Stock.updated_at.label("counted_at"),
)


@dataclass(frozen=True)
class Shelf:
    """A category as pages show it, with the shelves in it."""

    slug: str
    name: str
    parent: str | None
    food: bool
    textile: bool
    children: tuple[str, ...]

    @property
    def word(self) -> str:
        """The name in the reader's language; `name` is the German one."""
        return translate_category(self.slug, self.name)

    @property
    def slugs(self) -> tuple[str, ...]:
        """The category and those in it."""
        return (self.slug, *self.children)


@kept(300)
def load_categories() -> dict[str, Shelf]:
    """All categories in their order. They change with the migrations only."""
    rows = call(sa.select(Category.__table__).order_by(Category.position))
    return {
        row.slug: Shelf(
            row.slug,
            row.name,
            row.parent,
            row.food,
            row.textile,
            tuple(child.slug for child in rows if child.parent == row.slug),
        )
        for row in rows
    }


@lru_cache(maxsize=1)  # written once: putting a question together costs more than asking it
def _with_relatives() -> Any:
    wanted = sa.bindparam("wanted", type_=sa.Uuid())
    gtin = sa.select(Offer.gtin).where(Offer.id == wanted).scalar_subquery()
    return (
        sa.select(*PAGE_COLUMNS)
        .outerjoin(Stock, Stock.offer_id == Offer.id)
        .where(
            Offer.status == "published",
            sa.or_(Offer.id == wanted, Offer.variant_of == wanted, Offer.gtin == gtin),
        )
        .order_by(Offer.price_cents, Offer.slug)
        .limit(200)
    )


def load_offer_with_relatives(offer_id: UUID) -> tuple[Any, list[Any], list[Any]]:
    """(the offer, its variants, the same product in other shops). Refuses what is not published."""
    rows = call(_with_relatives(), wanted=offer_id)
    here = next((row for row in rows if row.id == offer_id), None)
    if here is None:
        raise NotFound(_("Dieses Angebot gibt es nicht (mehr). Die Suche oben findet Ähnliches."))
    variants = [row for row in rows if row.variant_of == offer_id]
    others = [row for row in rows if row.id != offer_id and row.variant_of is None]
    return here, variants, others


@lru_cache(maxsize=4)
def _of_shop(in_categories: bool, further: bool) -> Any:
    query = sa.select(*TILE_COLUMNS).where(
        Offer.outlet_id == sa.bindparam("outlet", type_=sa.Uuid()),
        Offer.status == "published",
        Offer.variant_of.is_(None),
    )
    if in_categories:
        query = query.where(Offer.category_slug == sa.func.any(sa.bindparam("categories", type_=ARRAY(sa.Text()))))
    if further:
        after = sa.tuple_(sa.bindparam("slug", type_=sa.Text()), sa.bindparam("id", type_=sa.Uuid()))
        query = query.where(sa.tuple_(Offer.slug, Offer.id) > after)
    return query.order_by(Offer.slug, Offer.id).limit(SHOP_PAGE_SIZE + 1)


def list_shop_offers(
    outlet_id: UUID, category_slugs: tuple[str, ...] = (), after: tuple[str, UUID] | None = None
) -> list[Any]:
    """What a shop shows, by name, one more than a page so that the caller sees whether there is more."""
    values: dict[str, Any] = {"outlet": outlet_id}
    if category_slugs:
        values["categories"] = list(category_slugs)
    if after:
        values["slug"], values["id"] = after
    return list(call(_of_shop(bool(category_slugs), after is not None), **values))


@kept(30)
def count_by_category(outlet_id: UUID) -> dict[str, int]:
    """How many offers a shop shows in each category."""
    query = (
        sa.select(Offer.category_slug, sa.func.count().label("shown"))
        .where(Offer.outlet_id == outlet_id, Offer.status == "published", Offer.variant_of.is_(None))
        .group_by(Offer.category_slug)
    )
    return {row.category_slug: row.shown for row in call(query)}


def list_desk_offers(
    outlet_id: UUID, *, text: str = "", status: str = "", after: tuple[str, UUID] | None = None
) -> list[Any]:
    """A shop's own list: everything, hidden too, by name, one more than a page."""
    query = (
        sa.select(*TILE_COLUMNS, Offer.sku, Offer.gtin, Offer.status, Offer.variant_of, Offer.version, Stock.on_hand)
        .outerjoin(Stock, Stock.offer_id == Offer.id)
        .where(Offer.outlet_id == outlet_id)
    )
    if text:
        pattern = "%" + text.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_") + "%"
        query = query.where(sa.or_(Offer.name.ilike(pattern), Offer.sku.ilike(pattern), Offer.gtin == text.strip()))
    if status:
        query = query.where(Offer.status == status)
    if after:
        query = query.where(sa.tuple_(Offer.slug, Offer.id) > sa.tuple_(*after))
    return list(call(query.order_by(Offer.slug, Offer.id).limit(DESK_PAGE_SIZE + 1)))


def load_offer_of_outlet(offer_id: UUID, outlet_id: UUID) -> tuple[Offer, int | None]:
    """An offer of this outlet and its count. Refuses another shop's as if it did not exist."""
    query = (
        sa.select(Offer, Stock.on_hand)
        .outerjoin(Stock, Stock.offer_id == Offer.id)
        .where(Offer.id == offer_id, Offer.outlet_id == outlet_id)
    )
    found = session.execute(query).one_or_none()
    if found is None:
        raise NotFound(_("Dieses Angebot gibt es in Ihrem Geschäft nicht."))
    return found[0], found[1]
