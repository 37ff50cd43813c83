"""How many of an offer can still be sold."""

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa

from foundation.database import session
from marketplace.catalogue.models import Stock


def available(offer_ids: Iterable[UUID]) -> dict[UUID, int | None]:
    """What can be sold of each offer. None: not counted, the shop has to be asked. Unknown ids are left out."""
    wanted = list(offer_ids)
    if not wanted:
        return {}
    query = sa.select(Stock.offer_id, Stock.on_hand).where(Stock.offer_id.in_(wanted))
    found: dict[UUID, int | None] = dict.fromkeys(wanted)
    return found | {row.offer_id: row.on_hand for row in session.execute(query)}
