"""What may come in at the office, and for which programmes."""

from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from marshmallow import ValidationError, fields, validate

from foundation.database import session
from foundation.errors import Invalid, NotFound
from foundation.languages import _, lazy
from money import amount
from people.web.guards import list_memberships
from vouchers.stored_value.models import Programme


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
            raise ValidationError(_("Bitte wählen Sie einen gültigen Tag.")) from error


def text(limit: int) -> fields.String:
    """A line or a few; what is too long is refused, what is missing the domain refuses."""
    too_long = lazy("Das ist zu lang (höchstens %(n)s Zeichen).", n=limit)
    return fields.String(load_default="", validate=validate.Length(max=limit, error=too_long))


def choice(missing: Any) -> fields.UUID:
    """An id out of a list."""
    return fields.UUID(required=True, error_messages={"required": missing, "invalid_uuid": missing})


def money() -> Amount:
    """An amount that must be there."""
    return Amount(required=True, error_messages={"required": lazy("Bitte geben Sie einen Betrag ein.")})


def sentences(error: ValidationError) -> dict[str, object]:
    """One sentence a field."""
    messages = error.messages if isinstance(error.messages, dict) else {}
    return {name: str(found[0] if isinstance(found, list) else found) for name, found in messages.items()}


def own_programmes(permission: str) -> list[Programme]:
    """The programmes of the issuers for which the present person holds the permission, by name."""
    issuers = [m.organisation_id for m in list_memberships(permission)]
    query = sa.select(Programme).where(Programme.issuer_id.in_(issuers)).order_by(Programme.name)
    return list(session.scalars(query).unique())


def options(programmes: list[Programme]) -> list[tuple[str, str]]:
    """Programmes as a list to choose from."""
    return [(str(programme.id), programme.name) for programme in programmes]


def own_programme(programme_id: UUID, permission: str) -> Programme:
    """One of them. Refuses the others with `NotFound`."""
    for programme in own_programmes(permission):
        if programme.id == programme_id:
            return programme
    raise NotFound(_("Dieses Gutscheinprogramm gibt es nicht."))
