"""Funding: value that nobody pays for needs own funds in the issuer's pool, so that every voucher stays covered."""

from collections.abc import Callable
from uuid import UUID

import sqlalchemy as sa

from foundation.database import session
from foundation.errors import Refused
from foundation.languages import _
from money.amount import euro
from money.ledger import cover

# One decision after the other per issuer: two at the same moment would both see the same free funds.
ONE_POOL = sa.text("SELECT pg_advisory_xact_lock(hashtextextended('own funds ' || :ledger, 0))")

# Own funds that stand for something which is in no book yet, such as what counters may still sell. By issuer, in cents.
reserved: dict[str, Callable[[UUID], int]] = {}


def one_at_a_time(ledger_id: UUID) -> None:
    """Until the transaction ends nobody else decides about this issuer's own funds."""
    session.execute(ONE_POOL, {"ledger": str(ledger_id)})


def must_have(ledger_id: UUID, cents: int) -> None:
    """Refuses (`not_covered`) when the pool holds less than `cents` beyond what the issuer owes or has promised."""
    one_at_a_time(ledger_id)
    free = cover.of(ledger_id).free_cents - sum(promised(ledger_id) for promised in reserved.values())
    if free < cents:
        raise Refused(
            _(
                "Im Topf sind nur %(free)s eigenes Geld frei. Legen Sie zuerst Geld vom Betriebskonto dazu.",
                free=euro(max(free, 0)),
            ),
            "not_covered",
        )
