"""What pages of the office refuse before a room is asked: each code and its sentence once."""

from foundation.errors import Invalid
from foundation.languages import _


def counter_not_chosen() -> Invalid:
    """Ask for one of the issuer's counters."""
    return Invalid(_("Bitte wählen Sie eine Verkaufsstelle."), "counter_not_chosen", field="counter")
