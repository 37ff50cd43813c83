"""What may come in at the retailer's desk about tills, cash systems and servers."""

from marshmallow import EXCLUDE, Schema, fields

NEW = "neu"


class DeskForm(Schema):
    """A form about one shop. Fields that nobody asked for are left out."""

    class Meta:
        unknown = EXCLUDE

    outlet = fields.UUID(required=True)


class TillForm(DeskForm):
    """What names a new device of a shop."""

    name = fields.String(required=True)


class StaffForm(DeskForm):
    """The name, PIN and role of somebody at the till."""

    alias = fields.String(required=True)
    pin = fields.String(required=True)
    role = fields.String(load_default="cashier")


class AccessForm(DeskForm):
    """A token: for a cash system that is new here (`till` is `neu`), or for one that is known."""

    till = fields.String(load_default=NEW)
    name = fields.String(required=True)
    scopes = fields.List(fields.String(), load_default=list)


class PracticeKeyForm(DeskForm):
    """What names a key that can never book anything."""

    name = fields.String(required=True)


class EndpointForm(DeskForm):
    """The address of a server that gets messages, and which."""

    url = fields.String(required=True)
    events = fields.List(fields.String(), load_default=list)
