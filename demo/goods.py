"""What the invented shops sell: real packaged goods with invented prices, and invented assortments."""

import csv
import hashlib
import json
import re
from dataclasses import dataclass
from functools import lru_cache
from html import unescape
from pathlib import Path
from typing import Any

from marketplace.catalogue import allergens
from marketplace.catalogue.drafts import OfferDraft, is_valid_gtin

DATA = Path(__file__).resolve().parent / "data"
CONTENT = re.compile(r"(?<![\d,.])(\d{1,4}(?:[.,]\d{1,3})?)\s?(kg|g|gr|ml|cl|l)\b", re.IGNORECASE)
FACTORS = {"kg": (1000, "g"), "g": (1, "g"), "gr": (1, "g"), "ml": (1, "ml"), "cl": (10, "ml"), "l": (1000, "ml")}
STRONG = re.compile(r"\bkorn\b|wodka|whisk|\brum\b|\bgin\b|likör|branntwein|schnaps", re.IGNORECASE)
MILD = re.compile(r"bier\b|biermix|pils|radler|\b(?:rot|weiß|glüh)?wein\b|sekt|prosecco|kölsch|\balt\b", re.IGNORECASE)
DRY = re.compile(r"alkoholfrei|malz|fassbrause", re.IGNORECASE)


@dataclass(frozen=True)
class DemoShelf:
    """Where a kind of goods stands: words that lead there, prices in cents, the usual content, how it is kept."""

    category: str
    words: re.Pattern[str]
    cheapest: int
    dearest: int
    content: int
    unit: str
    vat: int = 700
    storage: str = "ambient"


def _shelf(category: str, words: str, *numbers: Any, **more: Any) -> DemoShelf:
    return DemoShelf(category, re.compile(words, re.IGNORECASE), *numbers, **more)


# The first that fits wins: tea before water, cocoa drinks before milk.
SHELVES = (
    _shelf("tee", r"tee\b|tees\b|kaffee|espresso|cappuccino|kakao\b|rooibos", 199, 749, 100, "g"),
    _shelf("tiere", r"katze|hund|kaninchen, rind|schlemmertöpf|dreamies", 79, 399, 400, "g", vat=700),
    _shelf(
        "milch",
        r"käse|joghurt|jogurt|quark|butter\b|sahne|milch(?!schnitte|schoko)|skyr|kefir|eier\b|gouda|mozzarella|"
        r"pudding|frischk|emmentaler|feta|molke",
        79,
        399,
        250,
        "g",
        storage="cool",
    ),
    _shelf(
        "getraenke",
        r"saft|wasser|limo|cola|bier\b|biermix|pils|schorle|nektar|smoothie|drink|\b(?:rot|weiß|glüh)?wein\b|sekt|radler|malztrunk",
        99,
        349,
        750,
        "ml",
        vat=1900,
    ),
    _shelf(
        "fleisch",
        r"wurst|schinken|salami|würst|wiener|hähnchen|geflügel|mett|frikadelle|lyoner|bockw|speck|nürnberger|"
        r"fleisch|schnitzel|bacon|lachs|thunfisch|hering|fisch|garnele|anchov|matjes",
        149,
        649,
        200,
        "g",
        storage="cool",
    ),
    _shelf(
        "brot",
        r"brot(?!aufstrich)|brötchen|toast|kuchen|zwieback|knäcke|croissant|baguette|stollen|brezel|waffel|"
        r"hefezopf|fladen|semmel|laugen",
        119,
        449,
        500,
        "g",
    ),
    _shelf(
        "suesses",
        r"schoko|keks|bonbon|gummi|marzipan|praline|riegel|chips|nuss|nüsse|kerne|mandel|lebkuchen|eis\b|honig|"
        r"konfitüre|marmelade|gelee|lakritz|karamell|aufstrich|toffee|dragee|erdnüsse|cracker|sticks|popcorn|dragon",
        89,
        499,
        200,
        "g",
    ),
    _shelf(
        "nudeln",
        r"nudel|pasta|spaghetti|penne|reis\b|müsli|flocken|mehl|gries|grieß|spätzle|couscous|bulgur|hafer|"
        r"cornflakes|haferfl|tortel|gnocchi|quinoa|linsen|granola|porridge",
        89,
        449,
        500,
        "g",
    ),
    _shelf(
        "konserven",
        r"suppe|eintopf|dose|gewürzgurken|gurken|ravioli|bohnen|erbsen|mais\b|sauerkraut|tomaten|oliven|"
        r"rotkohl|apfelmus|kompott|brei|pizza|fertig|lasagne|rösti|klöße|knödel|pilze|champignon",
        99,
        399,
        400,
        "g",
    ),
    _shelf(
        "gewuerze",
        r"öl\b|essig|senf|ketchup|mayo|soße|sauce|dressing|gewürz|pfeffer|salz|zucker|curry|paprika|pesto|"
        r"dip\b|remoulade|bärlauch|basilikum|oregano|backpulver|vanillin|süßstoff|süßungs|stevia|brühe|kräuter",
        79,
        449,
        250,
        "g",
    ),
    _shelf(
        "obst",
        r"apfel|banane|beere|mango|ananas|datteln|rosinen|feigen|cranberr|kirsche|obst|gemüse|salat|möhren|"
        r"kartoffel|zwiebel|spinat|brokkoli|kürbis|früchte",
        119,
        449,
        500,
        "g",
    ),
)
FALLBACK = _shelf("konserven", r".", 129, 399, 300, "g")


