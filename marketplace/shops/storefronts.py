"""Putting up a shop window and changing what it says."""

from collections.abc import Iterable
from uuid import UUID

from foundation import audit
from foundation.database import lock_one, session
from foundation.errors import Invalid, NotFound
from foundation.languages import _
from marketplace.shops import directory
from marketplace.shops.models import HANDOVER_KINDS, PAYMENT_KINDS, Storefront
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
    if not set(pays) <= set(PAYMENT_KINDS) or not set(hands) <= set(HANDOVER_KINDS):
        raise Invalid(_("Diese Art der Bezahlung oder Übergabe gibt es nicht."), "kind_unknown")
    if len(story) > MAX_STORY_CHARS or len(imprint) > MAX_STORY_CHARS:
        raise Invalid(_("Der Text ist zu lang. Erlaubt sind 4.000 Zeichen."), "text_too_long")
    window = session.get(Storefront, outlet_id)
    if window is None:
        window = Storefront(outlet_id=outlet_id)
        session.add(window)
    window.payment_kinds, window.handover_kinds = pays, hands
    window.story, window.imprint, window.published = story, imprint, published
    session.flush()
    audit.record("window.put_up", "outlet", outlet_id, published=published)
    directory.clear_cache()
    return window


def unpublish_storefront(outlet_id: UUID) -> None:
    """Take a shop off the marketplace; its offers stay for the orders that name them."""
    window = session.get(Storefront, outlet_id)
    if window is None:
        raise NotFound(_("Dieses Geschäft hat kein Schaufenster."))
    window.published = False
    audit.record("window.take_down", "outlet", outlet_id)
    directory.clear_cache()
