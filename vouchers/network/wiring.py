"""How the network plugs in: its tables, its proof, the kinds that need two people."""

from vouchers.approvals import kinds
from vouchers.network import charter, models, proof, reciprocity, settlement, trust


def plug() -> None:
    """Register them."""
    assert models
    proof.plug()
    for kind in (*charter.KINDS, *trust.KINDS, *reciprocity.KINDS, *settlement.KINDS):
        kinds.register(kind)
