"""Allergens in lists of ingredients: between underscores in the data, bold on the page, named in a statement (LMIV)."""

import re

ALLERGEN_MARK = re.compile(r"_([^_\n]{1,80})_")
NONE = "Keine"
# Annex II of Regulation (EU) 1169/2011, as the words begin in German lists of ingredients.
WORDS = re.compile(
    r"(?<![\w_])((?:\w*(?:weizen|roggen|gersten?|hafer|dinkel|sahne|joghurt|molken?|laktose|käse|butter|sellerie|"
    r"sesam|senf|lupinen?|erdnuss|erdnüsse|haselnuss|haselnüsse|walnuss|walnüsse|cashews?|cashewkerne|pistazien?|"
    r"mandeln?|pecannüsse|macadamia|krebs|garnelen?|muscheln?|lachs|thunfisch|hering|fisch|soja|volleipulver|"
    r"eigelb|eiweiß|hühnerei)\w*)|(?:\w*milch\w*)|(?:vollei\w*|ei|eier))(?![\w_])",
    re.IGNORECASE,
)
NOT_MEANT = re.compile(r"kakaobutter|kokosmilch|milchsäure|sheabutter|muskatnuss", re.IGNORECASE)


def split_ingredients(ingredients: str) -> list[tuple[str, bool]]:
    """Cut the list into (text, is an allergen), without its underscores."""
    cut = ALLERGEN_MARK.split(ingredients)
    return [(text.replace("_", ""), place % 2 == 1) for place, text in enumerate(cut) if text]


def list_allergens(ingredients: str) -> str | None:
    """Name the allergens in words, each once, in the order of the list. Nothing when none is marked."""
    named = {text.strip().lower(): text.strip() for text, allergen in split_ingredients(ingredients) if allergen}
    return ", ".join(named.values()) or None


def mark_allergens(ingredients: str) -> str:
    """Put underscores round the allergens that are plain to see. Never a proof that there are no others."""

    def underline(found: re.Match[str]) -> str:
        return found[0] if NOT_MEANT.search(found[0]) else f"_{found[0]}_"

    outside = ALLERGEN_MARK.split(ingredients)
    return "".join(f"_{text}_" if place % 2 else WORDS.sub(underline, text) for place, text in enumerate(outside))