def _number(text: str, least: int, most: int) -> int:
    """A number between two others that is always the same for the same text."""
    return least + int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]) % (most - least + 1)


def _price(text: str, least: int, most: int) -> int:
    return _number(text, least, most) // 10 * 10 + 9


@dataclass(frozen=True)
class Good:
    """A real packaged product on its shelf."""

    gtin: str
    name: str
    ingredients: str
    shelf: DemoShelf


@lru_cache(maxsize=1)
def packaged() -> list[Good]:
    """The packaged goods that may be shown: a valid GTIN, a readable name, ingredients."""
    found, seen = [], set()
    with (DATA / "products_gtin.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            name = " ".join(unescape(row["name"]).split())
            fit = is_valid_gtin(row["gtin"]) and 4 <= len(name) <= 80 and len(row["ingredients"]) > 4
            if not fit or name.lower() in seen or not any(c.isalpha() for c in name):
                continue
            seen.add(name.lower())
            shelf = next((s for s in SHELVES if s.words.search(name)), FALLBACK)
            found.append(Good(row["gtin"], name, " ".join(unescape(row["ingredients"]).split())[:3000], shelf))
    return found


def _on_shelf(wanted: str) -> list[Good]:
    if wanted == "bio":
        return [g for g in packaged() if re.search(r"\bbio", g.name, re.IGNORECASE) or "*" in g.ingredients]
    return [g for g in packaged() if g.shelf.category == wanted]


def _content(good: Good) -> tuple[int, str]:
    if named := CONTENT.search(good.name):
        factor, unit = FACTORS[named[2].lower()]
        amount = round(float(named[1].replace(",", ".")) * factor)
        if 5 <= amount <= 5000:
            return amount, unit
    step = _number(good.gtin + "c", 0, 4)
    return good.shelf.content * (2 + step) // 4, good.shelf.unit


def _age(name: str, category: str) -> int | None:
    """From what age a drink may be sold (§ 9 JuSchG)."""
    if category != "getraenke" or DRY.search(name):
        return None
    return 18 if STRONG.search(name) else 16 if MILD.search(name) else None


def _packaged_draft(good: Good, shop: str) -> OfferDraft:
    marked = allergens.mark_allergens(good.ingredients)
    amount, unit = _content(good)
    category = "getraenke" if good.shelf.category == "tee" else good.shelf.category
    return OfferDraft(
        sku=good.gtin,
        gtin=good.gtin,
        name=good.name,
        price_cents=_price(good.gtin + shop[:3], good.shelf.cheapest, good.shelf.dearest),
        category_slug=category,
        ingredients=marked,
        allergens=allergens.list_allergens(marked) or allergens.NONE,
        vat_rate_bp=good.shelf.vat,
        content_amount=amount,
        content_unit=unit,
        deposit_cents=25 if category == "getraenke" and good.shelf.unit == "ml" and amount <= 1500 else 0,
        storage_class=good.shelf.storage,
        age_limit=_age(good.name, category),
        on_hand=_number(good.gtin + shop, 2, 40),
    )


def _invented_draft(line: str, shop: str) -> OfferDraft:
    """`name|cents|category|content|ingredients or fibres|fibres|age`; what is empty is left out."""
    parts = [*line.split("|"), "", "", "", "", ""][:7]
    name, cents, category, content, ingredients, fibres, age = parts
    service = category == "dienstleistung"
    amount, unit = content.split(" ") if content else (None, None)
    food = category in {"brot", "milch", "obst", "suesses", "getraenke", "gewuerze", "fleisch"}
    number = hashlib.sha256(name.encode()).hexdigest()[:6].upper()
    return OfferDraft(
        sku=f"{shop[:3].upper()}-{number}",
        name=name,
        price_cents=int(cents),
        category_slug=category,
        description="" if not service else "Bitte rufen Sie an oder kommen Sie vorbei, um einen Termin zu machen.",
        ingredients=ingredients or None if food else None,
        allergens=(allergens.list_allergens(ingredients) or allergens.NONE) if food else None,
        fibres=(fibres or ingredients or None) if category == "kleidung" else None,
        kind="service" if service else "goods",
        vat_rate_bp=700 if (food and category != "getraenke") or category == "buecher" else 1900,
        content_amount=int(amount) if amount else None,
        content_unit={"g": "g", "ml": "ml", "Stück": "piece"}[unit] if unit else None,
        storage_class="cool" if category in {"milch", "fleisch"} else "ambient",
        age_limit=int(age) if age else None,
        on_hand=None if service else _number(name + shop, 1, 12),
    )


@lru_cache(maxsize=1)
def _assortments() -> dict[str, list[str]]:
    found: dict[str, list[str]] = json.loads((DATA / "assortments.json").read_text(encoding="utf-8"))
    return found


def drafts(slug: str, kinds: list[str], count: int) -> list[OfferDraft]:
    """What a shop sells, at most `count`: invented assortments whole, packaged goods in turn from each shelf."""
    invented = [_invented_draft(line, slug) for kind in kinds for line in _assortments().get(kind, [])]
    shelves = [sorted(_on_shelf(k), key=lambda g: _number(g.gtin + slug, 0, 10**6)) for k in kinds]
    taken = {d.sku: d for d in invented}
    place = 0
    while len(taken) < count and any(place < len(shelf) for shelf in shelves):
        for shelf in shelves:
            if place < len(shelf) and len(taken) < count:
                taken.setdefault(shelf[place].gtin, _packaged_draft(shelf[place], slug))
        place += 1
    return list(taken.values())
