"""One row of WooCommerce's export (German or English headings, and a few columns of ours) becomes what it says.

Only columns that are there say something: a repeated import leaves alone what the file does not mention.
"""

import html
import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import nh3

from foundation import clock
from foundation.errors import Invalid
from foundation.languages import _, lazy
from marketplace.catalogue.allergens import list_allergens
from marketplace.catalogue.content_sizes import find_content_in_name, parse_content
from marketplace.catalogue.drafts import MAX_DEPOSIT_CENTS, MAX_PRICE_CENTS
from marketplace.catalogue.importing.columns import ATTRIBUTE_NAMES, ATTRIBUTE_VALUES, name_cells
from marketplace.catalogue.importing.reading import CsvRow
from marketplace.catalogue.importing.shelves import find_shelf
from marketplace.catalogue.states import OfferKind, OfferStatus, ProductType, StorageClass
from money import amount

WHOLE = re.compile(r"[0-9]{1,9}")
YES = {"1", "yes", "ja", "true", "wahr"}
STORAGE = {"": StorageClass.AMBIENT, "ungekühlt": StorageClass.AMBIENT, "gekühlt": StorageClass.COOL}
STORAGE |= {"kühl": StorageClass.COOL, "tiefgekühlt": StorageClass.FROZEN}
FORMULA = ("=", "+", "-", "@", "\t")
BREAKS = re.compile(r"<\s*(?:br|/p|/li|/h\d|/div)[^<>]*>|\\n", re.IGNORECASE)
RATES = {"": 1900, "standard": 1900, "19": 1900, "reduced-rate": 700, "ermäßigt": 700, "7": 700}
RATES |= {"reduzierter-preis": 700, "reduzierter steuersatz": 700, "zero-rate": 0, "steuerfrei": 0, "0": 0}
REFUSED = {
    "grouped": lazy("Gruppierte Produkte bündeln andere. Die einzelnen Produkte werden übernommen, die Gruppe nicht."),
    "external": lazy("Dieses Produkt wird auf einer anderen Seite verkauft und kann hier nicht bestellt werden."),
    "downloadable": lazy("Downloads kann man nicht abholen; sie werden nicht übernommen."),
}


@dataclass
class ImportRow:
    """What a row says: `values` for the draft, `wrong` and `notes` as sentences, `skip` why it is left out."""

    line: int
    kind: ProductType = ProductType.SIMPLE
    key: str = ""
    sku: str = ""
    gtin: str | None = None
    parent: str = ""
    name: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    skip: str | None = None


