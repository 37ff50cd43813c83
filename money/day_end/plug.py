"""What the end of days adds: witnesses, proofs, and guards for what rests on closed days."""

from money.bank import receiving
from money.day_end import bank_witness, proofs, queries
from money.ledger import periods


def plug() -> None:
    """Register witnesses, proofs and guards, each once."""
    bank_witness.plug()
    proofs.plug()
    if queries.require_open not in receiving.guards:
        receiving.guards.append(queries.require_open)
    if queries.require_closed not in periods.guards:
        periods.guards.append(queries.require_closed)
