"""What can be paid: the registry that the trades fill. A payable says what is due, what it allows, what follows.

Decision 0206: a payable names the kinds of money that it takes. A method that nobody thought of is not offered.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from money.payments import errors


class Rail(StrEnum):
    """Whose money it is. The two are never netted (decision 0203)."""

    ISSUER = "issuer"  # money for vouchers: it belongs to the issuers of the shares and is posted in their ledgers
    SELLER = "seller"  # money for goods: it never becomes ours, only memo accounts name it


class MoneyKind(StrEnum):
    """What kind of money a method takes. A new method may declare a word of its own: nobody allows that yet."""

    CARD = "card"  # a card, authorised at the provider and captured later
    DIRECT_DEBIT = "direct_debit"  # a SEPA direct debit that the provider collects within days
    CREDIT_TRANSFER = "credit_transfer"  # a transfer that the payer sends to an issuer's bank account
    STORED_VALUE = "stored_value"  # a voucher's balance, held and captured in our own books
    SHOP_TILL = "shop_till"  # cash or card at the shop's own till at hand-over: a promise until then


@dataclass(frozen=True)
class Traits:
    """What a method is. Payables and pages decide by this alone; only the method itself knows its key.

    `rails`: whose money it can carry. `settles_before_delivery`: nothing is handed over before the money is certain.
    `is_stored_value`: it spends value that was paid for before. `shop_kinds`: what every shop that gets a part of it
    must take (`Storefront.payment_kinds`). `is_immediate`: certain, or refused, while the payer waits.
    `waits_for_bank`: completed by a receipt in an issuer's bank account and by nothing else. `refundable_days`: how
    long after its decision a payment can go back this way, None where the money never comes through us.
    """

    money: str  # a member of MoneyKind, or a new method's own word
    rails: frozenset[Rail]
    settles_before_delivery: bool
    is_stored_value: bool = False
    shop_kinds: frozenset[str] = frozenset()
    is_immediate: bool = True
    waits_for_bank: bool = False
    refundable_days: int | None = None


@dataclass(frozen=True)
class Allowance:
    """What may pay for something: these kinds of money and no other. Empty allows nothing.

    `promises`: also money that comes at hand-over only (not `settles_before_delivery`).
    """

    money: frozenset[str] = frozenset()
    promises: bool = False


@dataclass(frozen=True)
class Share:
    """What one seller or issuer gets. `ref_id` is the payable's own id of that part (an order, a sale).

    On the rail "issuer" `organisation_id` is the issuer in whose ledger the share is booked. `shop_kinds` is what the
    shop takes; None where no shop is asked.
    """

    ref_id: UUID
    outlet_id: UUID | None
    organisation_id: UUID
    cents: int
    title: str
    shop_kinds: frozenset[str] | None = None

    def takes(self, traits: Traits) -> bool:
        """Whether the shop takes a method of these traits. A method that names no shop kind is taken by no shop."""
        if self.shop_kinds is None:
            return True
        return bool(traits.shop_kinds) and traits.shop_kinds <= self.shop_kinds


@dataclass(frozen=True)
class AmountDue:
    """What is due now, in cents of euro, and what may pay for it. The shares add up to `cents`.

    On the rail "issuer" `ledger_id` is one of the shares' issuers; on the rail "seller" it is the operator's, who
    keeps the memo accounts.
    """

    cents: int
    title: str
    shares: tuple[Share, ...]
    rail: Rail
    ledger_id: UUID
    email: str
    language: str = "de"
    allows: Allowance = Allowance()

    def is_payable_with(self, traits: Traits) -> bool:
        """Whether a method of these traits may pay all of it: kind of money, rail, promise, and every shop."""
        return self.is_allowed(traits) and all(share.takes(traits) for share in self.shares)

    def is_share_payable_with(self, traits: Traits, share: Share) -> bool:
        """Whether such a method may pay this one share: for vouchers, which pay one shop each."""
        return self.is_allowed(traits) and share.takes(traits)

    def is_allowed(self, traits: Traits) -> bool:
        """Whether the payable allows such a method at all, whatever its shops take."""
        settled = traits.settles_before_delivery or self.allows.promises
        return traits.money in self.allows.money and self.rail in traits.rails and settled


@dataclass(frozen=True)
class Loss:
    """Money of one share that somebody took back: the payer's bank by a dispute, a returned debit, a reversed credit.

    `id` is the loss's own and the same again when more is asked for or the money is back. `cents` of euro; `whole`:
    with it nothing of what was paid for the share is left.
    """

    id: UUID
    payment_id: UUID
    share_ref: UUID
    cents: int
    whole: bool
    reason: str


class Payable(Protocol):
    """One kind of thing that can be paid."""

    kind: str

    def load_due(self, ref_id: UUID) -> AmountDue:
        """Load what is due and what may pay it. Refuses (`NotFound`, `Refused`) what cannot be paid (any more)."""
        ...

    def on_secured(self, ref_id: UUID, payment_id: UUID) -> None:
        """Act on money that is certain, or promised at pick-up. Inside the deciding transaction; must not fail."""
        ...

    def on_failed(self, ref_id: UUID, payment_id: UUID, reason: str) -> None:
        """Act on a payment that came to nothing, inside its transaction. What the payer had chosen stays."""
        ...

    def on_money_lost(self, ref_id: UUID, loss: Loss) -> int:
        """Freeze what the money had bought and is still there, in the transaction that books the loss; must not fail.

        Gives the cents that were taken out and credited to the payment (KZ), at most `loss.cents`; on the rail "seller"
        always 0. What was handed out in good faith stays. Called again with the rest as long as a claim is open.
        """
        ...

    def on_money_back(self, ref_id: UUID, loss: Loss) -> int:
        """Thaw what this loss had frozen, in the transaction that books the money's return; must not fail.

        Gives the cents that were put back and debited to the payment (KZ).
        """
        ...

    def on_loss_final(self, ref_id: UUID, share_ref: UUID) -> None:
        """Say that the money of a share stays lost: its dispute was decided for the payer; must not fail."""
        ...

    def list_evidence(self, ref_id: UUID) -> list[str]:
        """List what we hold for the answer to a dispute, as sentences: order, delivery, what was handed over."""
        ...

    def page_url(self, ref_id: UUID) -> str:
        """Say where the payer goes on: after success to the result, after failure to the choice of methods."""
        ...


_payables: dict[str, Payable] = {}


def register(payable: Payable) -> None:
    """Make a kind payable. A second one of the same kind replaces the first (applications are made anew in tests)."""
    _payables[payable.kind] = payable


def of(kind: str) -> Payable:
    """Find the payable of this kind. Refuses unknown kinds (`Invalid`)."""
    if kind not in _payables:
        raise errors.payable_unknown(kind)
    return _payables[kind]
