"""What the end of days adds: sources, proofs, and guards for what rests on closed days."""

from money.bank import receiving
from money.day_end import bank_source, proofs, queries
from money.ledger import periods


def plug() -> None:
    """Register sources, proofs and guards, each once."""
    bank_source.plug()
    proofs.plug()
    if queries.require_open not in receiving.guards:
        receiving.guards.append(queries.require_open)
    if queries.require_closed not in periods.guards:
        periods.guards.append(queries.require_closed)
