"""Queries for the shops that accept a programme at this moment. A host programme's shops do not count."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa

from foundation.clock import now
from foundation.database import session
from people.models import Municipality, Outlet
from vouchers.stored_value.models import Acceptance


def _accepting() -> sa.Select[UUID, UUID]:
    at = now()
    return (
        sa.select(Acceptance.programme_id, Acceptance.outlet_id)
        .join(Outlet, Outlet.id == Acceptance.outlet_id)
        .where(
            Outlet.active,
            Acceptance.valid_from <= at,
            sa.or_(Acceptance.valid_until.is_(None), Acceptance.valid_until > at),
        )
    )


def count_by_programme(programme_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Count how many shops accept each programme now."""
    pairs = _accepting().where(Acceptance.programme_id.in_(programme_ids)).subquery()
    rows = session.execute(sa.select(pairs.c.programme_id, sa.func.count()).group_by(pairs.c.programme_id))
    return {row[0]: int(row[1]) for row in rows}


def list_towns(programme_id: UUID) -> list[str]:
    """List the towns in which a programme is accepted now, by name."""
    pairs = _accepting().where(Acceptance.programme_id == programme_id).subquery()
    query = (
        sa.select(Municipality.name)
        .join(Outlet, Outlet.ags == Municipality.ags)
        .join(pairs, pairs.c.outlet_id == Outlet.id)
        .distinct()
        .order_by(Municipality.name)
    )
    return list(session.scalars(query))


def list_outlets(programme_id: UUID) -> list[Outlet]:
    """List the shops that accept a programme now, by town and name."""
    pairs = _accepting().where(Acceptance.programme_id == programme_id).subquery()
    query = (
        sa.select(Outlet)
        .join(pairs, pairs.c.outlet_id == Outlet.id)
        .join(Municipality, Municipality.ags == Outlet.ags)
        .order_by(Municipality.name, Outlet.name)
    )
    return list(session.scalars(query).unique())


def count_by_town(programme_id: UUID) -> dict[str, int]:
    """Count how many shops accept a programme now, by the official key of their town."""
    pairs = _accepting().where(Acceptance.programme_id == programme_id).subquery()
    query = sa.select(Outlet.ags, sa.func.count()).join(pairs, pairs.c.outlet_id == Outlet.id).group_by(Outlet.ags)
    return {str(ags): int(count) for ags, count in session.execute(query)}
