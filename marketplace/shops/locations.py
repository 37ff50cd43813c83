"""Where the reader is: a postcode or a town of the region becomes a point."""

from dataclasses import dataclass

import sqlalchemy as sa

from foundation.database import call
from marketplace.cache import cached
from people.models import Municipality, Postcode

MAX_LOCATION_CHARS = 60


@dataclass(frozen=True)
class Location:
    """A point (WGS 84) with the words people know it by."""

    text: str
    town: str
    latitude: float
    longitude: float


@cached(seconds=600)
def find_location(text: str) -> Location | None:
    """Find the point of "48653", "Coesfeld" or "48653 Coesfeld"; nothing for what is not in the region."""
    wanted = " ".join(text.split())[:MAX_LOCATION_CHARS]
    digits = wanted[:5] if wanted[:5].isdigit() and len(wanted) >= 5 else ""
    by = Postcode.postcode == digits if digits else sa.func.lower(Municipality.name) == wanted.lower()
    query = (
        sa.select(Postcode.postcode, Municipality.name, Postcode.latitude, Postcode.longitude)
        .join(Municipality, Municipality.ags == Postcode.ags)
        .where(by)
        .order_by(Postcode.postcode)
        .limit(1)
    )
    rows = call(query) if wanted else []
    return Location(digits or rows[0].name, rows[0].name, rows[0].latitude, rows[0].longitude) if rows else None
