"""How counters are called in the sentences of postings. Decision 0315."""

from uuid import UUID

from foundation.database import session
from money.ledger import explaining
from vouchers.cards.models import Counter


def _name_counter(claim: UUID) -> str | None:
    found = session.get(Counter, claim)
    return found.name if found else None


def plug() -> None:
    """Register it. A claim (SF) on anybody else keeps its short number."""
    explaining.name_parties("claim", _name_counter)
