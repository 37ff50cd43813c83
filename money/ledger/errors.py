"""What the books refuse: each code and its sentence once."""

from foundation.errors import Invalid, Refused
from foundation.languages import _


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