def strip_markup(text: str) -> str:
    """Strip markup from a text: paragraphs become lines, everything else of HTML goes."""
    broken = BREAKS.sub("\n", text)
    bare = html.unescape(nh3.clean(broken, tags=set(), attributes={}))
    lines = (" ".join(line.split()) for line in bare.splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def unescape_formula(text: str) -> str:
    """Take off the apostrophe that WooCommerce writes before what a spreadsheet would take for a formula."""
    return text[1:] if text[:1] == "'" and text[1:2] in FORMULA else text


def interpret_row(row: CsvRow) -> ImportRow:
    """Interpret a row. Never raises: what is wrong about it stands there in sentences."""
    cells = name_cells(row)
    parsed = ImportRow(row.line, name=strip_markup(unescape_formula(cells.get("name", ""))))
    _type(parsed, cells)
    _numbers(parsed, cells)
    if parsed.skip:
        return parsed
    parsed.values["name"] = parsed.name
    if parsed.name.startswith(FORMULA) or parsed.sku.startswith(FORMULA):
        parsed.wrong.append(
            _("Name und Artikelnummer dürfen nicht mit =, +, - oder @ beginnen: Tabellen läsen sie als Formel.")
        )
    _texts(parsed, cells)
    _price(parsed, cells)
    _stock(parsed, cells)
    _choices(parsed, cells)
    _attributes(parsed, row)
    return parsed


def _type(parsed: ImportRow, cells: dict[str, str]) -> None:
    types = {part.strip() for part in (cells.get("type") or "simple").lower().split(",")}
    for word, sentence in REFUSED.items():
        if word in types:
            parsed.skip = str(sentence)
    known = [kind for kind in ProductType if kind in types]
    parsed.kind = known[0] if known else ProductType.SIMPLE
    if not known and not parsed.skip:
        parsed.wrong.append(_("Den Produkttyp „%(type)s“ kennen wir nicht.", type=cells.get("type", "")[:40]))
    if "virtual" in types:
        parsed.values["kind"] = OfferKind.SERVICE
    parsed.values["has_variants"] = parsed.kind == ProductType.VARIABLE


def _numbers(parsed: ImportRow, cells: dict[str, str]) -> None:
    parsed.sku = unescape_formula(cells.get("sku", ""))
    parsed.gtin = re.sub(r"[\s-]", "", cells.get("gtin", "")) or None
    parsed.parent = cells.get("parent", "")
    parsed.key = f"id:{cells['id']}" if cells.get("id") else ""
    if not parsed.sku and parsed.gtin:
        parsed.sku = parsed.gtin
    elif not parsed.sku and parsed.key:
        parsed.sku = parsed.key.replace("id:", "wc-")
    if "gtin" in cells:
        parsed.values["gtin"] = parsed.gtin
    if not parsed.sku and not parsed.skip:
        parsed.wrong.append(_("Die Zeile hat weder Artikelnummer noch GTIN."))


def _texts(parsed: ImportRow, cells: dict[str, str]) -> None:
    if "description" in cells or "short" in cells:
        text = strip_markup(unescape_formula(cells.get("description", ""))) or strip_markup(
            unescape_formula(cells.get("short", ""))
        )
        if text or parsed.kind != ProductType.VARIATION:
            parsed.values["description"] = text
    for name in ("ingredients", "allergens", "fibres", "manufacturer"):
        if cells.get(name):
            parsed.values[name] = strip_markup(cells[name])
    if parsed.values.get("ingredients") and "allergens" not in parsed.values:
        parsed.values["allergens"] = list_allergens(parsed.values["ingredients"])
    if cells.get("content"):
        content = parse_content(cells["content"])
        if content is None:
            parsed.wrong.append(
                _("Den Inhalt „%(text)s“ verstehen wir nicht. Beispiele: 500 g, 0,75 l.", text=cells["content"][:30])
            )
    else:
        content = find_content_in_name(parsed.name)
    if content:
        parsed.values["content_amount"], parsed.values["content_unit"] = content


def _cents(parsed: ImportRow, text: str, column: str, *, minimum: int, maximum: int) -> int | None:
    try:
        return amount.parse(text, minimum=minimum, maximum=maximum)
    except Invalid as error:
        parsed.wrong.append(f"{column}: {error.sentence}")
        return None


def _sale_runs(cells: dict[str, str], parsed: ImportRow) -> bool:
    today = clock.today()
    try:
        begin, end = (
            date.fromisoformat(cells[name][:10]) if cells.get(name) else None for name in ("sale_from", "sale_until")
        )
    except ValueError:
        parsed.wrong.append(_("Die Daten des Angebotspreises müssen so aussehen: 2026-11-30."))
        return False
    return (begin is None or begin <= today) and (end is None or today <= end)


def _price(parsed: ImportRow, cells: dict[str, str]) -> None:
    if parsed.kind == ProductType.VARIABLE:
        return
    regular, sale = cells.get("price", ""), cells.get("sale_price", "")
    if not regular and not sale:
        parsed.wrong.append(_("Der Preis fehlt."))
        return
    cents = _cents(parsed, regular or sale, _("Preis"), minimum=1, maximum=MAX_PRICE_CENTS)
    if sale and _sale_runs(cells, parsed):
        reduced = _cents(parsed, sale, _("Angebotspreis"), minimum=1, maximum=MAX_PRICE_CENTS)
        if cents and reduced and reduced > cents:
            parsed.wrong.append(_("Der Angebotspreis ist höher als der Preis."))
        cents = reduced
        parsed.values["announce"] = True
    if cents:
        parsed.values["price_cents"] = cents
    if cells.get("deposit"):
        deposit = _cents(parsed, cells["deposit"], _("Pfand"), minimum=0, maximum=MAX_DEPOSIT_CENTS)
        parsed.values["deposit_cents"] = deposit or 0


def _stock(parsed: ImportRow, cells: dict[str, str]) -> None:
    count = re.sub(r"[.,]0+$", "", cells.get("stock", ""))
    if cells.get("in_stock", "") in {"0", "no", "nein"}:
        parsed.values["on_hand"] = 0
    elif WHOLE.fullmatch(count):
        parsed.values["on_hand"] = int(count)
    elif count.startswith("-") and WHOLE.fullmatch(count[1:]):
        parsed.values["on_hand"] = 0
        parsed.notes.append(_("Der Bestand ist kleiner als null; wir tragen 0 ein."))
    elif count and count not in {"parent", "hauptprodukt"}:
        parsed.wrong.append(_("Der Bestand „%(text)s“ ist keine ganze Zahl.", text=count[:20]))


def _choices(parsed: ImportRow, cells: dict[str, str]) -> None:
    if "published" in cells or "visibility" in cells:
        shown = cells.get("published", "1") in YES and cells.get("visibility", "visible") != "hidden"
        parsed.values["status"] = OfferStatus.PUBLISHED if shown else OfferStatus.HIDDEN
    tax = cells.get("tax_class", "").lower().rstrip(" %")
    if cells.get("tax_status") == "none":
        parsed.values["vat_rate_bp"] = 0
    elif "tax_class" in cells and tax != "parent":
        if tax not in RATES:
            parsed.wrong.append(_("Die Steuerklasse „%(text)s“ kennen wir nicht.", text=tax[:30]))
        parsed.values["vat_rate_bp"] = RATES.get(tax, 1900)
    if cells.get("categories"):
        shelf = find_shelf(cells["categories"])
        if shelf:
            parsed.values["category_slug"] = shelf
        else:
            parsed.notes.append(_("Die Kategorie „%(text)s“ kennen wir nicht.", text=cells["categories"][:60]))
    if cells.get("age"):
        parsed.values["age_limit"] = {"16": 16, "18": 18}.get(cells["age"].removeprefix("ab ").strip())
        if parsed.values["age_limit"] is None:
            parsed.wrong.append(_("Als Altersgrenze gehen 16 und 18."))
    if cells.get("storage"):
        parsed.values["storage_class"] = STORAGE.get(cells["storage"].lower(), cells["storage"])


def _attributes(parsed: ImportRow, row: CsvRow) -> None:
    found: dict[str, str] = {}
    for place in range(1, 11):
        names = [row.cells.get(heading.format(n=place), "") for heading in ATTRIBUTE_NAMES]
        values = [row.cells.get(heading.format(n=place), "") for heading in ATTRIBUTE_VALUES]
        name, value = strip_markup("".join(names))[:60], strip_markup("".join(values))[:200]
        if name and value:
            found[name] = value
    if found or any(key.startswith(("attribute ", "attribut ")) for key in row.cells):
        parsed.values["attributes"] = found
