"""Offers come, change, are hidden. They are never deleted: orders and the price log point at them."""

from collections.abc import Iterable
from dataclasses import asdict
from uuid import UUID

import sqlalchemy as sa

from foundation import audit, clock
from foundation.database import lock, lock_one, session, uuid7
from marketplace.catalogue import errors
from marketplace.catalogue.drafts import MAX_STOCK_PIECES, OfferDraft, find_faults, find_missing_particulars, make_slug
from marketplace.catalogue.errors import OfferUnfit
from marketplace.catalogue.models import Category, Offer, Stock
from marketplace.catalogue.states import OfferStatus

NOT_COLUMNS = {"on_hand", "announce", "status", "price_cents"}


def check(draft: OfferDraft) -> None:
    """Refuse (`OfferUnfit`) what cannot be right, and publishing what the law does not let us show."""
    category = session.get(Category, draft.category_slug)
    found = find_faults(draft, category)
    if not found and category and draft.status == OfferStatus.PUBLISHED:
        found = find_missing_particulars(draft, category)
    if found:
        raise OfferUnfit(found)


def write(offer: Offer, draft: OfferDraft) -> None:
    """Put a checked draft on a row. A raised price ends an announced reduction; a lower one may begin one."""
    for name, value in asdict(draft).items():
        if name not in NOT_COLUMNS:
            setattr(offer, name, value)
    offer.slug = make_slug(draft.name)
    before = offer.price_cents
    if before is not None and draft.price_cents > before:
        offer.reduced_at = None
    elif before is not None and draft.price_cents < before and draft.announce:
        offer.reduced_at = clock.now()
    offer.price_cents = draft.price_cents
    offer.status = draft.status
    offer.updated_at = clock.now()


def add(outlet_id: UUID, draft: OfferDraft, *, variant_of: UUID | None = None) -> Offer:
    """Add an offer to a shop. Refuses an unfit draft and a number that the shop uses already."""
    check(draft)
    taken = sa.select(Offer.id).where(Offer.outlet_id == outlet_id, Offer.sku == draft.sku)
    if session.scalar(taken):
        raise errors.sku_taken()
    offer = Offer(id=uuid7(), outlet_id=outlet_id, variant_of=variant_of)
    write(offer, draft)
    session.add(offer)
    session.flush()
    _count(offer.id, draft.on_hand)
    audit.record("offer.add", "offer", offer.id, sku=draft.sku, cents=draft.price_cents)
    return offer


def add_many(outlet_id: UUID, drafts: Iterable[OfferDraft]) -> list[Offer]:
    """Add many offers to one shop at once, as `add` would make them. Refuses all of them when one is unfit."""
    made = []
    for draft in drafts:
        check(draft)
        offer = Offer(id=uuid7(), outlet_id=outlet_id)
        write(offer, draft)
        made.append((offer, draft.on_hand))
    session.add_all([offer for offer, _on_hand in made])
    session.flush()
    session.add_all([Stock(offer_id=offer.id, on_hand=count, updated_at=clock.now()) for offer, count in made])
    session.flush()
    audit.record("offers.add", "outlet", outlet_id, count=len(made))
    return [offer for offer, _on_hand in made]


def change(offer_id: UUID, draft: OfferDraft, *, version: int) -> Offer:
    """Change an offer as somebody saw it in `version`. Refuses when somebody else was faster, and an unfit draft."""
    offer = lock_one(Offer, offer_id)
    if offer.version != version:
        raise errors.offer_changed()
    check(draft)
    taken = sa.select(Offer.id).where(Offer.outlet_id == offer.outlet_id, Offer.sku == draft.sku, Offer.id != offer_id)
    if session.scalar(taken):
        raise errors.sku_taken()
    before = offer.price_cents
    write(offer, draft)
    offer.version += 1
    session.flush()
    _count(offer_id, draft.on_hand)
    audit.record("offer.change", "offer", offer_id, before_cents=before, cents=offer.price_cents)
    return offer


def set_stock(offer_id: UUID, on_hand: int | None) -> None:
    """Record what is on the shelf now, 0 to 1,000,000 pieces; None: not counted."""
    lock_one(Offer, offer_id)
    if on_hand is not None and not 0 <= on_hand <= MAX_STOCK_PIECES:
        raise errors.stock_wrong()
    _count(offer_id, on_hand)
    audit.record("offer.stock", "offer", offer_id, on_hand=on_hand)


def hide(offer_id: UUID) -> None:
    """Take an offer off the marketplace. Orders that name it stay as they are."""
    offer = lock_one(Offer, offer_id)
    offer.status, offer.updated_at = OfferStatus.HIDDEN, clock.now()
    offer.version += 1
    audit.record("offer.hide", "offer", offer_id)


def publish(offer_id: UUID) -> None:
    """Show an offer again. Refuses (`OfferUnfit`) food without its particulars and clothes without their fibres."""
    offer = lock_one(Offer, offer_id)
    draft = make_draft(offer, None, status=OfferStatus.PUBLISHED)
    check(draft)
    offer.status, offer.updated_at = OfferStatus.PUBLISHED, clock.now()
    offer.version += 1
    audit.record("offer.publish", "offer", offer_id)


def make_draft(offer: Offer, on_hand: int | None, **changes: object) -> OfferDraft:
    """Make the draft that would write this offer as it is, with some changes."""
    names = set(OfferDraft.__dataclass_fields__) - {"on_hand", "announce"}
    values = {name: getattr(offer, name) for name in names}
    return OfferDraft(**(values | {"on_hand": on_hand} | changes))


def _count(offer_id: UUID, on_hand: int | None) -> None:
    """Write the count. The row is locked first: holds and orders lock it too."""
    rows = lock(Stock, [offer_id])
    row = rows[0] if rows else None
    if row is None:
        session.add(Stock(offer_id=offer_id, on_hand=on_hand, updated_at=clock.now()))
    elif row.on_hand != on_hand:
        row.on_hand, row.updated_at = on_hand, clock.now()
    session.flush()
