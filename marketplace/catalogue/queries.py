"""Questions about offers: one with its relatives, those of a shop, those of a desk."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from foundation.database import call, session
from marketplace.catalogue import errors
from marketplace.catalogue.models import Offer, Stock
from marketplace.catalogue.rows import (
    DESK_COLUMNS,
    DETAIL_COLUMNS,
    OFFER_COLUMNS,
    DeskRow,
    OfferDetails,
    OfferRow,
    make_rows,
)
from marketplace.catalogue.states import OfferStatus
from people.models import Outlet

SHOP_PAGE_SIZE = 36
DESK_PAGE_SIZE = 50


@dataclass(frozen=True)
class DeskOffer:
    """An offer that the desk is about to change. `on_hand` None: not counted."""

    offer: Offer
    on_hand: int | None
    outlet: Outlet


@lru_cache(maxsize=1)  # written once: putting a question together costs more than asking it
def _with_relatives() -> Any:
    wanted = sa.bindparam("wanted", type_=sa.Uuid())
    gtin = sa.select(Offer.gtin).where(Offer.id == wanted).scalar_subquery()
    return (
        sa.select(*DETAIL_COLUMNS)
        .outerjoin(Stock, Stock.offer_id == Offer.id)
        .where(
            Offer.status == OfferStatus.PUBLISHED,
            sa.or_(Offer.id == wanted, Offer.variant_of == wanted, Offer.gtin == gtin),
        )
        .order_by(Offer.price_cents, Offer.slug)
        .limit(200)
    )


def load_offer_with_relatives(offer_id: UUID) -> tuple[OfferDetails, list[OfferDetails], list[OfferDetails]]:
    """Load (the offer, its variants, the same product in other shops). Refuses what is not published."""
    rows = make_rows(OfferDetails, call(_with_relatives(), wanted=offer_id))
    here = next((row for row in rows if row.id == offer_id), None)
    if here is None:
        raise errors.offer_not_shown()
    variants = [row for row in rows if row.variant_of == offer_id]
    others = [row for row in rows if row.id != offer_id and row.variant_of is None]
    return here, variants, others


@lru_cache(maxsize=4)
def _of_shop(in_categories: bool, further: bool) -> Any:
    query = sa.select(*OFFER_COLUMNS).where(
        Offer.outlet_id == sa.bindparam("outlet", type_=sa.Uuid()),
        Offer.status == OfferStatus.PUBLISHED,
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
) -> list[OfferRow]:
    """List what a shop shows, by name, one more than a page so that the caller sees whether there is more."""
    values: dict[str, Any] = {"outlet": outlet_id}
    if category_slugs:
        values["categories"] = list(category_slugs)
    if after:
        values["slug"], values["id"] = after
    return make_rows(OfferRow, call(_of_shop(bool(category_slugs), after is not None), **values))


def list_desk_offers(
    outlet_id: UUID, *, text: str = "", status: str = "", after: tuple[str, UUID] | None = None
) -> list[DeskRow]:
    """List all of a shop's offers, hidden too, by name, one more than a page."""
    query = sa.select(*DESK_COLUMNS).outerjoin(Stock, Stock.offer_id == Offer.id).where(Offer.outlet_id == outlet_id)
    if text:
        pattern = "%" + text.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_") + "%"
        query = query.where(sa.or_(Offer.name.ilike(pattern), Offer.sku.ilike(pattern), Offer.gtin == text.strip()))
    if status:
        query = query.where(Offer.status == status)
    if after:
        query = query.where(sa.tuple_(Offer.slug, Offer.id) > sa.tuple_(*after))
    return make_rows(DeskRow, call(query.order_by(Offer.slug, Offer.id).limit(DESK_PAGE_SIZE + 1)))


def load_desk_offer(offer_id: UUID, outlet_ids: Collection[UUID]) -> DeskOffer:
    """Load an offer of one of these shops, its count and its shop. Refuses others' as if they did not exist."""
    query = (
        sa.select(Offer, Stock.on_hand, Outlet)
        .outerjoin(Stock, Stock.offer_id == Offer.id)
        .join(Outlet, Outlet.id == Offer.outlet_id)
        .where(Offer.id == offer_id, Offer.outlet_id.in_(outlet_ids))
    )
    found = session.execute(query).one_or_none()
    if found is None:
        raise errors.offer_unknown_in_shop()
    return DeskOffer(*found)
