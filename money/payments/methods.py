"""How it can be paid: the registry of methods. A method knows no request, session or template.

Methods come from this package and from the trades above (the voucher); payments know them only by key.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from foundation.errors import Refused
from foundation.languages import _
from money.payments.models import Tender
from money.payments.payables import AmountDue


@dataclass(frozen=True)
class MethodOffer:
    """A method on offer for something owed. `reference` names the voucher; None in the limits means no limit.

    `least_cents`: a smaller amount cannot be paid this way. `moment` says when what is bought holds.
    """

    method: str
    label: object
    reference: UUID | None = None
    available_cents: int | None = None
    per_share: dict[UUID, int] | None = None
    note: object | None = None
    least_cents: int = 0
    moment: object | None = None
    symbol: str = "banknote"


@dataclass(frozen=True)
class Redirection:
    """Where the payer's browser goes now."""

    url: str


class Method(Protocol):
    """A way to pay. `external`: at most one such tender in a payment (its outcome is not ours to decide)."""

    key: str
    label: object
    external: bool

    def offer(self, owed: AmountDue, given: str | None) -> MethodOffer | None:
        """What can be paid this way, or nothing. `given` is what the payer typed (a code); refuses wrong ones."""
        ...

    def hold(self, tender: Tender) -> None:
        """Reserve, inside the opening transaction, database only. Refuses (`NotEnough`, `Refused`)."""
        ...

    def start(self, payment_id: UUID) -> Redirection:
        """Outside any transaction, may use the network. Only called for the external tender."""
        ...

    def capture(self, tender: Tender) -> None:
        """Take what was held; inside the deciding transaction, database only. Cannot refuse."""
        ...

    def release(self, tender: Tender) -> None:
        """Give back what was held; inside the deciding transaction, database only. Cannot refuse."""
        ...

    def refund(self, tender: Tender, cents: int, key: str) -> None:
        """Give back what was captured; inside the transaction. External methods plan a call to their provider."""
        ...


_methods: dict[str, Method] = {}
_moments: dict[str, object] = {}


def register(method: Method, *, moment: object | None = None) -> None:
    """Offer a method. A second one with the same key replaces the first (applications are made anew in tests).

    `moment`: when a voucher that was paid this way holds, as a sentence.
    """
    _methods[method.key] = method
    if moment is not None:
        _moments[method.key] = moment


def moment_of(key: str, rail: str) -> object | None:
    """When what is bought this way holds; nothing where the trade says it itself (a shop's order)."""
    return _moments.get(key) if rail == "issuer" else None


_takers_back: list[Callable[[str, UUID], None]] = []


def on_take_back(action: Callable[[str, UUID], None]) -> None:
    """Say what to do with what was given for a method earlier (key, reference) and does not hold any more."""
    if action not in _takers_back:
        _takers_back.append(action)


def take_back(key: str, reference: UUID) -> None:
    """What was given under `reference` does not hold any more: nobody may pay with it without giving it anew."""
    for action in _takers_back:
        action(key, reference)


def unregister(key: str) -> None:
    """Stop offering a method; for tests."""
    _methods.pop(key, None)


def of(key: str) -> Method:
    """The method. Refuses unknown ones."""
    if key not in _methods:
        raise Refused(_("Diese Zahlungsart gibt es hier nicht."), "method_unknown")
    return _methods[key]


def label_of(key: str) -> object:
    """What people call the method; its key when it is not on offer any more."""
    return _methods[key].label if key in _methods else key


def offers(owed: AmountDue) -> list[MethodOffer]:
    """The external methods on offer for what is owed, in the order of registration."""
    found = []
    for method in _methods.values():
        if method.external and method.key not in owed.excluded_methods:
            offer = method.offer(owed, None)
            if offer is not None:
                found.append(offer)
    return found
