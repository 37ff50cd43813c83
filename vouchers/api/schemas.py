"""What may come in and what goes out of `/api/v1`: one schema serves validation and the OpenAPI document.

All amounts are whole cents of euro.
"""

from datetime import datetime
from typing import Any

from marshmallow import INCLUDE, RAISE, Schema, ValidationError, fields, pre_load, validate, validates_schema

from foundation.clock import BERLIN
from vouchers.stored_value.codes import MAX_PRESENTED_CHARACTERS
from vouchers.tills.holds import MAX_HOLD_SECONDS
from vouchers.tills.redeeming import MAX_REDEMPTION_CENTS

PRACTICE = {"description": "Only with a practice key: nothing was booked"}
# Fields that were renamed before the first installation. Ignored, `expires_in` would hold for longer than was asked.
RENAMED = {"amount": "amount_cents", "expires_in": "expires_in_seconds"}


class StrictInteger(fields.Integer):
    """A whole number: no strings, no fractions, no true and false."""

    def __init__(self, **options: Any) -> None:
        super().__init__(strict=True, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValidationError("Not a whole number.")
        return value


class Cents(StrictInteger):
    """An amount in whole cents of euro."""


class Line(fields.String):
    """One line of text: no control characters, nothing that has no place in UTF-8."""

    def __init__(self, maximum: int, minimum: int = 0, **options: Any) -> None:
        super().__init__(validate=validate.Length(min=minimum, max=maximum), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **options)
        if not text.isprintable():
            raise ValidationError("Printable characters only.")
        return text


def check_plausible(instant: datetime) -> None:
    """Refuses years that no till's clock shows."""
    if not 2000 <= instant.year <= 2200:
        raise ValidationError("No plausible time.")


class Request(Schema):
    """What comes in. A field that we do not know is refused: ignored, it would be half of what was asked for."""

    class Meta:
        unknown = RAISE

    @pre_load
    def _refuse_old_names(self, data: dict[str, Any], **options: Any) -> dict[str, Any]:
        old = {name: [f"Renamed: {new}."] for name, new in RENAMED.items() if name in data and new in self.fields}
        if old:
            raise ValidationError(old)
        return data


REDEMPTION_RANGE = validate.Range(min=1, max=MAX_REDEMPTION_CENTS)


class Presented(Request):
    """Exactly one of token and code, and an amount. The till follows from its bearer token."""

    token = Line(
        MAX_PRESENTED_CHARACTERS,
        1,
        metadata={
            "description": "Token of the QR code, or its whole address",
            "example": "ML1.7HFDERYBTS7WJR8CRHFACGV7DD",
        },
    )
    code = Line(
        60,
        1,
        metadata={
            "description": "Typed code; case, spaces, O/0 and I/L/1 do not matter",
            "example": "ZVND-N5H0-ZDZ",
        },
    )
    amount_cents = Cents(required=True, validate=REDEMPTION_RANGE, metadata={"example": 3750})
    receipt_no = Line(60, allow_none=True, metadata={"description": "Number of the shop's own receipt"})

    @validates_schema(skip_on_field_errors=True)
    def _one(self, data: dict[str, Any], **options: Any) -> None:
        if ("token" in data) == ("code" in data):
            raise ValidationError("Give either token or code.", "token")


class RedemptionRequest(Presented):
    """What is to be taken from which voucher."""

    basket_total_cents = Cents(
        allow_none=True,
        validate=validate.Range(min=0, max=100 * MAX_REDEMPTION_CENTS),
        metadata={"description": "What the whole purchase cost; only for statistics"},
    )
    client_time = fields.AwareDateTime(
        allow_none=True,
        default_timezone=BERLIN,
        validate=check_plausible,
        metadata={
            "description": "The till's clock; noted, never decides",
            "example": "2026-11-23T10:15:00+01:00",
        },
    )


class HoldRequest(Presented):
    """What is to be set aside, and for how long."""

    expires_in_seconds = StrictInteger(
        load_default=900,
        validate=validate.Range(min=1, max=MAX_HOLD_SECONDS),
        metadata={"description": "At most 30 minutes", "example": 900},
    )


class CaptureRequest(Request):
    """How much of a hold is taken; all of it without."""

    amount_cents = Cents(validate=REDEMPTION_RANGE, metadata={"example": 400})


class ReleaseRequest(Request):
    """Nothing: a hold is released as a whole."""


class ReasonRequest(Request):
    """Why a whole redemption is taken back."""

    reason = Line(200, load_default="", metadata={"example": "Vertippt"})


class RefundRequest(ReasonRequest):
    """A part that goes back to where it came from."""

    amount_cents = Cents(required=True, validate=REDEMPTION_RANGE, metadata={"example": 500})


class Answer(Schema):
    """What goes out. More fields may come: who reads it ignores what it does not know."""

    class Meta:
        unknown = INCLUDE


class Bucket(Answer):
    """A part of the voucher with its own origin and end."""

    kind = fields.String(validate=validate.OneOf(["paid", "bonus", "employer", "goodwill"]))
    amount_cents = Cents(metadata={"description": "Moved by this call"})
    remaining_cents = Cents(metadata={"description": "Left in it"})
    valid_until = fields.Date(metadata={"description": "Last day, until 24:00 in Berlin"})


class Receipt(Answer):
    """What a receipt has to say; no personal data."""

    issuer = fields.String()
    programme = fields.String()
    shop = fields.String()
    street = fields.String()
    postcode = fields.String()
    town = fields.String()
    till = fields.String()
    cashier = fields.String(allow_none=True)
    time = fields.AwareDateTime()
    voucher_last4 = fields.String()
    receipt_no = fields.String(allow_none=True)
    void_code = fields.String()
    note = fields.String()


class Redemption(Answer):
    """What was taken and what is left, in cents."""

    redemption_id = fields.UUID()
    amount_cents = Cents()
    remaining_cents = Cents()
    buckets = fields.List(fields.Nested(Bucket))
    receipt = fields.Nested(Receipt)
    practice = fields.Boolean(metadata=PRACTICE)


class RedemptionFound(Redemption):
    """A redemption as it was told, and how it stands now. `hold_id`: it was held before."""

    state = fields.String(validate=validate.OneOf(["captured", "part_refunded", "refunded", "voided"]))
    returned_cents = Cents(metadata={"description": "Given back since"})
    hold_id = fields.UUID()


class RedemptionList(Answer):
    """What was found, the newest first."""

    redemptions = fields.List(fields.Nested(RedemptionFound), required=True)
    practice = fields.Boolean(metadata=PRACTICE)


class Hold(Answer):
    """What is set aside, in cents, and until when."""

    hold_id = fields.UUID()
    amount_cents = Cents()
    remaining_cents = Cents()
    expires_at = fields.AwareDateTime()
    practice = fields.Boolean(metadata=PRACTICE)


class HoldEnded(Answer):
    """What became of a hold. `redemption_id` only when it was taken."""

    hold_id = fields.UUID()
    redemption_id = fields.UUID()
    amount_cents = Cents()
    released_cents = Cents(metadata={"description": "Of a capture: what was held and not taken"})
    remaining_cents = Cents()
    practice = fields.Boolean(metadata=PRACTICE)


class Return(Answer):
    """What went back, and what is on the voucher now. `lapsed_cents` went to the campaign that had given it."""

    void_id = fields.UUID()
    refund_id = fields.UUID()
    redemption_id = fields.UUID()
    amount_cents = Cents()
    lapsed_cents = Cents()
    remaining_cents = Cents()
    buckets = fields.List(fields.Nested(Bucket))
    time = fields.AwareDateTime()
    practice = fields.Boolean(metadata=PRACTICE)


class ByKey(Answer):
    """What became of a key. `outcome` is `done` or the code of the refusal; `result` is the answer of other calls."""

    state = fields.String(validate=validate.OneOf(["found"]))
    kind = fields.String()
    outcome = fields.String()
    returned_cents = Cents()
    redemption = fields.Nested(Redemption)
    result = fields.Dict()
    practice = fields.Boolean(metadata=PRACTICE)


class VoucherFound(Answer):
    """What a till may see before an amount is typed."""

    programme = fields.String()
    voucher_last4 = fields.String()
    remaining_cents = Cents()
    buckets = fields.List(fields.Nested(Bucket))
    practice = fields.Boolean(metadata=PRACTICE)


class Count(Answer):
    """How often, and how many cents."""

    count = fields.Integer(required=True)
    cents = Cents(required=True)


class TillDay(Answer):
    """What a till did on a day. `net_cents` = redemptions + captures - voids - refunds."""

    till_id = fields.UUID(required=True, allow_none=True)
    till = fields.String(required=True, allow_none=True)
    redemptions = fields.Nested(Count, required=True)
    captures = fields.Nested(Count, required=True)
    voids = fields.Nested(Count, required=True)
    refunds = fields.Nested(Count, required=True)
    net_cents = Cents(required=True)


class DayReport(Answer):
    """A business day of a shop. `total_cents` is the sum over `tills`."""

    date = fields.Date(required=True)
    shop = fields.String(required=True)
    outlet_id = fields.UUID(required=True)
    currency = fields.String(required=True)
    tills = fields.List(fields.Nested(TillDay), required=True)
    total_cents = Cents(required=True)
    without_till = fields.Dict(required=True, allow_none=True)
    practice = fields.Boolean(metadata=PRACTICE)


class Export(Answer):
    """Rows in the fields of the DSFinV-K; texts, as in the CSV. Their meaning: docs/api/dsfinvk.md."""

    from_ = fields.Date(data_key="from", required=True)
    until = fields.Date(required=True)
    mapping = fields.String(required=True)
    rows = fields.List(fields.Dict(keys=fields.String(), values=fields.String()), required=True)
    practice = fields.Boolean(metadata=PRACTICE)


class Problem(Answer):
    """A refusal (RFC 9457): `code` is for machines and stays, `title` is for people."""

    type = fields.String()
    status = fields.Integer()
    code = fields.String()
    title = fields.String()
    request_id = fields.String()
    reason_code = fields.String()
    remaining_cents = Cents()
    returnable_cents = Cents()
    held_cents = Cents()
    paused_until = fields.AwareDateTime()
    decided = fields.Boolean(
        metadata={
            "description": "Whether something stands under the key of this call. False: nothing does, and the key is "
            "not used up. Missing: not known"
        }
    )
    state = fields.String()
    programme = fields.String()
    field = fields.String()
    fields_ = fields.Dict(data_key="fields", keys=fields.String(), values=fields.List(fields.String()))
