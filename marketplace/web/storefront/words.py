"""The words for ways to pay and to get something, and what holidays are called."""

from foundation.languages import _, current_language, lazy
from people.trades import TRADES

PAYMENT = {
    "voucher": lazy("Gutschein"),
    "card": lazy("Karte online"),
    "sepa": lazy("Lastschrift"),
    "pickup": lazy("bei Abholung"),
    "cash": lazy("bar im Laden"),
    "ec": lazy("Girocard im Laden"),
}
HANDOVER = {
    "shop": lazy("im Laden abholen"),
    "point": lazy("an einer Abholstelle abholen"),
    "delivery": lazy("liefern lassen"),
}
HOLIDAYS = {
    "Neujahr": lazy("Neujahr"),
    "Karfreitag": lazy("Karfreitag"),
    "Ostermontag": lazy("Ostermontag"),
    "Erster Mai": lazy("Erster Mai"),
    "Christi Himmelfahrt": lazy("Christi Himmelfahrt"),
    "Pfingstmontag": lazy("Pfingstmontag"),
    "Fronleichnam": lazy("Fronleichnam"),
    "Tag der Deutschen Einheit": lazy("Tag der Deutschen Einheit"),
    "Allerheiligen": lazy("Allerheiligen"),
    "Erster Weihnachtstag": lazy("Erster Weihnachtstag"),
    "Zweiter Weihnachtstag": lazy("Zweiter Weihnachtstag"),
}
SHOWN_ON_ARTWORK = frozenset(TRADES)
CATEGORY_ARTWORK = {"lebensmittel": "obst"}


def translate_holiday(german: str) -> str:
    """A holiday of North Rhine-Westphalia in the reader's language."""
    return str(HOLIDAYS.get(german, german))


def find_trade_artwork(trade: str) -> str:
    """Find the drawing of a trade; there is one for all that have none."""
    return trade if trade in SHOWN_ON_ARTWORK else "allerlei"


def find_category_artwork(slug: str) -> str:
    """Find the drawing of a category; some share one."""
    return CATEGORY_ARTWORK.get(slug, slug)


def capitalise(text: str) -> str:
    """Write a text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def join_words(kinds: tuple[str, ...], words: dict[str, object]) -> str:
    """ "Gutschein, Karte online oder bei Abholung", in the order of the table."""
    known = [str(word) for kind, word in words.items() if kind in kinds]
    if current_language() == "en":  # German nouns keep their capitals within a sentence, English ones do not
        known = [word[:1].lower() + word[1:] for word in known]
    if len(known) < 2:
        return "".join(known)
    return _("%(first)s oder %(last)s", first=", ".join(known[:-1]), last=known[-1])
