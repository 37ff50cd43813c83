"""What the watch refuses: each code with its sentence, once."""

from foundation.errors import Invalid, NotAllowed, NotFound, Refused
from foundation.languages import _


def note_missing() -> Invalid:
    """Who decides writes down why."""
    sentence = _("Bitte schreiben Sie dazu, was Sie festgestellt haben (3 bis 500 Zeichen).")
    return Invalid(sentence, "note_missing", field="note")


def case_unknown() -> NotFound:
    """There is no such case or hold, or it does not concern the person."""
    return NotFound(_("Das gibt es nicht (mehr)."))


def already_decided() -> Refused:
    """Somebody decided before."""
    return Refused(_("Darüber ist schon entschieden."), "already_decided")


def own_shop() -> NotAllowed:
    """Nobody decides about the shop where they work."""
    return NotAllowed(_("Über das eigene Geschäft entscheidet jemand anderes."), "own_shop")
