"""How the network plugs in: its proof, a sentence, and the kinds of proposals that need two people."""

from foundation.languages import lazy
from money.ledger import explaining
from vouchers.approvals import kinds
from vouchers.network import charter, month_end, proofs, reciprocity, settlement, trust

KINDS = (*charter.KINDS, *trust.KINDS, *reciprocity.KINDS, *settlement.KINDS, *month_end.KINDS)


def plug() -> None:
    """Register them. The tables come with the kinds that write them."""
    proofs.plug()
    explaining.add(settlement.KIND, lazy("Ausgleich über {amount} beschlossen ({debit_party}, {credit_party})"))
    explaining.name_parties("organisation", settlement.name_party)
    for kind in KINDS:
        kinds.register(kind)
