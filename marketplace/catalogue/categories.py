"""The shelves of the marketplace, and how much a shop has on each."""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from foundation.database import call
from marketplace.cache import cached
from marketplace.catalogue.models import Category, Offer
from marketplace.catalogue.names import translate_category
from marketplace.catalogue.states import OfferStatus


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


@cached(seconds=300)
def load_categories() -> dict[str, Shelf]:
    """Load all categories in their order. They change with the migrations only."""
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


def list_shelf_options() -> list[tuple[str, str]]:
    """List the categories for a choice in the reader's language, those within another one drawn in."""
    return [(shelf.slug, f"– {shelf.word}" if shelf.parent else shelf.word) for shelf in load_categories().values()]


@cached(seconds=30)
def count_by_category(outlet_id: UUID) -> dict[str, int]:
    """Count the offers that a shop shows in each category."""
    query = (
        sa.select(Offer.category_slug, sa.func.count().label("shown"))
        .where(Offer.outlet_id == outlet_id, Offer.status == OfferStatus.PUBLISHED, Offer.variant_of.is_(None))
        .group_by(Offer.category_slug)
    )
    return {row.category_slug: row.shown for row in call(query)}
