"""What the catalogue and the import of lists refuse: each code and its sentence once.

What is wrong with a field of a draft is a sentence in `drafts`, for several can be wrong at once.
"""

from collections.abc import Mapping

from foundation.errors import Invalid, NotFound, Refused
from foundation.languages import _


class OfferUnfit(Invalid):
    """A draft with faults: `faults` says field -> sentence."""

    def __init__(self, found: Mapping[str, str]) -> None:
        super().__init__(next(iter(found.values())), "offer_unfit", faults=dict(found))
        self.faults = dict(found)


def sku_taken() -> OfferUnfit:
    """Say that the shop uses this number for another offer."""
    return OfferUnfit({"sku": _("Diese Artikelnummer verwenden Sie schon für ein anderes Angebot.")})


def offer_changed() -> Refused:
    """Say that somebody else changed the offer since it was shown."""
    return Refused(_("Dieses Angebot wurde inzwischen geändert. Bitte prüfen Sie die neuen Angaben."), "offer_changed")


def stock_wrong() -> Invalid:
    """Say what a count can be."""
    return Invalid(stock_sentence(), "stock_wrong", field="on_hand")


def stock_not_whole() -> Invalid:
    """Ask for a whole number, or nothing."""
    return Invalid(count_sentence(), "stock_not_whole", field="on_hand")


def stock_sentence() -> str:
    """Write what a count can be."""
    return _("Der Bestand muss eine ganze Zahl von 0 bis 1.000.000 sein.")


def count_sentence() -> str:
    """Write how a count is typed."""
    return _("Bitte eine ganze Zahl, oder nichts, wenn nicht gezählt wird.")


def offer_not_shown() -> NotFound:
    """Say that the offer is not published, or never was there."""
    return NotFound(_("Dieses Angebot gibt es nicht (mehr). Die Suche oben findet Ähnliches."), "offer_not_shown")


def offer_unknown_in_shop() -> NotFound:
    """Say that this shop has no such offer: others' offers do not exist for it."""
    return NotFound(_("Dieses Angebot gibt es in Ihrem Geschäft nicht."), "offer_unknown_in_shop")


def upload_unknown() -> NotFound:
    """Say that this shop has uploaded no such file."""
    return NotFound(_("Diesen Import gibt es nicht. Bitte laden Sie die Datei noch einmal hoch."), "upload_unknown")


def lines_wrong(lines: list[int]) -> Refused:
    """Say that nothing was taken over because of these lines."""
    return Refused(_("Die Datei hat fehlerhafte Zeilen. Es wurde nichts übernommen."), "lines_wrong", lines=lines)


def file_too_large() -> Invalid:
    """Say how large a list may be."""
    return Invalid(_("Die Datei ist zu groß. Erlaubt sind höchstens 2 Megabyte."), "file_too_large")


def header_missing() -> Invalid:
    """Ask for the names of the columns in the first line."""
    return Invalid(
        _("Die erste Zeile muss die Namen der Spalten enthalten, getrennt durch Komma oder Semikolon."),
        "header_missing",
    )


def too_many_rows() -> Invalid:
    """Say how many rows a list may have."""
    return Invalid(_("Die Datei hat mehr als 5.000 Zeilen. Bitte teilen Sie sie auf."), "too_many_rows")
