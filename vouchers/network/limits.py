"""The charter's limits on selling: value in a month, value of a payer in 30 days. Called by whoever sells.

Selling claims the value first, under a lock of the programme's month and of the payer, so that parallel buyers see each
other; paid claims stay, unpaid ones lapse, dropped orders give theirs back. Decision 0307.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from foundation.clock import now, today
from foundation.database import lock_name, session
from foundation.security import keyed_hash
from money.law.queries import load_legal_value
from vouchers.network import errors
from vouchers.network.models import SaleClaim
from vouchers.stored_value import errors as value_errors
from vouchers.stored_value.models import Programme

UNPAID_CLAIM_TTL = timedelta(hours=24)
PAYER_PERIOD = timedelta(days=30)


def claim_sale(
    ref_id: UUID,
    parts: Mapping[UUID, int],
    *,
    payer: str | None = None,
    lapses_at: datetime | None = None,
) -> None:
    """Claim value for an order before it is paid: `parts` says how many cents of which programme.

    `ref_id` is the order's id: claimed again it counts once, with the new amounts. `payer` is the buyer's address (none
    at a counter or for a batch). Unpaid it counts until `lapses_at` (a day when none is given); then see `keep`.
    Refuses (`Refused`) more than the charter sells in a month (`month_limit`) or to a payer in 30 days (`payer_limit`,
    also over all programmes together, as the self-limit after the money laundering act says).
    """
    payer_hash = keyed_hash("payer", payer.strip().lower()) if payer else None
    _lock(parts, payer_hash)
    if _paid(ref_id):
        return
    release_claim(ref_id)
    for programme_id, cents in sorted(parts.items()):
        _must_fit(_programme(programme_id), cents, payer_hash)
        session.merge(
            SaleClaim(
                ref_id=ref_id,
                programme_id=programme_id,
                month=first_of_month(today()),
                cents=cents,
                payer_hash=payer_hash,
                claimed_at=now(),
                lapses_at=lapses_at or now() + UNPAID_CLAIM_TTL,
                released_at=None,
            )
        )
        session.flush()
    _payer_over_all(payer_hash)


def keep_claim(ref_id: UUID) -> bool:
    """Let a claim count for good, because the money is there; an order that never claimed anything is kept as well.

    False when the claim had lapsed and the month has no room left: then it is released, and the money must go back.
    """
    found = list(session.scalars(sa.select(SaleClaim).where(SaleClaim.ref_id == ref_id)))
    rows = [row for row in found if row.released_at is None] or found
    present = now()
    late = {row.programme_id: row.cents for row in rows if row.released_at or (row.lapses_at or present) < present}
    if late:
        _lock(late, None)
        if any(
            sum_sold(p, first_of_month(today())) + cents > _programme(p).month_cents
            for p, cents in sorted(late.items())
        ):
            release_claim(ref_id)
            return False
    for row in rows:
        row.lapses_at = row.released_at = None
        if row.programme_id in late:
            row.month = first_of_month(today())
    session.flush()
    return True


def sell_now(ref_id: UUID, programme_id: UUID, cents: int) -> None:
    """Claim and keep at once, where the money is there already: a counter, a batch. Refuses as `check_sale` does."""
    claim_sale(ref_id, {programme_id: cents})
    keep_claim(ref_id)


def release_claim(ref_id: UUID) -> None:
    """Release the claims of an order that came to nothing: they count no more."""
    session.execute(
        sa.update(SaleClaim)
        .where(SaleClaim.ref_id == ref_id, SaleClaim.released_at.is_(None))
        .values(released_at=now())
    )


def sum_sold(programme_id: UUID, month: date) -> int:
    """Sum up, in cents, what was sold or is being sold in the month that begins on that day."""
    query = sa.select(sa.func.coalesce(sa.func.sum(SaleClaim.cents), 0)).where(
        SaleClaim.programme_id == programme_id, SaleClaim.month == month, _counts()
    )
    return int(session.scalar(query) or 0)


def first_of_month(day: date) -> date:
    """The first day of the month in which `day` lies."""
    return day.replace(day=1)


def _must_fit(programme: Programme, cents: int, payer_hash: bytes | None) -> None:
    if sum_sold(programme.id, first_of_month(today())) + cents > programme.month_cents:
        raise errors.month_limit(programme.month_cents)
    if payer_hash and _bought(payer_hash, programme.id) + cents > programme.payer_cents:
        raise errors.payer_limit(programme.payer_cents)


def _payer_over_all(payer_hash: bytes | None) -> None:
    most = load_legal_value("voucher.payer_30_days_cents")
    if payer_hash and _bought(payer_hash) > most:
        raise errors.payer_limit(most)


def _bought(payer_hash: bytes, programme_id: UUID | None = None) -> int:
    query = sa.select(sa.func.coalesce(sa.func.sum(SaleClaim.cents), 0)).where(
        SaleClaim.payer_hash == payer_hash, SaleClaim.claimed_at > now() - PAYER_PERIOD, _counts()
    )
    if programme_id:
        query = query.where(SaleClaim.programme_id == programme_id)
    return int(session.scalar(query) or 0)


def _counts() -> sa.ColumnElement[bool]:
    unlapsed = sa.or_(SaleClaim.lapses_at.is_(None), SaleClaim.lapses_at > now())
    return sa.and_(SaleClaim.released_at.is_(None), unlapsed)


def _lock(parts: Mapping[UUID, int], payer_hash: bytes | None) -> None:
    # Always in the same order, or two baskets could wait for each other.
    names = sorted(f"sold {programme_id}" for programme_id in parts)
    if payer_hash:
        names.append(f"payer {payer_hash.hex()}")
    for name in names:
        lock_name(name)


def _paid(ref_id: UUID) -> bool:
    query = sa.select(SaleClaim.ref_id).where(
        SaleClaim.ref_id == ref_id, SaleClaim.lapses_at.is_(None), SaleClaim.released_at.is_(None)
    )
    return session.scalar(query.limit(1)) is not None


def _programme(programme_id: UUID) -> Programme:
    found = session.get(Programme, programme_id, populate_existing=True)
    if found is None:
        raise value_errors.programme_unknown()
    return found
