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
    """Say that the line of the bank statement that pays is not named."""
    sentence = _("Bitte nennen Sie den Zahlungseingang (4 bis 100 Zeichen).")
    return Invalid(sentence, "incoming_payment_missing", field="reference")


def incoming_payment_used() -> Refused:
    """Say that money pays for vouchers once."""
    return Refused(_("Gegen diesen Zahlungseingang wurde schon ausgegeben."), "incoming_payment_used")


def incoming_payment_waiting() -> Refused:
    """Say that a proposal against the same money waits for a second person."""
    sentence = _("Zu diesem Zahlungseingang liegt schon ein Vorschlag vor.")
    return Refused(sentence, "incoming_payment_waiting")
