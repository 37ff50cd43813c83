"""Where a shop's own category belongs on our shelves."""

import re

from marketplace.catalogue.categories import load_categories
from marketplace.catalogue.drafts import fold

# Words as they begin in German and English category names, folded; the first shelf with a match wins.
WORDS = {
    "baby": "baby babies kinderwagen",
    "brot": "brot backwaren brotchen kuchen bread bakery",
    "fleisch": "fleisch wurst schinken meat sausage",
    "milch": "milch kase joghurt eier dairy cheese",
    "obst": "obst gemuse fruit vegetable",
    "nudeln": "nudel pasta reis musli cerealien noodles",
    "getraenke": "getrank getraenk saft wein bier wasser kaffee tee drinks beverage",
    "suesses": "suss sues schokolade bonbon keks pralinen chips snack sweets",
    "konserven": "konserve suppe fertiggericht canned",
    "gewuerze": "gewurz ol essig sosse sauce honig spice",
    "drogerie": "drogerie pflege kosmetik seife shampoo beauty care",
    "kleidung": "kleid mode schuh hemd hose shirt tshirt hoodie clothing accessoire accessories apparel shoes wear",
    "buecher": "buch buecher papier schreib book stationery",
    "musik": "musik music schallplatte instrument",
    "spielzeug": "spiel toy",
    "blumen": "blume garten pflanze flower plant",
    "tiere": "tier hund katze pet",
    "dienstleistung": "dienst service beratung reparatur donation",
    "haushalt": "haushalt kuche wohnen deko geschirr home kitchen",
    "lebensmittel": "lebensmittel food feinkost",
}


def find_shelf(text: str) -> str | None:
    """Find our category for "Clothing > Tshirts, Sale": by our own name first, then by its words."""
    own = {fold(shelf.name): shelf.slug for shelf in load_categories().values()} | {s: s for s in load_categories()}
    paths = [[fold(part.strip()) for part in path.split(">")] for path in text.split(",")]
    for path in paths:
        for part in reversed(path):
            if part in own:
                return own[part]
    parts = [word for path in paths for part in reversed(path) for word in re.findall(r"[a-z]+", part)]
    for part in parts:
        for slug, words in WORDS.items():
            if part.startswith(tuple(words.split())):
                return slug
    return None
