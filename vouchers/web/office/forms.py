"""What may come in at the office about vouchers."""

from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load, pre_load, validate

from foundation.errors import Invalid
from foundation.languages import lazy
from money import amount
from vouchers.approvals.proposing import MAX_REASON_LENGTH
from vouchers.cards.states import CardMovementKind
from vouchers.web.fields import Day, choice, money, text

NUMBER = lazy("Bitte geben Sie eine Zahl ein.")
CHOOSE = lazy("Bitte wählen Sie etwas aus.")
MISSING = {"required": lazy("Bitte füllen Sie dieses Feld aus.")}


class OfficeForm(Schema):
    """Fields that nobody asked for are left out."""

    class Meta:
        unknown = EXCLUDE


class BatchForm(OfficeForm):
    """A new batch. `face` is empty where the buyer chooses the amount."""

    programme = fields.UUID(required=True, error_messages={"required": CHOOSE, "invalid_uuid": CHOOSE})
    name = fields.String(load_default="")
    count = fields.Integer(required=True, error_messages={"required": NUMBER, "invalid": NUMBER})
    face = fields.String(load_default="", validate=validate.Length(max=amount.MAX_INPUT_CHARS))
    key = fields.String(required=True, validate=validate.Length(min=1, max=64))

    @post_load
    def cents(self, data: dict[str, object], **kwargs: object) -> dict[str, object]:
        """Turn the face value into cents."""
        typed = str(data.pop("face")).strip()
        try:
            data["face_cents"] = amount.parse(typed, field="face") if typed else None
        except Invalid as error:
            raise ValidationError(str(error.sentence), "face") from error
        return data


class MoveForm(OfficeForm):
    """Which cards moved, and what happened to them."""

    kind = fields.String(
        required=True,
        error_messages={"required": CHOOSE},
        validate=validate.OneOf(
            sorted(set(CardMovementKind) - {CardMovementKind.PRODUCED, CardMovementKind.RECEIVED}), error=CHOOSE
        ),
    )
    first = fields.String(load_default="", validate=validate.Length(max=40))
    last = fields.String(load_default="", validate=validate.Length(max=40))
    counter = fields.String(load_default="")
    reason = fields.String(load_default="")
    programme = fields.UUID(load_default=None)


class PlaceForm(OfficeForm):
    """A new counter. The actions check lengths and contents."""

    code = fields.String(required=True, error_messages=MISSING)
    name = fields.String(required=True, error_messages=MISSING)
    operator = fields.String(required=True, error_messages=MISSING)
    street = fields.String(required=True, error_messages=MISSING)
    postcode = fields.String(required=True, error_messages=MISSING)
    ags = fields.String(required=True, error_messages=MISSING)
    email = fields.String(required=True, error_messages=MISSING)
    phone = fields.String(required=True, error_messages=MISSING)

    @pre_load
    def strip(self, data: dict[str, str], **kwargs: object) -> dict[str, str]:
        """Spaces around mean nothing; the mark is written in capitals."""
        given = {name: " ".join(str(value).split())[:300] for name, value in data.items()}
        return given | {"code": given.get("code", "").upper()}


class GoodwillForm(OfficeForm):
    """How much and why. `key` makes a form that is sent twice one proposal."""

    amount = money()
    reason = text(MAX_REASON_LENGTH)
    key = text(64)


class ReductionForm(OfficeForm):
    """Also off which part. The names differ from the other form's, as both stand on one page."""

    lot = choice(lazy("Bitte wählen Sie den Anteil."))
    off = money()
    why = text(MAX_REASON_LENGTH)
    key = text(64)


class IssueForm(OfficeForm):
    """What a manual issue needs: programme, amount, receipt, reason."""

    programme = choice(lazy("Bitte wählen Sie ein Programm."))
    amount = money()
    email = text(254)
    language = fields.String(load_default="de")
    receipt = choice(lazy("Bitte wählen Sie den Zahlungseingang."))
    reason = text(MAX_REASON_LENGTH)


class RunForm(OfficeForm):
    """Which programme's value is to lapse, up to which day."""

    programme = choice(lazy("Bitte wählen Sie ein Programm."))
    kind = fields.String(load_default="paid")
    cutoff = Day(required=True, error_messages={"required": lazy("Bitte wählen Sie einen gültigen Tag.")})
    reason = text(MAX_REASON_LENGTH)


class UndoForm(OfficeForm):
    """Which lapsed value is to be given back, and why."""

    voucher = choice(lazy("Diesen Anteil gibt es auf dem Gutschein nicht."))
    lot = choice(lazy("Diesen Anteil gibt es auf dem Gutschein nicht."))
    reason = text(MAX_REASON_LENGTH)
