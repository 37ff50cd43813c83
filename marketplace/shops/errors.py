"""What shops and their windows refuse: each code and its sentence once."""

from foundation.errors import Invalid, NotFound
from foundation.languages import _


def shop_unknown() -> NotFound:
    """Say that no published shop window has this address."""
    return NotFound(
        _("Dieses Geschäft gibt es hier nicht (mehr). Alle Läden finden Sie unter „Läden“."), "shop_unknown"
    )


def storefront_kind_unknown() -> Invalid:
    """Say that there is no such way to pay or to hand over."""
    return Invalid(_("Diese Art der Bezahlung oder Übergabe gibt es nicht."), "storefront_kind_unknown")


def storefront_text_too_long() -> Invalid:
    """Say how long story and imprint may be."""
    return Invalid(_("Der Text ist zu lang. Erlaubt sind 4.000 Zeichen."), "storefront_text_too_long")


def storefront_missing() -> NotFound:
    """Say that the outlet has no shop window."""
    return NotFound(_("Dieses Geschäft hat kein Schaufenster."), "storefront_missing")
