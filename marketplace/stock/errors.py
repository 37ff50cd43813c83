"""What the stock refuses: each code and its sentence once."""

from collections.abc import Mapping
from uuid import UUID

from foundation.errors import Refused
from foundation.languages import _


def stock_short(left: Mapping[UUID, int]) -> Refused:
    """Say that there are fewer pieces than wanted; `left` by offer goes into the details."""
    return Refused(
        _("Etwas aus Ihrem Warenkorb ist inzwischen nicht mehr in dieser Menge da. Der Rest bleibt liegen."),
        "stock_short",
        left={str(offer_id): count for offer_id, count in left.items()},
    )
