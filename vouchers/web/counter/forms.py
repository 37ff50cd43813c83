"""What may come in at a counter's pages."""

from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load

from foundation.errors import Invalid
from money import amount
from vouchers.cards.selling import MAX_KEY_CHARACTERS

MAX_NUMBER_CHARACTERS = 40


class CardSaleForm(Schema):
    """A sale: which card, for how much, how it was paid. Gives the keyword arguments of `selling.sell_card`."""

    class Meta:
        unknown = EXCLUDE

    card = fields.String(load_default="")
    amount = fields.String(load_default="")
    paid_by = fields.String(load_default="")
    key = fields.String(load_default="")

    @post_load
    def finish(self, data: dict[str, Any], **kwargs: object) -> dict[str, Any]:
        """Turn the amount into cents; none where the card has a fixed value."""
        typed = data["amount"].strip()
        try:
            cents = amount.parse(data["amount"]) if typed else None
        except Invalid as error:
            raise ValidationError(str(error.sentence), "amount") from error
        return {
            "presented": data["card"][:MAX_NUMBER_CHARACTERS],
            "cents": cents,
            "paid_by": data["paid_by"],
            "key": data["key"][:MAX_KEY_CHARACTERS],
        }
