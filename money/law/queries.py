"""The one function through which limits and periods of law are read."""

from datetime import date

import sqlalchemy as sa

from foundation.clock import today
from foundation.database import session
from money.law.models import LegalValue


def load_legal_value(key: str, on: date | None = None) -> int:
    """Load the value in force on a day (today when none is given). Raises `LookupError` for an unknown key."""
    query = (
        sa.select(LegalValue.value)
        .where(LegalValue.key == key, LegalValue.valid_from <= (on or today()))
        .order_by(LegalValue.valid_from.desc())
        .limit(1)
    )
    found = session.scalar(query)
    if found is None:
        raise LookupError(f"no legal value {key!r} on that day")
    return int(found)


def list_legal_values() -> list[LegalValue]:
    """List every value with its norm and days, for the page that shows which rule is in force."""
    return list(session.scalars(sa.select(LegalValue).order_by(LegalValue.key, LegalValue.valid_from)))
