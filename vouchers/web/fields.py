"""Fields of forms, and how a form's refusals become one sentence a field."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from marshmallow import ValidationError, fields, validate

from foundation.errors import DomainError, Invalid, date_not_valid
from foundation.languages import lazy
from money import amount


class Amount(fields.String):
    """An amount in euro as people write it; gives whole cents."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        try:
            return amount.parse(str(value))
        except Invalid as error:
            raise ValidationError(str(error.sentence)) from error


class Day(fields.String):
    """A day as the browser sends it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        try:
            return date.fromisoformat(str(value)[:10])
        except ValueError as error:
            raise ValidationError(str(date_not_valid().sentence)) from error


def text(maximum: int) -> fields.String:
    """Make a text field that refuses what is too long; what is missing the domain refuses."""
    too_long = lazy("Das ist zu lang (höchstens %(n)s Zeichen).", n=maximum)
    return fields.String(load_default="", validate=validate.Length(max=maximum, error=too_long))


def choice(missing: Any) -> fields.UUID:
    """Make a field for an id chosen from a list."""
    return fields.UUID(required=True, error_messages={"required": missing, "invalid_uuid": missing})


def money() -> Amount:
    """Make a field for an amount that must be given."""
    return Amount(required=True, error_messages={"required": lazy("Bitte geben Sie einen Betrag ein.")})


def read_errors(error: ValidationError) -> dict[str, object]:
    """Read what a form refuses: one sentence a field."""
    messages = error.messages if isinstance(error.messages, dict) else {}
    return {name: str(found[0] if isinstance(found, list) else found) for name, found in messages.items()}


def place(errors: Mapping[str, object], ids: Mapping[str, str]) -> dict[str, object]:
    """Place sentences at one of several forms of a page, by the ids of its fields; what fits none stands above."""
    return {ids.get(name, "form"): sentence for name, sentence in errors.items()}


def read_refusal(error: DomainError, names: Mapping[str, str] | None = None) -> dict[str, object]:
    """Read what the domain refuses: its sentence under the field (`names`: as the form calls it), or under `form`."""
    field = str(error.details.get("field", "form"))
    return {(names or {}).get(field, field): str(error.sentence)}
