"""The cover of an issuer as everybody may see it: from the books alone, with no field that anybody fills in."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from flask_babel import format_decimal

from foundation.clock import today
from foundation.database import session
from money.ledger import cover
from money.ledger.cover import Cover
from money.ledger.models import CheckRun, DailyRollup
from people.models import Organisation

FULL_BASIS_POINTS = 10_000


@dataclass(frozen=True)
class PublicCover:
    """What an issuer has and owes now. `since`: since when it is covered, or is not; None before the first check.

    `statement_on`: the day of the last movement on the trust account that is in the books; `next_on` is the next
    banking day after it, or today.
    """

    name: str
    cover: Cover
    since: datetime | None
    statement_on: date | None
    next_on: date

    @property
    def ratio_percent(self) -> str | None:
        """Pool to debts in per cent, rounded down to hundredths; nothing where nothing is owed."""
        if not self.cover.owed_cents:
            return None
        points = self.cover.pool_cents * FULL_BASIS_POINTS // self.cover.owed_cents
        return str(format_decimal(Decimal(points) / 100, "0.00"))


def list_public_covers() -> list[PublicCover]:
    """List the cover of every issuer that ever owed anything, by name."""
    covers = cover.compute_all_covers(session.connection())
    names = {row.id: row.name for row in session.execute(sa.select(Organisation.id, Organisation.name))}
    known = [found for found in covers if found.ledger_id in names]
    return sorted((_describe(names[found.ledger_id], found) for found in known), key=lambda found: found.name)


def _describe(name: str, found: Cover) -> PublicCover:
    last = session.scalar(
        sa.select(sa.func.max(DailyRollup.booked_on)).where(
            DailyRollup.ledger_id == found.ledger_id,
            sa.or_(DailyRollup.debit_account == "TB", DailyRollup.credit_account == "TB"),
        )
    )
    return PublicCover(name, found, _find_since(found.ledger_id, found.ok), last, _find_next(last))


def _find_since(ledger_id: UUID, ok: bool) -> datetime | None:
    """Since when the checks, which run every ten minutes, have said the same as now."""
    mine = CheckRun.detail[str(ledger_id)]
    was_ok = mine["pool_cents"].as_integer() >= mine["owed_cents"].as_integer()
    checked = sa.and_(CheckRun.check == "cover", CheckRun.detail.has_key(str(ledger_id)))
    other = sa.select(sa.func.max(CheckRun.finished_at)).where(checked, was_ok if not ok else ~was_ok).scalar_subquery()
    same = sa.select(sa.func.min(CheckRun.finished_at)).where(
        checked, CheckRun.finished_at > sa.func.coalesce(other, sa.text("'-infinity'"))
    )
    return session.scalar(same)


def _find_next(last: date | None) -> date:
    following = max(today(), (last or today()) + timedelta(days=1))
    while following.weekday() >= 5:
        following += timedelta(days=1)
    return following
