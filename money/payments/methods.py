"""How something can be paid: the registry of methods. A method knows no request, session or template.

Methods come from this package and from the trades above (the voucher). Each declares what it is (`Traits`), and only
its own module knows its key: everybody else asks the registry by what is due (decision 0206).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from money.payments import errors
from money.payments.models import Tender
from money.payments.payables import AmountDue, Rail, Traits


@dataclass(frozen=True)
class MethodOffer:
    """A method on offer for an amount due. `reference` names the voucher; None in the limits means no limit.

    `minimum_cents`: a smaller amount cannot be paid this way. `moment` says when what is bought holds, `hint` what
    else follows from this choice, as sentences.
    """

    method: str
    label: object
    reference: UUID | None = None
    available_cents: int | None = None
    per_share: dict[UUID, int] | None = None
    note: object | None = None
    minimum_cents: int = 0
    moment: object | None = None
    hint: object | None = None
    symbol: str = "banknote"


@dataclass(frozen=True)
class Redirection:
    """Where the payer's browser goes now."""

    url: str


class PaymentMethod(Protocol):
    """What every way to pay can do, in the caller's transaction and in the database only."""

    key: str
    label: object
    traits: Traits

    def hold(self, tender: Tender) -> None:
        """Reserve, inside the opening transaction. Refuses (`NotEnough`, `Refused`) what is not there."""
        ...

    def capture(self, tender: Tender) -> None:
        """Take what was held, inside the deciding transaction. Cannot refuse: a tender without a hold is a fault."""
        ...

    def release(self, tender: Tender) -> None:
        """Let go of what was held, inside the deciding transaction. Cannot refuse; a second call changes nothing."""
        ...


class InternalMethod(PaymentMethod, Protocol):
    """A method whose outcome is ours to decide: it pays out of our own books. Any number of tenders in a payment."""

    def offer(self, due: AmountDue, presented: str) -> MethodOffer:
        """Say what the thing behind `presented` (a code, a token) can pay of each share. Refuses wrong ones."""
        ...

    def refund(self, tender: Tender, cents: int, key: str) -> None:
        """Give back at once what was captured. Refuses more than was captured."""
        ...


class ExternalMethod(PaymentMethod, Protocol):
    """A method whose outcome somebody else decides: at most one such tender in a payment."""

    def offer(self, due: AmountDue) -> MethodOffer | None:
        """Say how the amount can be paid this way, or nothing."""
        ...

    def start(self, payment_id: UUID) -> Redirection:
        """Lead the payer on. Outside any transaction, may use the network."""
        ...


@dataclass(frozen=True)
class MethodTexts:
    """What pages of voucher orders say about a method: when a voucher that was paid this way holds (`moment`), what
    its buyer waits for (`waiting`), and why the method is missing where buyers look for it (`explain_absence`)."""

    moment: object | None = None
    waiting: object | None = None
    explain_absence: Callable[[AmountDue], str | None] = lambda due: None


PlanRefund = Callable[[Tender, int, str], None]

_internal: dict[str, InternalMethod] = {}
_external: dict[str, ExternalMethod] = {}
_refunds: dict[str, PlanRefund] = {}
_texts: dict[str, MethodTexts] = {}
_on_take_back: list[Callable[[UUID], None]] = []


def register_internal(method: InternalMethod) -> None:
    """Add a method of our own books. The same key again replaces it (applications are made anew in tests)."""
    _internal[method.key] = method
    _refunds[method.key] = method.refund


def register_external(
    method: ExternalMethod, *, refund: PlanRefund | None = None, texts: MethodTexts | None = None
) -> None:
    """Add a method that somebody else decides. The same key again replaces it.

    `refund(tender, cents, key)` plans the way back; a method whose traits name no time for refunds has none.
    """
    if (refund is None) != (method.traits.refundable_days is None):
        raise ValueError(f"{method.key}: a way back, or none, as its traits say")
    _external[method.key] = method
    _texts[method.key] = texts or MethodTexts()
    if refund is not None:
        _refunds[method.key] = refund


def unregister(key: str) -> None:
    """Forget a method: tests register some of their own."""
    for registry in (_internal, _external, _refunds, _texts):
        registry.pop(key, None)


def of(key: str) -> PaymentMethod:
    """Find a method. Refuses unknown ones."""
    found: PaymentMethod | None = _internal.get(key) or _external.get(key)
    if found is None:
        raise errors.method_unknown()
    return found


def is_external(key: str) -> bool:
    """Whether somebody else decides about such a tender. Refuses unknown methods."""
    return of(key).key in _external


def start(key: str, payment_id: UUID) -> Redirection:
    """Lead the payer on to an external method. Outside any transaction."""
    if key not in _external:
        raise errors.method_unknown()
    return _external[key].start(payment_id)


def refund(tender: Tender, cents: int, key: str) -> None:
    """Plan the way back of a tender's money. Refuses methods whose money never came through us."""
    if tender.method not in _refunds:
        raise errors.not_our_money()
    _refunds[tender.method](tender, cents, key)


def label_of(key: str) -> object:
    """Say what people call the method: its key when it is no more."""
    known = _internal.get(key) or _external.get(key)
    return known.label if known else key


def texts_of(key: str, rail: str) -> MethodTexts:
    """The sentences of a method for who buys vouchers. Shops' orders say it themselves: nothing for them."""
    return _texts.get(key, MethodTexts()) if rail == Rail.ISSUER else MethodTexts()


def list_offers(due: AmountDue) -> list[MethodOffer]:
    """List the external methods on offer for an amount, in the order of registration: none that is not allowed."""
    found = [find_offer(due, key) for key in _external]
    return [offer for offer in found if offer is not None]


def find_offer(due: AmountDue, key: str) -> MethodOffer | None:
    """Find an external method's offer for an amount; None where it is unknown, not allowed, or offers nothing."""
    method = _external.get(key)
    return method.offer(due) if method is not None and due.is_payable_with(method.traits) else None


def list_absences(due: AmountDue) -> list[str]:
    """Why methods are missing that buyers may look for, as sentences."""
    texts = [texts_of(key, due.rail) for key in _external]
    return [why for text in texts if (why := text.explain_absence(due))]


def find_stored_value(due: AmountDue) -> InternalMethod | None:
    """Find the method of stored value that may pay at least one share; None where nothing due takes any."""
    for method in _internal.values():
        stored = method.traits.is_stored_value
        if stored and any(due.is_share_payable_with(method.traits, share) for share in due.shares):
            return method
    return None


def on_take_back(action: Callable[[UUID], None]) -> None:
    """Say what to do with what was given earlier (its reference) and does not hold any more."""
    if action not in _on_take_back:
        _on_take_back.append(action)


def take_back(reference: UUID) -> None:
    """Forget what was given under `reference`: to pay with it, somebody must give it anew."""
    for action in _on_take_back:
        action(reference)
