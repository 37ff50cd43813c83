"""What pages of the marketplace refuse before a room is asked: each code and its sentence once."""

from collections.abc import Mapping
from typing import Any

from foundation.errors import Invalid, NotAllowed, NotFound
from foundation.languages import _


def no_storefront_of_yours() -> NotAllowed:
    """Say that none of the person's shops is on the marketplace."""
    return NotAllowed(_("Keines Ihrer Geschäfte hat ein Schaufenster auf dem Marktplatz."), "no_storefront_of_yours")


def shop_offers_nothing() -> NotFound:
    """Say that the shop of this offer is not on the marketplace now."""
    return NotFound(
        _("Der Laden bietet hier zurzeit nichts an. Die Suche oben findet Ähnliches."), "shop_offers_nothing"
    )


def form_not_valid(faults: Mapping[str, Any]) -> Invalid:
    """Say the first of a form's faults (marshmallow's normalized messages: field -> sentences)."""
    name, found = next(iter(faults.items()))
    sentence = found[0] if isinstance(found, list) else _("Bitte prüfen Sie Ihre Angaben.")
    return Invalid(sentence, "form_not_valid", field=name)
