"""The cover of an issuer as everybody may see it: what bank and provider say against what the books owe.

No field of it can be filled in, and nothing that somebody typed counts: not own funds without a line of the bank, not a
receipt before its statement, not value issued by hand (that is owed at once). Decision 0113.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import holidays
import sqlalchemy as sa
from flask_babel import format_decimal

from foundation.clock import today
from foundation.database import session
from money.ledger import cover
from money.ledger.cover import Cover
from money.ledger.models import CheckRun
from people.models import Organisation

FULL_BASIS_POINTS = 10_000
BAR_WIDTH = 1000
POOL, OWED = "stated_pool_cents", "owed_cents"


@dataclass(frozen=True)
class Segment:
    """One part of a drawn bar: its kind, its cents, where it begins and how wide it is, on a scale of `BAR_WIDTH`."""

    kind: str
    cents: int
    start: int
    width: int


@dataclass(frozen=True)
class PublicCover:
    """What an issuer has and owes now. `since`: since when it is covered, or is not; None before the first check.

    `next_on`: the next banking day after the last statement, or today.
    """

    name: str
    cover: Cover
    since: datetime | None
    next_on: date

    @property
    def pool_cents(self) -> int:
        """What bank and provider state."""
        return self.cover.stated_pool_cents

    @property
    def missing_cents(self) -> int:
        """What the pool lacks; zero when the debts are covered."""
        return max(self.cover.owed_cents - self.pool_cents, 0)

    @property
    def unstated_cents(self) -> int:
        """What the books say of the trust account beyond what the bank has stated. It does not count."""
        return self.cover.bank_cents - self.cover.stated_cents

    @property
    def pool_segments(self) -> list[Segment]:
        """The pool by where it lies, on the same scale as the debts."""
        return self._draw(bank=self.cover.stated_cents, provider=self.cover.provider_cents)

    @property
    def owed_segments(self) -> list[Segment]:
        """The debts by whom they are owed to, on the same scale as the pool."""
        owed = self.cover
        return self._draw(
            vouchers=owed.vouchers_cents, shops=owed.shops_cents, others=owed.others_cents, prepaid=owed.prepaid_cents
        )

    def _draw(self, **parts: int) -> list[Segment]:
        whole, end, drawn = max(self.pool_cents, self.cover.owed_cents, 1), 0, []
        for kind, cents in parts.items():
            if cents > 0:
                start = end * BAR_WIDTH // whole
                end += cents
                drawn.append(Segment(kind, cents, start, end * BAR_WIDTH // whole - start))
        return drawn

    @property
    def ratio_percent(self) -> str | None:
        """Pool to debts in per cent, rounded down to hundredths; nothing where nothing is owed."""
        if not self.cover.owed_cents:
            return None
        points = self.pool_cents * FULL_BASIS_POINTS // self.cover.owed_cents
        return str(format_decimal(Decimal(points) / 100, "0.00"))


def list_public_covers() -> list[PublicCover]:
    """List the cover of every issuer that ever owed anything, by name."""
    covers = cover.compute_all_covers(session.connection())
    names = {row.id: row.name for row in session.execute(sa.select(Organisation.id, Organisation.name))}
    known = [found for found in covers if found.ledger_id in names]
    return sorted((_describe(names[found.ledger_id], found) for found in known), key=lambda found: found.name)


def _describe(name: str, found: Cover) -> PublicCover:
    is_covered = found.stated_pool_cents >= found.owed_cents
    return PublicCover(name, found, _find_since(found.ledger_id, is_covered), _find_next(found.stated_on))


def _find_since(ledger_id: UUID, is_covered: bool) -> datetime | None:
    """Since when the checks, which run every ten minutes, have said the same as now."""
    mine = CheckRun.detail[str(ledger_id)]
    was_covered = mine[POOL].as_integer() >= mine[OWED].as_integer()
    checked = sa.and_(CheckRun.check == "cover", CheckRun.detail.has_key(str(ledger_id)), mine.has_key(POOL))
    otherwise = ~was_covered if is_covered else was_covered
    other = sa.select(sa.func.max(CheckRun.finished_at)).where(checked, otherwise).scalar_subquery()
    same = sa.select(sa.func.min(CheckRun.finished_at)).where(
        checked, CheckRun.finished_at > sa.func.coalesce(other, sa.text("'-infinity'"))
    )
    return session.scalar(same)


def _find_next(last: date | None) -> date:
    following = max(today(), (last or today()) + timedelta(days=1))
    closed = holidays.financial_holidays("ECB", years=[following.year, following.year + 1])
    while following.weekday() >= 5 or following in closed:
        following += timedelta(days=1)
    return following
