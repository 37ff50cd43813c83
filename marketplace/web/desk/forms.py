"""What a retailer may send about an offer or an import. Everything comes as text; drafts check what it means."""

from dataclasses import fields as fields_of
from typing import Any

from marshmallow import fields, pre_load, validate

from foundation.errors import Invalid
from foundation.languages import _, lazy
from marketplace.catalogue.allergens import list_allergens
from marketplace.catalogue.content_sizes import parse_content
from marketplace.catalogue.drafts import (
    MAX_DEPOSIT_CENTS,
    MAX_NAME_CHARS,
    MAX_NOTE_CHARS,
    MAX_PRICE_CENTS,
    MAX_TEXT_CHARS,
    OfferDraft,
)
from marketplace.catalogue.errors import OfferUnfit, count_sentence
from marketplace.catalogue.importing.planning import ImportDefaults
from marketplace.catalogue.models import Offer
from marketplace.catalogue.prices import format_content
from marketplace.catalogue.states import OfferKind, OfferStatus, StorageClass
from marketplace.web.forms import MarketForm
from money import amount

TOO_LONG = lazy("Das ist zu lang.")


def _text(maximum: int) -> fields.Str:
    return fields.Str(load_default="", validate=validate.Length(max=maximum, error=str(TOO_LONG)))


class OfferForm(MarketForm):
    """One offer as the desk's form sends it."""

    sku = _text(64)
    name = _text(MAX_NAME_CHARS)
    price = _text(24)
    announce = _text(1)
    category_slug = _text(40)
    kind = _text(10)
    description = _text(MAX_TEXT_CHARS)
    gtin = _text(20)
    ingredients = _text(MAX_TEXT_CHARS)
    allergens = _text(MAX_NOTE_CHARS)
    fibres = _text(MAX_NOTE_CHARS)
    manufacturer = _text(MAX_NOTE_CHARS)
    vat_rate_bp = _text(4)
    content = _text(30)
    deposit = _text(24)
    storage_class = _text(10)
    age_limit = _text(2)
    status = _text(10)
    on_hand = _text(9)
    version = fields.Int(load_default=0, error_messages={"invalid": lazy("Bitte laden Sie die Seite neu.")})

    @pre_load
    def trim(self, data: Any, **_kwargs: Any) -> dict[str, str]:
        """Trim blanks around every text; browsers send lines with CRLF."""
        return {name: value.replace("\r\n", "\n").replace("\x00", "").strip() for name, value in data.items()}


def make_draft_from_form(values: dict[str, Any], before: Offer | None) -> OfferDraft:
    """Make the draft that the form describes. Refuses (`OfferUnfit`) what is no amount, number or content."""
    numbers = _read_numbers(values)
    ingredients = values["ingredients"] or None
    return OfferDraft(
        sku=values["sku"],
        name=values["name"],
        announce=values["announce"] == "1",
        category_slug=values["category_slug"],
        kind=values["kind"] or OfferKind.GOODS,
        description=values["description"],
        gtin=values["gtin"] or None,
        ingredients=ingredients,
        allergens=values["allergens"] or (list_allergens(ingredients) if ingredients else None),
        fibres=values["fibres"] or None,
        manufacturer=values["manufacturer"] or None,
        storage_class=values["storage_class"] or StorageClass.AMBIENT,
        status=values["status"] or OfferStatus.PUBLISHED,
        attributes=before.attributes if before else {},
        has_variants=before.has_variants if before else False,
        **numbers,
    )


def _read_numbers(values: dict[str, Any]) -> dict[str, Any]:
    """The fields that are numbers; all that are none are named at once."""
    faults: dict[str, str] = {}
    content = parse_content(values["content"]) if values["content"] else (None, None)
    if content is None:
        faults["content"] = _("Das verstehen wir nicht. Beispiele: 500 g, 0,75 l, 3 Stück.")
    if values["on_hand"] and not values["on_hand"].isdecimal():
        faults["on_hand"] = count_sentence()
    price = _read_cents(values, "price", (1, MAX_PRICE_CENTS), faults)
    deposit = _read_cents(values, "deposit", (0, MAX_DEPOSIT_CENTS), faults)
    if faults:
        raise OfferUnfit(faults)
    content_amount, content_unit = content or (None, None)
    return {
        "price_cents": price,
        "deposit_cents": deposit,
        "content_amount": content_amount,
        "content_unit": content_unit,
        "on_hand": int(values["on_hand"]) if values["on_hand"] else None,
        "vat_rate_bp": int(values["vat_rate_bp"]) if values["vat_rate_bp"].isdecimal() else -1,
        "age_limit": int(values["age_limit"]) if values["age_limit"].isdecimal() else None,
    }


def _read_cents(values: dict[str, Any], name: str, bounds: tuple[int, int], faults: dict[str, str]) -> int:
    minimum, maximum = bounds
    try:
        return amount.parse(values[name] or ("0" if minimum == 0 else ""), minimum=minimum, maximum=maximum, field=name)
    except Invalid as error:
        faults[name] = str(error.sentence)
        return 0


def make_form_values(offer: Offer, on_hand: int | None) -> dict[str, Any]:
    """Make the values that the form shows of an offer."""
    names = {field.name for field in fields_of(OfferDraft)} & set(OfferForm._declared_fields)
    values = {name: getattr(offer, name, None) for name in names - {"on_hand", "announce"}}
    return values | {
        "price": amount.plain(offer.price_cents),
        "deposit": amount.plain(offer.deposit_cents) if offer.deposit_cents else "",
        "content": format_content(offer.content_amount, offer.content_unit),
        "on_hand": "" if on_hand is None else str(on_hand),
        "version": offer.version,
    }


class ImportForm(MarketForm):
    """What goes with an uploaded list."""

    category_slug = _text(40)
    fibres = _text(MAX_NOTE_CHARS)

    def load_defaults(self, data: Any) -> ImportDefaults:
        """Load what rows get that do not say it themselves."""
        loaded = self.load(data)
        return ImportDefaults(
            category_slug=loaded["category_slug"] or "allerlei", fibres=loaded["fibres"].strip() or None
        )
