"""Whether a programme's vouchers would have a single purpose for VAT (§ 3 (14) UStG). Such a programme is not sold.

Place and tax are certain when everything is supplied by one shop, or by all shops at one rate. We sell multi-purpose
vouchers only, so one that became single-purpose because a shop left is off sale until another one joins. Decision 0307.
"""

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa

from foundation.database import session
from people.models import Outlet
from vouchers.network.queries import is_in_force
from vouchers.network.states import SinglePurpose
from vouchers.stored_value.models import Acceptance, Reciprocity

MIN_SHOPS, MIN_RATES = 2, 2


def find_single_purpose(programme_ids: Iterable[UUID]) -> dict[UUID, SinglePurpose]:
    """Find which of the programmes are single-purpose now, and why."""
    found = {programme_id: _reason(*_count_shops(programme_id)) for programme_id in programme_ids}
    return {programme_id: reason for programme_id, reason in found.items() if reason}


def _count_shops(programme_id: UUID) -> tuple[int, set[str]]:
    """How many active shops take it, and all VAT rates at which they supply."""
    hosts = sa.select(Reciprocity.host_programme_id).where(
        Reciprocity.programme_id == programme_id, is_in_force(Reciprocity)
    )
    query = (
        sa.select(
            sa.func.count(sa.distinct(Acceptance.outlet_id)), sa.func.array_agg(sa.distinct(Acceptance.vat_rates))
        )
        .join(Outlet, Outlet.id == Acceptance.outlet_id)
        .where(
            sa.or_(Acceptance.programme_id == programme_id, Acceptance.programme_id.in_(hosts)),
            is_in_force(Acceptance),
            Outlet.active,
        )
    )
    shops, rates = session.execute(query).one()
    return int(shops), {rate for text in rates or [] for rate in text.split(",") if rate}


def _reason(shops: int, rates: set[str]) -> SinglePurpose | None:
    if shops < MIN_SHOPS:
        return SinglePurpose.ONE_SHOP
    if not rates:
        return SinglePurpose.RATES_UNKNOWN
    return SinglePurpose.ONE_RATE if len(rates) < MIN_RATES else None
