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
from marketplace.catalogue.importing.reading import CsvRow
from marketplace.catalogue.importing.shelves import find_shelf
from money import amount

COLUMNS = {
    "id": ("id",),
    "type": ("type", "typ"),
    "sku": ("sku", "artikelnummer"),
    "gtin": ("gtin, upc, ean, or isbn", "gtin, upc, ean oder isbn", "gtin", "ean", "meta: _gtin"),
    "name": ("name",),
    "published": ("published", "veröffentlicht"),
    "visibility": ("visibility in catalog", "sichtbarkeit im katalog"),
    "short": ("short description", "kurzbeschreibung"),
    "description": ("description", "beschreibung"),
    "sale_from": ("date sale price starts", "datum, an dem angebotspreis beginnt"),
    "sale_until": ("date sale price ends", "datum, an dem angebotspreis endet"),
    "tax_status": ("tax status", "steuerstatus"),
    "tax_class": ("tax class", "steuerklasse", "mwst", "mehrwertsteuer"),
    "in_stock": ("in stock?", "vorrätig?", "auf lager?"),
    "stock": ("stock", "bestand", "lager"),
    "sale_price": ("sale price", "angebotspreis"),
    "price": ("regular price", "regulärer preis", "preis"),
    "categories": ("categories", "kategorien", "kategorie"),
    "parent": ("parent", "übergeordnetes produkt", "übergeordnet"),
    "ingredients": ("zutaten", "ingredients", "meta: zutaten", "meta: _zutaten", "meta: ingredients"),
    "allergens": ("allergene", "allergens", "meta: allergene", "meta: _allergene"),
    "fibres": ("fasern", "materialzusammensetzung", "meta: fasern", "meta: _fasern"),
    "manufacturer": ("hersteller", "brands", "marken", "marke", "meta: hersteller"),
    "content": ("inhalt", "meta: inhalt"),
    "deposit": ("pfand", "meta: pfand"),
    "age": ("altersgrenze", "meta: altersgrenze"),
    "storage": ("lagerung", "meta: lagerung"),
}
KNOWN = {heading: name for name, headings in COLUMNS.items() for heading in headings}
ATTRIBUTE_NAMES = ("attribute {n} name", "attribut {n} name")
ATTRIBUTE_VALUES = ("attribute {n} value(s)", "attribut {n} wert(e)")
WHOLE = re.compile(r"[0-9]{1,9}")
YES = {"1", "yes", "ja", "true", "wahr"}
STORAGE = {"": "ambient", "ungekühlt": "ambient", "gekühlt": "cool", "kühl": "cool", "tiefgekühlt": "frozen"}
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
    kind: str = "simple"
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
    """Text without markup: paragraphs become lines, everything else of HTML goes."""
    broken = BREAKS.sub("\n", text)
    bare = html.unescape(nh3.clean(broken, tags=set(), attributes={}))
    lines = (" ".join(line.split()) for line in bare.splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def unescape_formula(text: str) -> str:
    """WooCommerce writes an apostrophe before what a spreadsheet would take for a formula."""
    return text[1:] if text[:1] == "'" and text[1:2] in FORMULA else text


def name_cells(row: CsvRow) -> dict[str, str]:
    """The cells under our own names for the columns; unknown columns are left out."""
    return {KNOWN[heading]: value for heading, value in row.cells.items() if heading in KNOWN}


def interpret_row(row: CsvRow) -> ImportRow:
    """What a row says. Never raises: what is wrong about it is said in sentences."""
    cells = name_cells(row)
    said = ImportRow(row.line, name=strip_markup(unescape_formula(cells.get("name", ""))))
    _type(said, cells)
    _numbers(said, cells)
    if said.skip:
        return said
    said.values["name"] = said.name
    if said.name.startswith(FORMULA) or said.sku.startswith(FORMULA):
        said.wrong.append(
            _("Name und Artikelnummer dürfen nicht mit =, +, - oder @ beginnen: Tabellen läsen sie als Formel.")
        )
    _texts(said, cells)
    _price(said, cells)
    _stock(said, cells)
    _choices(said, cells)
    _attributes(said, row)
    return said


def _type(said: ImportRow, cells: dict[str, str]) -> None:
    types = {part.strip() for part in (cells.get("type") or "simple").lower().split(",")}
    for word, sentence in REFUSED.items():
        if word in types:
            said.skip = str(sentence)
    known = types & {"simple", "variable", "variation"}
    said.kind = next(iter(known), "simple")
    if not known and not said.skip:
        said.wrong.append(_("Den Produkttyp „%(type)s“ kennen wir nicht.", type=cells.get("type", "")[:40]))
    if "virtual" in types:
        said.values["kind"] = "service"
    said.values["has_variants"] = said.kind == "variable"


def _numbers(said: ImportRow, cells: dict[str, str]) -> None:
    said.sku = unescape_formula(cells.get("sku", ""))
    said.gtin = re.sub(r"[\s-]", "", cells.get("gtin", "")) or None
    said.parent = cells.get("parent", "")
    said.key = f"id:{cells['id']}" if cells.get("id") else ""
    if not said.sku and said.gtin:
        said.sku = said.gtin
    elif not said.sku and said.key:
        said.sku = said.key.replace("id:", "wc-")
    if "gtin" in cells:
        said.values["gtin"] = said.gtin
    if not said.sku and not said.skip:
        said.wrong.append(_("Die Zeile hat weder Artikelnummer noch GTIN."))


def _texts(said: ImportRow, cells: dict[str, str]) -> None:
    if "description" in cells or "short" in cells:
        text = strip_markup(unescape_formula(cells.get("description", ""))) or strip_markup(
            unescape_formula(cells.get("short", ""))
        )
        if text or said.kind != "variation":
            said.values["description"] = text
    for name in ("ingredients", "allergens", "fibres", "manufacturer"):
        if cells.get(name):
            said.values[name] = strip_markup(cells[name])
    if said.values.get("ingredients") and "allergens" not in said.values:
        said.values["allergens"] = list_allergens(said.values["ingredients"])
    if cells.get("content"):
        content = parse_content(cells["content"])
        if content is None:
            said.wrong.append(
                _("Den Inhalt „%(text)s“ verstehen wir nicht. Beispiele: 500 g, 0,75 l.", text=cells["content"][:30])
            )
    else:
        content = find_content_in_name(said.name)
    if content:
        said.values["content_amount"], said.values["content_unit"] = content


def _cents(said: ImportRow, text: str, column: str, *, least: int, most: int) -> int | None:
    try:
        return amount.parse(text, minimum=least, maximum=most)
    except Invalid as error:
        said.wrong.append(f"{column}: {error.sentence}")
        return None


def _sale_runs(cells: dict[str, str], said: ImportRow) -> bool:
    today = clock.today()
    try:
        begin, end = (
            date.fromisoformat(cells[name][:10]) if cells.get(name) else None for name in ("sale_from", "sale_until")
        )
    except ValueError:
        said.wrong.append(_("Die Daten des Angebotspreises müssen so aussehen: 2026-11-30."))
        return False
    return (begin is None or begin <= today) and (end is None or today <= end)


def _price(said: ImportRow, cells: dict[str, str]) -> None:
    if said.kind == "variable":
        return
    regular, sale = cells.get("price", ""), cells.get("sale_price", "")
    if not regular and not sale:
        said.wrong.append(_("Der Preis fehlt."))
        return
    cents = _cents(said, regular or sale, _("Preis"), least=1, most=MAX_PRICE_CENTS)
    if sale and _sale_runs(cells, said):
        reduced = _cents(said, sale, _("Angebotspreis"), least=1, most=MAX_PRICE_CENTS)
        if cents and reduced and reduced > cents:
            said.wrong.append(_("Der Angebotspreis ist höher als der Preis."))
        cents = reduced
        said.values["announce"] = True
    if cents:
        said.values["price_cents"] = cents
    if cells.get("deposit"):
        deposit = _cents(said, cells["deposit"], _("Pfand"), least=0, most=MAX_DEPOSIT_CENTS)
        said.values["deposit_cents"] = deposit or 0


def _stock(said: ImportRow, cells: dict[str, str]) -> None:
    count = re.sub(r"[.,]0+$", "", cells.get("stock", ""))
    if cells.get("in_stock", "") in {"0", "no", "nein"}:
        said.values["on_hand"] = 0
    elif WHOLE.fullmatch(count):
        said.values["on_hand"] = int(count)
    elif count.startswith("-") and WHOLE.fullmatch(count[1:]):
        said.values["on_hand"] = 0
        said.notes.append(_("Der Bestand ist kleiner als null; wir tragen 0 ein."))
    elif count and count not in {"parent", "hauptprodukt"}:
        said.wrong.append(_("Der Bestand „%(text)s“ ist keine ganze Zahl.", text=count[:20]))


def _choices(said: ImportRow, cells: dict[str, str]) -> None:
    if "published" in cells or "visibility" in cells:
        shown = cells.get("published", "1") in YES and cells.get("visibility", "visible") != "hidden"
        said.values["status"] = "published" if shown else "hidden"
    tax = cells.get("tax_class", "").lower().rstrip(" %")
    if cells.get("tax_status") == "none":
        said.values["vat_rate_bp"] = 0
    elif "tax_class" in cells and tax != "parent":
        if tax not in RATES:
            said.wrong.append(_("Die Steuerklasse „%(text)s“ kennen wir nicht.", text=tax[:30]))
        said.values["vat_rate_bp"] = RATES.get(tax, 1900)
    if cells.get("categories"):
        shelf = find_shelf(cells["categories"])
        if shelf:
            said.values["category_slug"] = shelf
        else:
            said.notes.append(_("Die Kategorie „%(text)s“ kennen wir nicht.", text=cells["categories"][:60]))
    if cells.get("age"):
        said.values["age_limit"] = {"16": 16, "18": 18}.get(cells["age"].removeprefix("ab ").strip())
        if said.values["age_limit"] is None:
            said.wrong.append(_("Als Altersgrenze gehen 16 und 18."))
    if cells.get("storage"):
        said.values["storage_class"] = STORAGE.get(cells["storage"].lower(), cells["storage"])


def _attributes(said: ImportRow, row: CsvRow) -> None:
    found: dict[str, str] = {}
    for place in range(1, 11):
        names = [row.cells.get(heading.format(n=place), "") for heading in ATTRIBUTE_NAMES]
        values = [row.cells.get(heading.format(n=place), "") for heading in ATTRIBUTE_VALUES]
        name, value = strip_markup("".join(names))[:60], strip_markup("".join(values))[:200]
        if name and value:
            found[name] = value
    if found or any(key.startswith(("attribute ", "attribut ")) for key in row.cells):
        said.values["attributes"] = found
