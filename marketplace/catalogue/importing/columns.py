"""What the columns of WooCommerce's export are called, in German and English, and a few columns of ours."""

from marketplace.catalogue.importing.reading import CsvRow

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


def name_cells(row: CsvRow) -> dict[str, str]:
    """Put the cells under our own names for the columns; unknown columns are left out."""
    return {KNOWN[heading]: value for heading, value in row.cells.items() if heading in KNOWN}
