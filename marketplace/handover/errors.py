"""What hand-over refuses: each code and its sentence once."""

from foundation.errors import Refused
from foundation.languages import _


def window_full(outlet_ids: list[str]) -> Refused:
    """Say that the windows of these shops have no place left; the basket stays."""
    return Refused(
        _("Diese Abholzeit ist gerade voll geworden. Bitte wählen Sie eine andere; Ihr Warenkorb bleibt, wie er ist."),
        "window_full",
        outlets=outlet_ids,
    )
