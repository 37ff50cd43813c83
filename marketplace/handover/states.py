"""What a pick-up point is."""

from enum import StrEnum


class PointKind(StrEnum):
    """What kind of house a pick-up point is."""

    SHOP = "shop"  # a shop, during its opening hours
    ASSOCIATION = "association"  # a library club, a village hall
    PARTNER = "partner"  # a business that is no shop of ours
