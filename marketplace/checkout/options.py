"""Where and when the goods of a basket can be collected. Decision 0503."""

from collections.abc import Sequence
from uuid import UUID

from marketplace.cart.queries import Bag
from marketplace.handover import places, windows
from marketplace.handover.models import HandoverWindow
from marketplace.handover.places import HandoverPlace
from marketplace.handover.windows import Window
from marketplace.shops.states import HandoverKind

Options = list[tuple[HandoverPlace, list[Window]]]  # where one shop's goods can be collected, and when


def list_options(checkout_id: UUID, bag: Bag) -> Options:
    """List where and when one shop's goods can be collected."""
    return list_all_options(checkout_id, [bag])[0]


def list_all_options(checkout_id: UUID, bags: Sequence[Bag]) -> list[Options]:
    """List the same for each shop, with one question for all points and one for all windows."""
    at_points = any(HandoverKind.POINT in bag.storefront.handover_kinds for bag in bags)
    points = places.list_active_points() if at_points else []
    found = [
        places.list_places(bag.outlet, bag.storage_classes, goods_only=bag.goods_only, points=points) for bag in bags
    ]
    free = iter(windows.list_windows_at([place for shop in found for place in shop], besides=checkout_id))
    return [[(place, next(free)) for place in shop] for shop in found]


def find_place(bag: Bag, window: HandoverWindow | None) -> HandoverPlace | None:
    """Find the place of a chosen window, if it still takes these goods."""
    if window is None:
        return None
    points = places.list_active_points() if window.point_id else []
    found = places.list_places(bag.outlet, bag.storage_classes, goods_only=bag.goods_only, points=points)
    return next((place for place in found if place.id == (window.point_id or window.outlet_id)), None)
