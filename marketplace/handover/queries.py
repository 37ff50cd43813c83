"""Questions about pick-up points."""

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa

from foundation.database import session
from marketplace.handover.models import HandoverPoint


def list_points(organisation_ids: Iterable[UUID]) -> list[HandoverPoint]:
    """List the pick-up points that these organisations run, by name."""
    query = sa.select(HandoverPoint).where(HandoverPoint.organisation_id.in_(list(organisation_ids)))
    return list(session.scalars(query.order_by(HandoverPoint.name)))
