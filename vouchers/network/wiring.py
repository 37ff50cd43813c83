"""How the network plugs in: its proof, and the kinds of proposals that need two people."""

from vouchers.approvals import kinds
from vouchers.network import charter, proof, reciprocity, settlement, trust

KINDS = (*charter.KINDS, *trust.KINDS, *reciprocity.KINDS, *settlement.KINDS)


def plug() -> None:
    """Register them. The tables come with the kinds that write them."""
    proof.register()
    for kind in KINDS:
        kinds.register(kind)
