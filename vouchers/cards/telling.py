"""How postings of counters explain themselves, and how counters are called in sentences."""

from uuid import UUID

from foundation.database import session
from foundation.languages import lazy
from money.ledger import explaining
from vouchers.cards.counters import PAYMENT
from vouchers.cards.models import Counter


def _counter(claim: UUID) -> str | None:
    found = session.get(Counter, claim)
    return found.name if found else None


def plug() -> None:
    """Register them. A claim (SF) on anybody else keeps its short number."""
    explaining.name_parties("claim", _counter)
    explaining.add(PAYMENT, lazy("{amount} von der Verkaufsstelle {credit_party} auf dem Treuhandkonto eingegangen"))
