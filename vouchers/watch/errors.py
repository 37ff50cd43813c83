"""What the watch refuses: each code with its sentence, once."""

from foundation.errors import Invalid, NotAllowed
from foundation.languages import _


def finding_missing() -> Invalid:
    """Say that who decides writes down why."""
    sentence = _("Bitte schreiben Sie dazu, was Sie festgestellt haben (3 bis 500 Zeichen).")
    return Invalid(sentence, "finding_missing", field="note")


def own_shop() -> NotAllowed:
    """Say that nobody decides about the shop where they work."""
    return NotAllowed(_("Über das eigene Geschäft entscheidet jemand anderes."), "own_shop")
