"""What an import would do, line by line, before anything is done. Only this shop's own offers are looked at.

Decision 0404.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from foundation.database import session
from foundation.languages import _
from marketplace.catalogue.changing import make_draft
from marketplace.catalogue.drafts import OfferDraft, find_faults, find_missing_particulars
from marketplace.catalogue.importing.reading import read_rows
from marketplace.catalogue.importing.woocommerce import ImportRow, interpret_row
from marketplace.catalogue.models import Category, Offer, Stock
from marketplace.catalogue.states import ImportAction, OfferStatus, ProductType

INHERITED = (
    "category_slug",
    "vat_rate_bp",
    "description",
    "ingredients",
    "allergens",
    "fibres",
    "manufacturer",
    "kind",
)


@dataclass(frozen=True, kw_only=True)
class ImportDefaults:
    """What rows get that do not say it themselves."""

    category_slug: str = "allerlei"
    fibres: str | None = None
    allergens: str | None = None


@dataclass
class ImportEntry:
    """One line of the plan; `sentences` say why `action` is what it is and what to mind."""

    line: int
    sku: str
    name: str
    action: ImportAction
    sentences: list[str] = field(default_factory=list)
    draft: OfferDraft | None = None
    offer_id: UUID | None = None
    version: int | None = None
    parent_sku: str | None = None
    cents_before: int | None = None


@dataclass
class ImportPlan:
    """All lines with what would happen to each."""

    entries: list[ImportEntry]

    def count(self, *actions: ImportAction) -> int:
        """Count the lines with one of these actions."""
        return sum(entry.action in actions for entry in self.entries)

    @property
    def is_good(self) -> bool:
        """Whether the list can be applied as a whole: no line is wrong."""
        return self.count(ImportAction.WRONG) == 0


@dataclass
class KnownOffers:
    """What the shop has already, by number, by GTIN, and the categories there are."""

    by_sku: dict[str, tuple[Offer, int | None]]
    by_gtin: dict[str, tuple[Offer, int | None]]
    skus: dict[UUID, str]
    categories: dict[str, Category]


def _load_known(outlet_id: UUID) -> KnownOffers:
    query = (
        sa.select(Offer, Stock.on_hand)
        .outerjoin(Stock, Stock.offer_id == Offer.id)
        .where(Offer.outlet_id == outlet_id)
        .execution_options(populate_existing=True)
    )
    rows = [(offer, on_hand) for offer, on_hand in session.execute(query)]
    return KnownOffers(
        {offer.sku: (offer, on_hand) for offer, on_hand in rows},
        {offer.gtin: (offer, on_hand) for offer, on_hand in rows if offer.gtin},
        {offer.id: offer.sku for offer, _on_hand in rows},
        {category.slug: category for category in session.scalars(sa.select(Category))},
    )


def plan_import(outlet_id: UUID, data: bytes, defaults: ImportDefaults) -> ImportPlan:
    """Plan what the file would do to this shop's offers. Refuses files that cannot be read at all."""
    known = _load_known(outlet_id)
    rows = [interpret_row(row) for row in read_rows(data)]
    _find_doubles(rows)
    parents = {key: s for s in rows if s.kind == ProductType.VARIABLE for key in (s.sku, s.key) if key}
    _price_parents(rows, parents)
    entries = [_entry(one, parents, known, defaults) for one in rows]
    return ImportPlan(sorted(entries, key=lambda entry: entry.line))


def _find_doubles(rows: Iterable[ImportRow]) -> None:
    seen: dict[str, int] = {}
    for one in rows:
        if not one.sku or one.skip:
            continue
        if one.sku in seen:
            one.wrong.append(
                _("Die Artikelnummer „%(sku)s“ steht schon in Zeile %(line)s.", sku=one.sku[:64], line=seen[one.sku])
            )
        seen.setdefault(one.sku, one.line)


def _price_parents(rows: list[ImportRow], parents: dict[str, ImportRow]) -> None:
    """A product with variants costs what its cheapest variant costs."""
    children: dict[int, list[int]] = {}
    for one in rows:
        parent = parents.get(one.parent) if one.kind == ProductType.VARIATION else None
        if parent and "price_cents" in one.values and not one.wrong:
            children.setdefault(parent.line, []).append(one.values["price_cents"])
    for parent in {id(p): p for p in parents.values()}.values():
        if parent.line in children:
            parent.values["price_cents"] = min(children[parent.line])
        elif not parent.skip:
            parent.wrong.append(_("Zu diesem Produkt gibt es in der Datei keine brauchbare Variante mit Preis."))


def _entry(row: ImportRow, parents: dict[str, ImportRow], known: KnownOffers, defaults: ImportDefaults) -> ImportEntry:
    entry = ImportEntry(row.line, row.sku, row.name, ImportAction.ADD, [*row.wrong, *row.notes])
    if row.skip:
        return replace(entry, action=ImportAction.SKIP, sentences=[row.skip])
    found = known.by_sku.get(row.sku) or (known.by_gtin.get(row.gtin) if row.gtin else None)
    values = {"category_slug": defaults.category_slug} | ({} if found else {"fibres": defaults.fibres})
    if row.kind == ProductType.VARIATION:
        parent = parents.get(row.parent)
        if parent is None or parent.skip or parent.wrong:
            entry.sentences.insert(
                0, _("Das Hauptprodukt „%(sku)s“ dieser Variante fehlt oder hat Fehler.", sku=row.parent[:64])
            )
            return replace(entry, action=ImportAction.WRONG)
        entry.parent_sku = parent.sku
        values |= {name: parent.values[name] for name in INHERITED if parent.values.get(name) is not None}
    if row.wrong:
        return replace(entry, action=ImportAction.WRONG)
    return _drafted(entry, values, row, found, known, defaults)


def _drafted(
    entry: ImportEntry,
    values: dict[str, Any],
    row: ImportRow,
    found: tuple[Offer, int | None] | None,
    known: KnownOffers,
    defaults: ImportDefaults,
) -> ImportEntry:
    if found:
        offer, on_hand = found
        before = make_draft(offer, on_hand)
        draft = replace(before, **{"sku": row.sku} | row.values)
        entry.offer_id, entry.version, entry.cents_before = offer.id, offer.version, offer.price_cents
    else:
        draft = OfferDraft(**({"sku": row.sku} | values | row.values))
    category = known.categories.get(draft.category_slug)
    if category and category.textile and not draft.fibres and defaults.fibres:
        draft = replace(draft, fibres=defaults.fibres)
    if category and category.food and draft.ingredients and not draft.allergens and defaults.allergens:
        draft = replace(draft, allergens=defaults.allergens)
    wrong = find_faults(draft, category)
    if wrong:
        return replace(entry, action=ImportAction.WRONG, sentences=[*wrong.values(), *entry.sentences])
    lacking = find_missing_particulars(draft, category) if category else {}
    if lacking and draft.status == OfferStatus.PUBLISHED:
        draft = replace(draft, status=OfferStatus.HIDDEN)
        entry.sentences += [*lacking.values(), _("Das Angebot wird übernommen, aber noch nicht gezeigt.")]
    same = found is not None and replace(draft, announce=False) == before
    changed = ImportAction.CHANGE if found else ImportAction.ADD
    return replace(entry, draft=draft, action=ImportAction.SAME if same else changed)
