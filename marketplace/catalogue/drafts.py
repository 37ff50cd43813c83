"""What an offer is to become, checked before it is written. The desk's form and the import make the same draft.

Decision 0404.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any

from foundation.languages import _
from marketplace.catalogue.errors import stock_sentence
from marketplace.catalogue.models import Category
from marketplace.catalogue.states import (
    AGE_LIMITS_YEARS,
    VAT_RATES_BP,
    ContentUnit,
    OfferKind,
    OfferStatus,
    StorageClass,
)
from money.amount import euro

MAX_NAME_CHARS = 150
MAX_TEXT_CHARS = 8000
MAX_NOTE_CHARS = 500
MAX_PRICE_CENTS = 25_000_00
MAX_DEPOSIT_CENTS = 500_00
MAX_CONTENT_AMOUNT = 10_000_000
MAX_STOCK_PIECES = 1_000_000
SKU = re.compile(r"[\w./+#-][\w./+# -]{0,63}")
SHARP = str.maketrans({"ß": "ss", "ẞ": "SS", "æ": "ae", "ø": "o", "œ": "oe"})
UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


@dataclass(frozen=True, kw_only=True)
class OfferDraft:
    """All that a shop says about an offer. `on_hand` None: not counted. `announce`: show a lower price as reduced."""

    sku: str
    name: str
    price_cents: int
    category_slug: str
    description: str = ""
    gtin: str | None = None
    ingredients: str | None = None
    allergens: str | None = None
    fibres: str | None = None
    manufacturer: str | None = None
    kind: str = OfferKind.GOODS
    vat_rate_bp: int = 1900
    content_amount: int | None = None
    content_unit: str | None = None
    deposit_cents: int = 0
    storage_class: str = StorageClass.AMBIENT
    age_limit: int | None = None
    status: str = OfferStatus.PUBLISHED
    attributes: dict[str, Any] = field(default_factory=dict)
    has_variants: bool = False
    on_hand: int | None = None
    announce: bool = False


def fold(text: str) -> str:
    """Fold a text to lower case without accents, as the words of the catalogue are kept: "Müsli" -> "musli"."""
    plain = unicodedata.normalize("NFKD", text.translate(SHARP))
    return "".join(c for c in plain if not unicodedata.combining(c)).lower()


def make_slug(name: str) -> str:
    """Write a name for an address: "Bio-Müsli 500 g" -> "bio-muesli-500-g"."""
    spelled = fold(name.lower().translate(UMLAUTS))
    return re.sub(r"[^a-z0-9]+", "-", spelled).strip("-")[:80] or "angebot"


def is_valid_gtin(gtin: str) -> bool:
    """Say whether it is a GTIN-8, -12, -13 or -14 whose check digit is right."""
    if not re.fullmatch(r"\d{8}|\d{12,14}", gtin):
        return False
    weighted = sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(reversed(gtin[:-1])))
    return (weighted + int(gtin[-1])) % 10 == 0


def find_faults(draft: OfferDraft, category: Category | None) -> dict[str, str]:
    """Find what cannot be right about a draft: field -> sentence. Empty when it may be written, if hidden."""
    found: dict[str, str] = {}
    if not SKU.fullmatch(draft.sku):
        found["sku"] = _("Die Artikelnummer fehlt oder enthält Zeichen, die nicht gehen (höchstens 64).")
    if not draft.name.strip() or len(draft.name) > MAX_NAME_CHARS:
        found["name"] = _("Der Name fehlt oder ist länger als %(most)s Zeichen.", most=MAX_NAME_CHARS)
    if not 0 < draft.price_cents <= MAX_PRICE_CENTS:
        found["price"] = _("Der Preis muss zwischen 0,01 € und %(most)s liegen.", most=euro(MAX_PRICE_CENTS))
    if category is None:
        found["category_slug"] = _("Diese Kategorie gibt es nicht.")
    if draft.gtin is not None and not is_valid_gtin(draft.gtin):
        found["gtin"] = _("Die GTIN „%(gtin)s“ ist nicht gültig (Prüfziffer).", gtin=draft.gtin[:20])
    for name in ("description", "ingredients"):
        if len(getattr(draft, name) or "") > MAX_TEXT_CHARS:
            found[name] = _("Der Text ist länger als %(most)s Zeichen.", most=MAX_TEXT_CHARS)
    for name in ("allergens", "fibres", "manufacturer"):
        if len(getattr(draft, name) or "") > MAX_NOTE_CHARS:
            found[name] = _("Der Text ist länger als %(most)s Zeichen.", most=MAX_NOTE_CHARS)
    return found | _number_faults(draft)


def _number_faults(draft: OfferDraft) -> dict[str, str]:
    found: dict[str, str] = {}
    if not 0 <= draft.deposit_cents <= MAX_DEPOSIT_CENTS:
        found["deposit"] = _("Das Pfand muss zwischen 0 und %(most)s liegen.", most=euro(MAX_DEPOSIT_CENTS))
    if draft.on_hand is not None and not 0 <= draft.on_hand <= MAX_STOCK_PIECES:
        found["on_hand"] = stock_sentence()
    amount, unit = draft.content_amount, draft.content_unit
    if (amount is None) != (unit is None) or (amount is not None and not 0 < amount <= MAX_CONTENT_AMOUNT):
        found["content_amount"] = _("Bitte nennen Sie zum Inhalt die Menge (größer als null) und die Einheit.")
    choices = {
        "kind": (draft.kind, tuple(OfferKind)),
        "vat_rate_bp": (draft.vat_rate_bp, VAT_RATES_BP),
        "content_unit": (unit, (None, *ContentUnit)),
        "storage_class": (draft.storage_class, tuple(StorageClass)),
        "age_limit": (draft.age_limit, (None, *AGE_LIMITS_YEARS)),
        "status": (draft.status, tuple(OfferStatus)),
    }
    for name, (value, allowed) in choices.items():
        if value not in allowed:
            found.setdefault(name, _("Diese Auswahl gibt es nicht."))
    return found


def find_missing_particulars(draft: OfferDraft, category: Category) -> dict[str, str]:
    """Find what the law wants before an offer may be shown: field -> sentence (LMIV Art. 14; textiles Art. 16)."""
    found: dict[str, str] = {}
    if draft.kind == OfferKind.SERVICE:
        return found
    if category.food and not (draft.ingredients or "").strip():
        found["ingredients"] = _("Ohne Zutaten dürfen Lebensmittel nicht gezeigt werden.")
    if category.food and not (draft.allergens or "").strip():
        found["allergens"] = _(
            "Ohne Angabe der Allergene dürfen Lebensmittel nicht gezeigt werden („Keine“ ist auch eine Angabe)."
        )
    if category.textile and not (draft.fibres or "").strip():
        found["fibres"] = _(
            "Ohne Angabe der Fasern darf Kleidung nicht gezeigt werden (zum Beispiel „100 % Baumwolle“)."
        )
    return found
