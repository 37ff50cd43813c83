"""What pages of the marketplace refuse before a room is asked: each code and its sentence once."""

from foundation.errors import NotAllowed, NotFound
from foundation.languages import _


def outlet_not_yours() -> NotFound:
    """Say that the place of business is not one of the visitor's; it does not exist for them."""
    return NotFound(_("Dieses Geschäft gehört nicht zu Ihrem Zugang."), "outlet_of_others")


def no_storefront_of_yours() -> NotAllowed:
    """Say that none of the person's shops is on the marketplace."""
    return NotAllowed(_("Keines Ihrer Geschäfte hat ein Schaufenster auf dem Marktplatz."), "no_storefront_of_yours")


def shop_offers_nothing() -> NotFound:
    """Say that the shop of this offer is not on the marketplace now."""
    return NotFound(
        _("Der Laden bietet hier zurzeit nichts an. Die Suche oben findet Ähnliches."), "shop_offers_nothing"
    )
