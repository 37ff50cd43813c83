"""Putting up a shop window and changing what it says."""

from collections.abc import Iterable
from uuid import UUID

from foundation import audit
from foundation.database import lock_one, session
from marketplace.shops import directory, errors
from marketplace.shops.models import Storefront
from marketplace.shops.states import HandoverKind, PaymentKind
from people.models import Outlet

MAX_STORY_CHARS = 4000


def save_storefront(
    outlet_id: UUID,
    *,
    payment_kinds: Iterable[str],
    handover_kinds: Iterable[str],
    story: str = "",
    imprint: str = "",
    published: bool = True,
) -> Storefront:
    """Give an outlet its shop window, or change the one it has. Refuses unknown kinds and endless stories."""
    lock_one(Outlet, outlet_id)
    pays, hands = sorted(set(payment_kinds)), sorted(set(handover_kinds))
    if not set(pays) <= set(PaymentKind) or not set(hands) <= set(HandoverKind):
        raise errors.storefront_kind_unknown()
    if len(story) > MAX_STORY_CHARS or len(imprint) > MAX_STORY_CHARS:
        raise errors.storefront_text_too_long()
    front = session.get(Storefront, outlet_id)
    if front is None:
        front = Storefront(outlet_id=outlet_id)
        session.add(front)
    front.payment_kinds, front.handover_kinds = pays, hands
    front.story, front.imprint, front.published = story, imprint, published
    session.flush()
    audit.record("storefront.save", "outlet", outlet_id, published=published)
    directory.clear_cache()
    return front


def unpublish_storefront(outlet_id: UUID) -> None:
    """Take a shop off the marketplace; its offers stay for the orders that name them."""
    front = session.get(Storefront, outlet_id)
    if front is None:
        raise errors.storefront_missing()
    front.published = False
    audit.record("storefront.unpublish", "outlet", outlet_id)
    directory.clear_cache()
