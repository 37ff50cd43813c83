"""What pages of the desk refuse before a room is asked: each code and its sentence once."""

from foundation.errors import Invalid
from foundation.languages import _


def outlet_not_chosen() -> Invalid:
    """Ask for one of the person's places of business."""
    return Invalid(_("Bitte wählen Sie ein Geschäft."), "outlet_not_chosen")
