"""Which method pays how much: what was asked for, checked against what is due and against what the payable allows.

Decision 0206. Nothing is written here; `opening` makes rows of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from money.payments import errors, methods
from money.payments.methods import MethodOffer
from money.payments.payables import AmountDue, Rail

MAX_TENDERS = 40


@dataclass(frozen=True)
class TenderRequest:
    """A part of the sum in one method. `reference` names the voucher, `share_ref` the share that it pays for."""

    method: str
    cents: int
    reference: UUID | None = None
    share_ref: UUID | None = None


def spread_vouchers(due: AmountDue, voucher_offers: Sequence[MethodOffer]) -> list[TenderRequest]:
    """Spread an amount over vouchers, in the order given: they fill the shares that accept them, as far as they reach.

    One request per voucher and share.
    """
    left = {share.ref_id: share.cents for share in due.shares}
    requests: list[TenderRequest] = []
    for offer in voucher_offers:
        available = due.cents if offer.available_cents is None else offer.available_cents
        for share in due.shares:
            accepted = left[share.ref_id]
            if offer.per_share is not None:
                accepted = min(accepted, offer.per_share.get(share.ref_id, 0))
            cents = min(accepted, available)
            if cents > 0:
                requests.append(TenderRequest(offer.method, cents, offer.reference, share.ref_id))
                left[share.ref_id] -= cents
                available -= cents
    return requests


def allocate(due: AmountDue, voucher_offers: Sequence[MethodOffer], external_key: str | None) -> list[TenderRequest]:
    """Spread an amount over vouchers, and the rest on the one external method.

    When the rest would be smaller than the external method can take, the last voucher pays that much less. Refuses
    (`NotEnough`) a rest without method, and methods that are not on offer.
    """
    requests = spread_vouchers(due, voucher_offers)
    rest = due.cents - sum(request.cents for request in requests)
    if rest == 0:
        return requests
    if external_key is None:
        raise errors.rest_without_method(rest)
    return _leave_enough(due, requests, rest, external_key)


def check_requests(due: AmountDue, requests: Sequence[TenderRequest]) -> list[TenderRequest]:
    """Check what was asked for, and name the share of each internal tender.

    Refuses sums that are not what is due, methods that are unknown or not allowed, and two external ones.
    """
    if due.cents <= 0 or due.cents != sum(share.cents for share in due.shares):
        raise errors.due_not_valid()
    if due.rail == Rail.ISSUER and due.ledger_id not in {share.organisation_id for share in due.shares}:
        raise errors.due_ledger_not_valid()
    if sum(request.cents for request in requests) != due.cents or any(request.cents <= 0 for request in requests):
        raise errors.sum_differs(due.cents)
    if len(requests) > MAX_TENDERS:
        raise errors.too_many_tenders()
    external = [request for request in requests if methods.is_external(request.method)]
    if len(external) > 1:
        raise errors.one_external_only()
    for request in external:
        if request.cents < _find_external_offer(due, request.method).minimum_cents:
            raise errors.amount_too_small()
    return [_with_share(due, request) for request in requests]


def _leave_enough(due: AmountDue, requests: list[TenderRequest], rest: int, external_key: str) -> list[TenderRequest]:
    offer = _find_external_offer(due, external_key)
    missing = max(0, min(offer.minimum_cents, due.cents) - rest)
    kept: list[TenderRequest] = []
    for request in reversed(requests):
        give = min(missing, request.cents)
        missing -= give
        rest += give
        if request.cents > give:
            less = TenderRequest(request.method, request.cents - give, request.reference, request.share_ref)
            kept.insert(0, less)
    return [*kept, TenderRequest(external_key, rest)]


def _find_external_offer(due: AmountDue, key: str) -> MethodOffer:
    offer = methods.find_offer(due, key) if methods.is_external(key) else None
    if offer is None:
        raise errors.method_not_offered()
    return offer


def _with_share(due: AmountDue, request: TenderRequest) -> TenderRequest:
    """An internal tender belongs to one share, whose shop must take it; a single share need not be named."""
    if methods.is_external(request.method):
        return TenderRequest(request.method, request.cents)
    traits = methods.of(request.method).traits
    if not due.is_allowed(traits):
        raise errors.method_not_offered()
    shares = {share.ref_id: share for share in due.shares}
    named = request.share_ref or (due.shares[0].ref_id if len(due.shares) == 1 else None)
    if named is None or named not in shares:
        raise errors.share_unknown()
    if not shares[named].takes(traits):
        raise errors.method_not_offered()
    return TenderRequest(request.method, request.cents, request.reference, named)
