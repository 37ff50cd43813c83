"""What can be paid: the registry that the trades fill. A payable says what is owed and what follows from the money."""

from dataclasses import dataclass
from typing import Literal, Protocol
from uuid import UUID

from foundation.errors import Invalid

Rail = Literal["issuer", "seller"]


@dataclass(frozen=True)
class Share:
    """What one seller or issuer gets. `ref_id` is the payable's own id of that part (an order, a sale).

    On the rail "issuer" `organisation_id` is the issuer in whose ledger the share is booked.
    """

    ref_id: UUID
    outlet_id: UUID | None
    organisation_id: UUID
    cents: int
    title: str


@dataclass(frozen=True)
class AmountDue:
    """What is owed now, in cents of euro. The shares add up to `cents`.

    `rail` "issuer": the money belongs to the issuers of the shares (voucher money), and `ledger_id` is one of them.
    `rail` "seller": it never becomes ours, and `ledger_id` is the operator's, who keeps the memo accounts.
    """

    cents: int
    title: str
    shares: tuple[Share, ...]
    rail: Rail
    ledger_id: UUID
    email: str
    language: str = "de"
    excluded_methods: frozenset[str] = frozenset()


class Payable(Protocol):
    """One kind of thing that can be paid."""

    kind: str

    def owed(self, ref_id: UUID) -> AmountDue:
        """What is owed. Refuses with `NotFound` or `Refused` what cannot be paid (any more)."""
        ...

    def secured(self, ref_id: UUID, payment_id: UUID) -> None:
        """The money is certain, or promised at pick-up. Inside the deciding transaction; must not fail."""
        ...

    def failed(self, ref_id: UUID, payment_id: UUID, reason: str) -> None:
        """This payment came to nothing. Inside the transaction; what the payer had chosen stays."""
        ...

    def page(self, ref_id: UUID) -> str:
        """Where the payer goes on: after success the result, after failure the choice of methods."""
        ...


_payables: dict[str, Payable] = {}


def register(payable: Payable) -> None:
    """Make a kind payable. A second one of the same kind replaces the first (applications are made anew in tests)."""
    _payables[payable.kind] = payable


def of(kind: str) -> Payable:
    """The payable of this kind. Refuses unknown kinds (`Invalid`)."""
    if kind not in _payables:
        raise Invalid(f"nothing registered to be paid as {kind!r}", "payable_unknown")
    return _payables[kind]
