"""What may come in at the voucher shop."""

from datetime import date, datetime, time
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load, pre_load, validate

from foundation import clock, mail
from foundation.errors import Invalid
from foundation.languages import LANGUAGES, _, lazy
from money import amount
from vouchers.purchases.states import DEFAULT_DESIGN, DESIGNS, VoucherDelivery
from vouchers.sales.requests import MAX_MESSAGE_CHARACTERS, MAX_NAME_CHARACTERS, MAX_STREET_CHARACTERS

DELIVERY_HOURS = tuple(f"{hour:02d}" for hour in range(6, 23))
DELIVERY_OF = {
    "self": VoucherDelivery.MAIL,
    "gift": VoucherDelivery.MAIL,
    "print": VoucherDelivery.PRINT,
    "letter": VoucherDelivery.LETTER,
}
MAX_KEY_CHARACTERS = 64


def read_address(value: str) -> str:
    """Read a mail address in its usual form. Refuses with a sentence for forms."""
    try:
        return mail.normalise_address(value)
    except Invalid as error:
        raise ValidationError(str(error.sentence)) from error


class MailField(fields.String):
    """A mail address in its usual form."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        return read_address(super()._deserialize(value, attr, data, **kwargs) or "")


def _text(limit: int) -> fields.String:
    too_long = lazy("Das ist zu lang (höchstens %(n)s Zeichen).", n=limit)
    return fields.String(load_default="", validate=validate.Length(max=limit, error=too_long))


class VoucherShopForm(Schema):
    """Forms send strings; spaces around them mean nothing, and browsers end lines with CRLF."""

    class Meta:
        unknown = EXCLUDE

    @pre_load
    def strip(self, data: Any, **kwargs: Any) -> dict[str, str]:
        """Strip the spaces around, and make line ends plain."""
        return {name: str(value).replace("\r\n", "\n").replace("\x00", "").strip() for name, value in data.items()}


DESIGN_CHOICES = [{"value": name, "label": label} for name, label in DESIGNS.items()]


class BuyerForm(VoucherShopForm):
    """Who buys: name, address of mail, and postcode."""

    buyer_email = MailField(required=True, error_messages={"required": lazy("Bitte geben Sie Ihre E-Mail-Adresse an.")})
    buyer_name = _text(MAX_NAME_CHARACTERS)
    postcode = fields.String(
        load_default="",
        validate=validate.Regexp(r"^([0-9]{5})?$", error=lazy("Eine Postleitzahl hat fünf Ziffern.")),
    )
    design = fields.String(
        load_default=DEFAULT_DESIGN,
        validate=validate.OneOf(list(DESIGNS), error=lazy("Bitte wählen Sie ein Motiv.")),
    )


class VoucherRequestForm(BuyerForm):
    """The voucher that somebody wants: the fields of `requests.VoucherRequest` but programme and picture."""

    amount = fields.String(required=True, error_messages={"required": lazy("Bitte geben Sie einen Betrag ein.")})
    gift = fields.String(
        load_default="self",
        validate=validate.OneOf(list(DELIVERY_OF), error=lazy("Bitte wählen Sie, für wen der Gutschein ist.")),
    )
    recipient_email = fields.String(load_default="")
    recipient_name = _text(MAX_NAME_CHARACTERS)
    recipient_language = fields.String(load_default="de", validate=validate.OneOf(list(LANGUAGES)))
    street = _text(MAX_STREET_CHARACTERS)
    town_line = _text(MAX_STREET_CHARACTERS)
    message = _text(MAX_MESSAGE_CHARACTERS)
    deliver_on = fields.String(load_default="")
    deliver_hour = fields.String(load_default="08", validate=validate.OneOf(DELIVERY_HOURS))

    @post_load
    def finish(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """Turn amounts into cents, day and hour into one instant."""
        chosen = data.pop("amount")
        try:
            data["cents"] = amount.parse(chosen)
        except Invalid as error:
            raise ValidationError(str(error.sentence), "amount") from error
        for_whom = data.pop("gift")
        data["gift"], data["delivery"] = for_whom != "self", DELIVERY_OF[for_whom]
        day, hour = data.pop("deliver_on"), data.pop("deliver_hour")
        wanted_later = for_whom in {"gift", "letter"} and day
        data["deliver_at"] = read_instant(day, hour if for_whom == "gift" else "08") if wanted_later else None
        data["recipient_email"] = _read_recipient(data["recipient_email"]) if for_whom == "gift" else None
        for name in ("postcode", "street", "town_line"):
            data[name] = data[name] or None
        return data


def read_instant(day: str, hour: str) -> datetime:
    """Read the beginning of an hour in Berlin, of a day as date fields send it."""
    try:
        return datetime.combine(date.fromisoformat(day[:10]), time(int(hour)), tzinfo=clock.BERLIN)
    except (ValueError, OverflowError) as error:
        raise ValidationError(_("Bitte wählen Sie einen Tag."), "deliver_on") from error


def _read_recipient(text: str) -> str:
    try:
        return read_address(text)
    except ValidationError as error:
        raise ValidationError(error.messages, "recipient_email") from error
