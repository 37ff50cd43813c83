"""What may come in at the voucher shop."""

from datetime import date, datetime, time
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load, pre_load, validate

from foundation import clock, mail
from foundation.errors import Invalid
from foundation.languages import LANGUAGES, _, lazy
from money import amount
from vouchers.sales.models import DESIGNS
from vouchers.sales.selling import MESSAGE_LIMIT, NAME_LIMIT

HOURS = ("08", "12", "18")


def _address(value: str) -> str:
    try:
        return mail.address(value)
    except Invalid as error:
        raise ValidationError(str(error.sentence)) from error


class Mail(fields.String):
    """A mail address in its usual form."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        return _address(super()._deserialize(value, attr, data, **kwargs) or "")


def _text(limit: int) -> fields.String:
    too_long = lazy("Das ist zu lang (höchstens %(n)s Zeichen).", n=limit)
    return fields.String(load_default="", validate=validate.Length(max=limit, error=too_long))


class WishForm(Schema):
    """The voucher that somebody wants. Gives the keyword arguments of `selling.Wanted` but the programme."""

    class Meta:
        unknown = EXCLUDE

    amount = fields.String(required=True, error_messages={"required": lazy("Bitte geben Sie einen Betrag ein.")})
    gift = fields.String(load_default="self", validate=validate.OneOf(["self", "gift"]))
    buyer_email = Mail(required=True, error_messages={"required": lazy("Bitte geben Sie Ihre E-Mail-Adresse an.")})
    buyer_name = _text(NAME_LIMIT)
    recipient_email = fields.String(load_default="")
    recipient_name = _text(NAME_LIMIT)
    recipient_language = fields.String(load_default="de", validate=validate.OneOf(list(LANGUAGES)))
    message = _text(MESSAGE_LIMIT)
    design = fields.String(
        load_default="feld",
        validate=validate.OneOf(DESIGNS, error=lazy("Bitte wählen Sie ein Motiv.")),
    )
    deliver_on = fields.String(load_default="")
    deliver_hour = fields.String(load_default="08", validate=validate.OneOf(HOURS))
    postcode = fields.String(
        load_default="", validate=validate.Regexp(r"^(\d{5})?$", error=lazy("Eine Postleitzahl hat fünf Ziffern."))
    )

    @pre_load
    def strip(self, data: Any, **kwargs: Any) -> dict[str, str]:
        """Forms send strings; spaces around them mean nothing."""
        return {name: str(value).strip() for name, value in data.items()}

    @post_load
    def finish(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """Amounts become cents, day and hour one instant."""
        chosen = data.pop("amount")
        try:
            data["cents"] = amount.parse(chosen)
        except Invalid as error:
            raise ValidationError(str(error.sentence), "amount") from error
        data["gift"] = data["gift"] == "gift"
        day, hour = data.pop("deliver_on"), data.pop("deliver_hour")
        data["deliver_at"] = _instant(day, hour) if data["gift"] and day else None
        data["recipient_email"] = _recipient(data)
        data["postcode"] = data["postcode"] or None
        return data


def _instant(day: str, hour: str) -> datetime:
    try:
        chosen = date.fromisoformat(day)
    except ValueError as error:
        raise ValidationError(_("Bitte wählen Sie einen Tag."), "deliver_on") from error
    return datetime.combine(chosen, time(int(hour)), tzinfo=clock.BERLIN)


def _recipient(data: dict[str, Any]) -> str | None:
    if not data["gift"]:
        return None
    try:
        return _address(data["recipient_email"])
    except ValidationError as error:
        raise ValidationError(error.messages, "recipient_email") from error
