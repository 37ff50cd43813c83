"""What may come in at the wallet's pages. Lengths and words are checked by the wallet itself."""

from typing import Any

from marshmallow import EXCLUDE, Schema, fields, post_load

from foundation.languages import _


class PassOnForm(Schema):
    """To whom a voucher goes, with which words. Gives the keyword arguments of `transfer.pass_on`."""

    class Meta:
        unknown = EXCLUDE

    email = fields.String(load_default="")
    greeting = fields.String(load_default="")
    giver = fields.String(load_default="")
    language = fields.String(load_default="de")

    @post_load
    def finish(self, data: dict[str, Any], **kwargs: object) -> dict[str, Any]:
        """Name the giver, also one who stays unnamed."""
        email = data.pop("email")
        return data | {"to": email, "giver": data["giver"].strip() or _("jemandem, der an Sie denkt")}
