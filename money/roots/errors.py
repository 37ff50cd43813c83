"""What is refused of roots and exports: each code and its sentence once."""

from foundation.errors import Invalid
from foundation.languages import _


def days_not_finished() -> Invalid:
    """Some of the days have no root yet, or nothing was booked before them."""
    return Invalid(
        _("Für einen dieser Tage gibt es noch kein Siegel. Bitte wählen Sie abgeschlossene Tage."), "days_not_finished"
    )
