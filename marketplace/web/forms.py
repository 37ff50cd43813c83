"""What may come in from the marketplace's forms."""

from typing import Any
from uuid import UUID

from flask import request
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from foundation.errors import DomainError, gone
from foundation.languages import lazy
from marketplace.web import errors

REQUIRED = {"required": lazy("Bitte füllen Sie dieses Feld aus.")}


class MarketForm(Schema):
    """A form: unknown fields are left out, every text has a limit."""

    class Meta:
        unknown = EXCLUDE


class ContactForm(MarketForm):
    """Who orders: name, e-mail address, telephone number."""

    name = fields.String(
        required=True,
        error_messages=REQUIRED,
        validate=validate.Length(1, 120, error=lazy("Bitte sagen Sie uns Ihren Namen.")),
    )
    email = fields.String(
        required=True,
        error_messages=REQUIRED,
        validate=validate.Length(3, 254, error=lazy("Bitte prüfen Sie die E-Mail-Adresse.")),
    )
    phone = fields.String(
        load_default="", validate=validate.Length(0, 40, error=lazy("Bitte prüfen Sie die Telefonnummer."))
    )


class VoucherForm(MarketForm):
    """A voucher's token or address, or its typed code with the PIN."""

    voucher = fields.String(
        required=True,
        error_messages=REQUIRED,
        validate=validate.Length(4, 300, error=lazy("Bitte geben Sie den Code des Gutscheins ein.")),
    )
    pin = fields.String(
        load_default="", validate=validate.Regexp(r"^\s*([0-9]{6})?\s*$", error=lazy("Die PIN hat sechs Ziffern."))
    )


class PlacingForm(MarketForm):
    """The last page of the checkout: the attempt, the sum that was shown, how the rest is paid."""

    key = fields.UUID(required=True, error_messages={"invalid_uuid": lazy("Diese Seite ist nicht mehr aktuell.")})
    shown_cents = fields.Integer(required=True, strict=False, validate=validate.Range(1, 100_000_000))
    method = fields.String(load_default="", validate=validate.Length(0, 20))
    of_age = fields.Boolean(load_default=False)


class WithdrawalForm(MarketForm):
    """A consumer's withdrawal from a contract (§ 356a BGB)."""

    name = fields.String(load_default="", validate=validate.Length(0, 200))
    contract = fields.String(load_default="", validate=validate.Length(0, 200))
    email = fields.String(load_default="", validate=validate.Length(0, 300))
    statement = fields.String(load_default="", validate=validate.Length(0, 2000))


class HandOverForm(MarketForm):
    """At the counter: the code, or that staff checked who it is; and whether the money is taken."""

    code = fields.String(load_default="", validate=validate.Length(0, 40))
    seen = fields.Boolean(load_default=False)
    collected = fields.Boolean(load_default=False)


def load_form(form: type[MarketForm]) -> dict[str, Any]:
    """Load the present request's form, checked. Raises marshmallow's `ValidationError`."""
    found: dict[str, Any] = form().load(request.form.to_dict())
    return found


def load_form_or_refuse(form: type[MarketForm]) -> dict[str, Any]:
    """Load the same, refusing with the first sentence (`Invalid`)."""
    try:
        return load_form(form)
    except ValidationError as error:
        raise errors.form_not_valid(error.normalized_messages()) from error


def parse_id(text: str) -> UUID:
    """Read an id out of a form. Refuses (`gone`) what is none."""
    try:
        return UUID(text.strip()[:40])
    except ValueError as error:
        raise gone() from error


def name_errors(error: DomainError) -> dict[str, str]:
    """Put a refusal's sentence at its field, as `error_summary` shows it; "form" when it belongs to none."""
    return {str(error.details.get("field") or "form"): str(error.sentence)}
