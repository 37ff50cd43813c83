"""What practice refuses: each code and its sentence once."""

from foundation.errors import NotFound, Refused
from foundation.languages import _


def too_many_practice_vouchers() -> Refused:
    """Say how many vouchers to practise with a retailer can have."""
    sentence = _("Mehr als 200 Übungsgutscheine sind nicht möglich. Bitte löschen Sie zuerst die alten.")
    return Refused(sentence, "too_many_practice_vouchers")


def practice_key_unknown() -> NotFound:
    """Say that there is no such practice key, or that it is another shop's."""
    return NotFound(_("Diesen Schlüssel gibt es nicht."), "practice_key_unknown")
