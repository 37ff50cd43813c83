"""Whether a programme's vouchers would have a single purpose for VAT (§ 3 (14) UStG). Such a programme is not sold.

Place and tax are certain when everything is supplied by one shop, or by all shops at one rate. We sell multi-purpose
vouchers only, so one that became single-purpose because a shop left is off sale until another one joins.
"""

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa

from foundation.database import session
from foundation.languages import _
from people.models import Outlet
from vouchers.network.queries import is_in_force
from vouchers.stored_value.models import Acceptance, Reciprocity

MIN_SHOPS, MIN_RATES = 2, 2


def find_single_purpose(programme_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Which of the programmes are single-purpose now, and why: `one_shop`, `one_rate` or `rates_unknown`."""
    wanted = list(programme_ids)
    found = {programme_id: _reason(*_network(programme_id)) for programme_id in wanted}
    return {programme_id: reason for programme_id, reason in found.items() if reason}


def explain_single_purpose(reason: str) -> str:
    """Why it is blocked, in words."""
    return {
        "one_shop": _(
            "Weniger als zwei Geschäfte nehmen diesen Gutschein. Er wäre ein Einzweck-Gutschein (§ 3 Abs. 14 UStG)."
        ),
        "one_rate": _(
            "Alle Geschäfte liefern zu einem einzigen Steuersatz. Er wäre ein Einzweck-Gutschein (§ 3 Abs. 14 UStG)."
        ),
        "rates_unknown": _(
            "Zu welchen Steuersätzen die Geschäfte liefern, ist nicht erfasst. "
            "Ob der Gutschein ein Mehrzweck-Gutschein ist (§ 3 Abs. 15 UStG), lässt sich so nicht sagen."
        ),
    }[reason]


def _network(programme_id: UUID) -> tuple[int, set[str]]:
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


def _reason(shops: int, rates: set[str]) -> str | None:
    if shops < MIN_SHOPS:
        return "one_shop"
    if not rates:
        return "rates_unknown"
    return "one_rate" if len(rates) < MIN_RATES else None
