"""What can be asked of published roots."""

import sqlalchemy as sa

from foundation.database import session
from money.ledger.models import DayRoot
from money.ledger.published import PublishedRoot
from money.roots.models import BalanceRoot

PAGE_DAYS = 60


def list_roots(limit: int | None = None) -> list[PublishedRoot]:
    """List the roots of finished days with that of their balances, the newest first."""
    query = (
        sa.select(DayRoot.day, DayRoot.root, BalanceRoot.root.label("balances"))
        .join(BalanceRoot, BalanceRoot.day == DayRoot.day)
        .order_by(DayRoot.day.desc())
        .limit(limit)
    )
    return [PublishedRoot(row.day, bytes(row.root), bytes(row.balances)) for row in session.execute(query)]
