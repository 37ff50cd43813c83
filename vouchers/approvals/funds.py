"""Own funds: value that nobody pays for needs the issuer's own money in the pool, so that vouchers stay covered.

Decision 0308; the rooms above register in `reserved` what own funds already stand for.
"""

from collections.abc import Callable
from uuid import UUID

from foundation.database import lock_name
from money.ledger import cover
from vouchers.approvals import errors

# One decision after the other per issuer: two at the same moment would both see the same free funds.

# Own funds that stand for something which is in no book yet, such as what counters may still sell. By issuer, in cents.
reserved: dict[str, Callable[[UUID], int]] = {}


def lock_own_funds(ledger_id: UUID) -> None:
    """Let nobody else decide about this issuer's own funds until the transaction ends."""
    lock_name(f"own funds {ledger_id}")


def require_own_funds(ledger_id: UUID, cents: int) -> None:
    """Refuse (`not_covered`) when the pool holds less than `cents` beyond what the issuer owes or has reserved."""
    lock_own_funds(ledger_id)
    free = cover.compute_cover(ledger_id).free_cents - sum(count(ledger_id) for count in reserved.values())
    if free < cents:
        raise errors.not_covered(free)
