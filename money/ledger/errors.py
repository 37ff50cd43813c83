"""What the books refuse: each code and its sentence once."""

from foundation.errors import Invalid, Refused
from foundation.languages import _


def reference_missing() -> Invalid:
    """Ask for the reference of the transfer of own funds."""
    sentence = _("Bitte geben Sie den Verwendungszweck der Überweisung an, höchstens 200 Zeichen.")
    return Invalid(sentence, "reference_missing", field="reference")


def reference_used() -> Refused:
    """Say that another amount was booked under a reference."""
    return Refused(_("Unter diesem Verwendungszweck ist schon ein anderer Betrag gebucht."), "reference_used")


def mark_unknown() -> Invalid:
    """Say that no page of a list gave this mark."""
    return Invalid(_("Diese Seite der Liste gibt es nicht."), "mark_unknown", field="after")


def period_not_next() -> Refused:
    """Say that only the first open month can be closed, two days after its end."""
    return Refused(_("Abgeschlossen wird ein Monat nach dem anderen, zwei Tage nach seinem Ende."), "period_not_next")


def books_not_proven() -> Refused:
    """Say that books whose last proof or chain found something, or was never made, are not closed."""
    sentence = _("Beweis oder Siegelkette sind nicht in Ordnung. Bitte klären Sie das, bevor Sie abschließen.")
    return Refused(sentence, "books_not_proven")
