"""What adjustments refuse: each code with its sentence, once."""

from foundation.errors import Invalid, NotFound, Refused
from foundation.languages import _


def not_reducible() -> Refused:
    """What an employer loaded was wages: it is not pulled back."""
    return Refused(_("Guthaben vom Arbeitgeber lässt sich nicht zurückholen."), "not_reducible")


def lot_insufficient() -> Invalid:
    """The lot has less free value."""
    return Invalid(_("So viel ist auf diesem Anteil nicht frei."), "lot_insufficient", field="amount")


def reference_missing() -> Invalid:
    """The line of the bank statement that pays is not named."""
    sentence = _("Bitte nennen Sie den Zahlungseingang (4 bis 100 Zeichen).")
    return Invalid(sentence, "reference_missing", field="reference")


def incoming_payment_used() -> Refused:
    """Money pays for vouchers once."""
    return Refused(_("Gegen diesen Zahlungseingang wurde schon ausgegeben."), "incoming_payment_used")


def incoming_payment_waiting() -> Refused:
    """A proposal against the same money waits for a second person."""
    sentence = _("Zu diesem Zahlungseingang liegt schon ein Vorschlag vor.")
    return Refused(sentence, "incoming_payment_waiting")


def voucher_unknown() -> NotFound:
    """There is no such voucher."""
    return NotFound(_("Diesen Gutschein gibt es nicht."), "voucher_unknown")


def lot_unknown() -> NotFound:
    """The voucher has no such lot, or the lot moved to another voucher."""
    return NotFound(_("Diesen Anteil gibt es auf dem Gutschein nicht."), "lot_unknown")


def voucher_not_loadable() -> Refused:
    """A voucher that is blocked or over takes no value."""
    return Refused(_("Dieser Gutschein lässt sich nicht (mehr) aufladen."), "voucher_not_loadable")


def amount_outside_limits() -> Invalid:
    """The programme bounds what one voucher carries."""
    sentence = _("Dieser Betrag ist in diesem Programm nicht möglich.")
    return Invalid(sentence, "amount_outside_limits", field="amount")
