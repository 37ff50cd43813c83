"""What the categories of the marketplace are called. Their German names are rows, for they come with the migrations;
here they stand once more as texts, so that every language has its own.
"""

from foundation.languages import lazy

CATEGORIES = {
    "allerlei": lazy("Allerlei"),
    "baby": lazy("Für Kinder und Babys"),
    "blumen": lazy("Blumen und Garten"),
    "brot": lazy("Brot und Backwaren"),
    "buecher": lazy("Bücher und Papier"),
    "dienstleistung": lazy("Dienstleistungen"),
    "drogerie": lazy("Drogerie und Pflege"),
    "fleisch": lazy("Fleisch und Wurst"),
    "getraenke": lazy("Getränke"),
    "gewuerze": lazy("Gewürze, Öle und Soßen"),
    "haushalt": lazy("Haushalt"),
    "kleidung": lazy("Kleidung und Schuhe"),
    "konserven": lazy("Konserven und Suppen"),
    "lebensmittel": lazy("Lebensmittel"),
    "milch": lazy("Milch, Käse und Eier"),
    "musik": lazy("Musik"),
    "nudeln": lazy("Nudeln, Reis und Müsli"),
    "obst": lazy("Obst und Gemüse"),
    "spielzeug": lazy("Spielzeug"),
    "suesses": lazy("Süßes und Salziges"),
    "tiere": lazy("Für Tiere"),
}


def translate_category(slug: str, name: str) -> str:
    """Name the category as the reader's language calls it; `name`, its row's own, when it is not known here."""
    return str(CATEGORIES.get(slug, name))
