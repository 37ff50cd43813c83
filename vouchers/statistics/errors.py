"""What the figures refuse: each code and its sentence once."""

from foundation.errors import Invalid
from foundation.languages import _


def days_not_valid() -> Invalid:
    """Say that a period has no valid days."""
    return Invalid(_("Bitte wählen Sie gültige Tage."), "days_not_valid", field="since")


def period_out_of_range() -> Invalid:
    """Say that a period ends after it begins, and spans at most three years."""
    sentence = _("Der Zeitraum muss mit dem früheren Tag beginnen und höchstens drei Jahre lang sein.")
    return Invalid(sentence, "period_out_of_range", field="since")
