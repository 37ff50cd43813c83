"""What adjustments refuse: each code with its sentence, once."""

from foundation.errors import Invalid, Refused
from foundation.languages import _


def not_reducible() -> Refused:
    """Say that what an employer loaded was wages, which are not pulled back."""
    return Refused(_("Guthaben vom Arbeitgeber lässt sich nicht zurückholen."), "not_reducible")


def lot_insufficient() -> Invalid:
    """Say that the lot has less free value."""
    return Invalid(_("So viel ist auf diesem Anteil nicht frei."), "lot_insufficient", field="amount")


def incoming_payment_missing() -> Invalid:
    """Say that no receipt of the bank is named that pays."""
    return Invalid(_("Bitte wählen Sie den Zahlungseingang."), "incoming_payment_missing", field="receipt")
