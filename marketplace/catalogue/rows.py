"""Offers as pages read them: plain rows, loaded outside of transactions, without the weight of a mapped object."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from marketplace.catalogue.models import Offer, Stock
from marketplace.catalogue.states import OfferStatus

R = TypeVar("R", bound="OfferRow")


@dataclass(frozen=True, slots=True)
class OfferRow:
    """What a tile needs of an offer. Prices in cents, without deposit."""

    id: UUID
    outlet_id: UUID
    name: str
    slug: str
    price_cents: int
    content_amount: int | None
    content_unit: str | None
    deposit_cents: int
    category_slug: str
    kind: str
    has_variants: bool
    age_limit: int | None


@dataclass(frozen=True, slots=True)
class Hit(OfferRow):
    """The best offer of a product that `offers` shops have, the cheapest for `lowest_cents`; its place by `score`."""

    score: int
    offers: int
    lowest_cents: int


@dataclass(frozen=True, slots=True)
class OfferDetails(OfferRow):
    """What the page of an offer needs. `counted_at`: when its stock was counted last."""

    sku: str
    gtin: str | None
    description: str
    ingredients: str | None
    allergens: str | None
    fibres: str | None
    manufacturer: str | None
    vat_rate_bp: int
    storage_class: str
    status: str
    variant_of: UUID | None
    attributes: dict[str, Any]
    reduced_at: datetime | None
    counted_at: datetime | None


@dataclass(frozen=True, slots=True)
class DeskRow(OfferRow):
    """What the desk's list needs. `on_hand` None: not counted."""

    sku: str
    gtin: str | None
    status: str
    variant_of: UUID | None
    version: int
    on_hand: int | None

    @property
    def is_published(self) -> bool:
        """Whether shoppers see it."""
        return self.status == OfferStatus.PUBLISHED


# The columns in the order of the fields: rows are made from them by position.
OFFER_COLUMNS = tuple(getattr(Offer, name) for name in OfferRow.__slots__)
DETAIL_COLUMNS = (
    *OFFER_COLUMNS,
    *(getattr(Offer, name) for name in OfferDetails.__slots__ if name != "counted_at"),
    Stock.updated_at.label("counted_at"),
)
DESK_COLUMNS = (
    *OFFER_COLUMNS,
    *(getattr(Offer, name) for name in DeskRow.__slots__ if name != "on_hand"),
    Stock.on_hand,
)


def make_rows(kind: type[R], found: Iterable[Any]) -> list[R]:
    """Make rows of this kind from what the database found, by position."""
    return [kind(*row) for row in found]
