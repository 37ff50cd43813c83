"""What support refuses: each code with its sentence, once."""

from foundation.errors import Invalid, NotFound
from foundation.languages import _


def code_not_wanted() -> Invalid:
    """Say that support needs no code, and none shall stand in a record of lookups."""
    sentence = _("Bitte nie den Code eingeben. Es genügen Bestellnummer, E-Mail-Adresse oder die letzten vier Zeichen.")
    return Invalid(sentence, "code_not_wanted", field="asked")


def search_too_short() -> Invalid:
    """Say that fewer than four characters fit too many vouchers."""
    return Invalid(_("Bitte geben Sie mindestens vier Zeichen ein."), "search_too_short", field="asked")


def purpose_missing() -> Invalid:
    """Say that who looks says why."""
    sentence = _("Bitte schreiben Sie, wozu Sie nachsehen (3 bis 200 Zeichen).")
    return Invalid(sentence, "purpose_missing", field="purpose")


def lookup_over() -> NotFound:
    """Say that the lookup is too old, another person's, or opened nothing."""
    return NotFound(_("Bitte suchen Sie den Gutschein noch einmal."), "lookup_over")
