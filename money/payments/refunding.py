"""Giving money back, in the method it came. Called by the trades; runs in their transaction.

A refund at the provider is only requested here: a call is planned, and the books follow when it has succeeded.
After the days that the method declares nothing is asked of it: the refund has failed from the start (decision 0206).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
import structlog

from foundation.clock import now
from foundation.database import lock_one, session
from money.payments import errors, methods, states
from money.payments.events import move_payment
from money.payments.models import Payment, ProviderCall, Refund, Tender
from money.payments.states import PaymentState, RefundState, TenderState
from money.splitting import split_in_proportion

log = structlog.get_logger("payments")
TOO_LATE = "too_late"
Sends = Callable[[Tender, int, str], None] | None


@dataclass(frozen=True)
class RefundOrder:
    """Why and under which key money goes back; `sends` plans another way than the tender's method."""

    key: str
    reason: str
    sends: Sends = None


def refund_tender(tender_id: UUID, cents: int, *, key: str, reason: str, share_ref: UUID | None = None) -> UUID:
    """Give back `cents` of one tender and return the refund's id; the same `key` is the same refund.

    Refuses more than is left, money that was never taken by us, and another body under a known key.
    """
    payment_id = session.scalar(sa.select(Tender.payment_id).where(Tender.id == tender_id))
    if payment_id is None:
        raise errors.payment_unknown()
    payment = lock_one(Payment, payment_id)
    tender = next(t for t in payment.tenders if t.id == tender_id)
    known = session.scalars(sa.select(Refund).where(Refund.key == key)).one_or_none()
    if known:
        if (known.tender_id, known.cents) != (tender_id, cents):
            raise errors.refund_key_reused()
        return known.id
    if tender.state != TenderState.CAPTURED:
        raise errors.nothing_to_refund()
    split = _split(tender, cents, share_ref)
    return _request(payment, tender, cents, split, RefundOrder(key, reason))


def refund_share(payment_id: UUID, share_ref: UUID, *, key: str, reason: str) -> list[UUID]:
    """Give back all that is left of one share, in every method it was paid in; a promise at pick-up is waived.

    Of a payment that failed nothing is left. Refuses while it is not decided: abandon it, or wait for the bank.
    """
    payment = lock_one(Payment, payment_id)
    if payment.state in states.UNDECIDED:
        raise errors.payment_undecided()
    made = []
    for tender in payment.tenders:
        for part in tender.parts:
            if part.share.ref_id != share_ref:
                continue
            if tender.state == TenderState.PROMISED:
                part.waived_at = part.waived_at or (None if part.collected_at else now())
            left = part.cents - part.refunded_cents
            if tender.state == TenderState.CAPTURED and left:
                own_key = f"{key}/{tender.position}"
                made.append(refund_tender(tender.id, left, key=own_key, reason=reason, share_ref=share_ref))
        if tender.state == TenderState.PROMISED and all(part.waived_at or part.collected_at for part in tender.parts):
            anything = any(part.collected_at for part in tender.parts)
            states.move(states.TENDER, tender, TenderState.COLLECTED if anything else TenderState.RELEASED)
    session.flush()
    return made


def record_success(payment: Payment, refund: Refund) -> None:
    """Record that the money is back with the payer."""
    states.move(states.REFUND, refund, RefundState.SUCCEEDED)
    refund.closed_at = now()
    if payment.refunded_cents == payment.cents and payment.state == PaymentState.SECURED:
        move_payment(payment, PaymentState.REFUNDED, "all refunded")


def refund_again(refund: Refund, *, key: str, sends: Sends = None) -> UUID:
    """Give back once more what a refund could not, share by share the same; gives the new refund's id.

    `sends` plans another way than the tender's method. Refuses what was given back otherwise meanwhile.
    """
    payment = lock_one(Payment, refund.payment_id)
    tender = next(t for t in payment.tenders if t.id == refund.tender_id)
    split = {UUID(ref): cents for ref, cents in refund.split.items()}
    left = {part.share.ref_id: part.cents - part.refunded_cents for part in tender.parts}
    if any(cents > left.get(ref, 0) for ref, cents in split.items()):
        raise errors.more_than_left(sum(left.values()))
    return _request(payment, tender, refund.cents, split, RefundOrder(key, refund.reason, sends))


def list_call_kinds(tender: Tender) -> list[str]:
    """List which calls to the provider a tender has."""
    return list(session.scalars(sa.select(ProviderCall.kind).where(ProviderCall.subject_id == tender.id)))


def record_failure(payment: Payment, refund: Refund, code: str) -> None:
    """Record that the money could not be given back, and why; the amount may be refunded again."""
    states.move(states.REFUND, refund, RefundState.FAILED)
    refund.closed_at, refund.error_code = now(), code
    if payment.state == PaymentState.REFUNDED:
        move_payment(payment, PaymentState.SECURED, f"a refund failed: {code}")
    tender = next(t for t in payment.tenders if t.id == refund.tender_id)
    _count(payment, tender, {UUID(ref): -cents for ref, cents in refund.split.items()})


def _request(payment: Payment, tender: Tender, cents: int, split: dict[UUID, int], order: RefundOrder) -> UUID:
    refund = Refund(
        payment_id=payment.id,
        tender_id=tender.id,
        key=order.key,
        cents=cents,
        split={str(ref): part for ref, part in split.items()},
        reason=order.reason[:200],
        state=RefundState.REQUESTED,
    )
    session.add(refund)
    _count(payment, tender, split)
    session.flush()
    if order.sends:
        order.sends(tender, cents, order.key)
    elif not is_way_back_open(payment, tender):
        log.warning("refund_too_late", refund=str(refund.id), method=tender.method, cents=cents)
        record_failure(payment, refund, TOO_LATE)
    else:
        methods.refund(tender, cents, order.key)
        if not tender.external:
            record_success(payment, refund)
    session.flush()
    return refund.id


def count_again(payment: Payment, refund: Refund) -> None:
    """Count a refund that had failed and was done after all."""
    tender = next(t for t in payment.tenders if t.id == refund.tender_id)
    _count(payment, tender, {UUID(ref): cents for ref, cents in refund.split.items()})


def is_way_back_open(payment: Payment, tender: Tender) -> bool:
    """Whether the tender's method still takes money back, so long after the payment was decided.

    A method without a way back is not late: it refuses by itself.
    """
    days = methods.of(tender.method).traits.refundable_days
    return days is None or now() <= (payment.decided_at or payment.created_at) + timedelta(days=days)


def _count(payment: Payment, tender: Tender, split: dict[UUID, int]) -> None:
    total = sum(split.values())
    payment.refunded_cents += total
    tender.refunded_cents += total
    for part in tender.parts:
        part.refunded_cents += split.get(part.share.ref_id, 0)


def _split(tender: Tender, cents: int, share_ref: UUID | None) -> dict[UUID, int]:
    """Which share bears how much: the named one, or all in proportion to what is left, to the cent."""
    parts = [p for p in tender.parts if share_ref is None or p.share.ref_id == share_ref]
    left = {p.share.ref_id: p.cents - p.refunded_cents for p in parts}
    total = sum(left.values())
    if cents <= 0:
        raise errors.refund_not_positive()
    if cents > total:
        raise errors.more_than_left(total)
    return split_in_proportion(cents, left)
