"""What a clerk may send about money at the bank. Everything comes as text; the bank's modules check what it means."""

from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load, pre_load, validate

from foundation.errors import Invalid
from foundation.languages import lazy
from money import amount
from money.bank import receiving, stated
from money.bank.accounts import MAX_IBAN_CHARS
from money.bank.receiving import BankCredit

TOO_LONG = lazy("Das ist zu lang.")
DAY = [lazy("Bitte geben Sie einen Tag an.")]  # a list: pages take a bare lazy text for a list of letters
ACCOUNT = [lazy("Bitte wählen Sie ein Konto.")]
PERSON = [lazy("Bitte wählen Sie eine Person.")]
CHANGED = [lazy("Bitte laden Sie die Seite neu und entscheiden Sie noch einmal.")]


def _text(maximum: int) -> fields.Str:
    return fields.Str(load_default="", validate=validate.Length(max=maximum, error=TOO_LONG))


class Trimmed(Schema):
    """Text without blanks around and without what no database holds."""

    class Meta:
        unknown = EXCLUDE

    @pre_load
    def trimmed(self, data: Any, **_kwargs: Any) -> dict[str, str]:
        """Trim each text, and turn the CRLF of browsers into line feeds."""
        return {name: value.replace("\r\n", "\n").replace("\x00", "").strip() for name, value in data.items()}


class ReceiptForm(Trimmed):
    """One credit, as it stands on the paper."""

    account = fields.UUID(required=True, error_messages=dict.fromkeys(("invalid_uuid", "required"), ACCOUNT))
    amount = _text(amount.MAX_INPUT_CHARS)
    booked_on = fields.Date(required=True, error_messages={"invalid": DAY, "required": DAY})
    bank_reference = _text(stated.MAX_REFERENCE_CHARS)
    payer_name = _text(stated.MAX_NAME_CHARS)
    payer_iban = _text(MAX_IBAN_CHARS)
    remittance = _text(stated.MAX_REMITTANCE_CHARS)

    @post_load
    def credit(self, data: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
        """Read the account's id and the credit."""
        try:
            cents = amount.parse(data["amount"], maximum=receiving.MAX_RECEIPT_CENTS)
        except Invalid as error:
            raise ValidationError(str(error.sentence), "amount") from error
        names = ("bank_reference", "booked_on", "payer_name", "remittance")
        values = {name: data[name] for name in names}
        credit = BankCredit(cents=cents, payer_iban=data["payer_iban"] or None, **values)
        return {"account": data["account"], "credit": credit}


class SentForm(Trimmed):
    """The day on which a person has sent money back, and the bank's reference."""

    done_on = fields.Date(required=True, error_messages={"invalid": DAY, "required": DAY})
    bank_reference = _text(stated.MAX_REFERENCE_CHARS)


class OwnerForm(Trimmed):
    """Who looks after a difference from now on."""

    owner = fields.UUID(
        required=True,
        error_messages=dict.fromkeys(("invalid_uuid", "required"), PERSON),
    )


class ReasonForm(Trimmed):
    """Why a difference stays, in a person's words."""

    reason = _text(600)


class DecisionForm(Trimmed):
    """What the second person decides about a difference of just these cents, up to a day."""

    cents = fields.Int(required=True, error_messages=dict.fromkeys(("invalid", "required"), CHANGED))
    until = fields.Date(required=True, error_messages=dict.fromkeys(("invalid", "required"), CHANGED))
    agreed = fields.Bool(required=True, error_messages=dict.fromkeys(("invalid", "required"), CHANGED))
