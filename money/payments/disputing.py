"""Payments that are taken back at the provider: disputes, returned debits, refunds that we did not ask for.

What the provider shows is applied, in any order and as often as it is seen: each of its movements of money is booked
once, under its own id. Decisions 0207 and 0210.
"""

from uuid import UUID

import sqlalchemy as sa
import structlog

from foundation import audit
from foundation.clock import now
from foundation.database import lock_one, session
from money.payments import losing, postings, refund_ends, refunding
from money.payments.case_models import Dispute, DisputeMove
from money.payments.models import Payment, PaymentLoss, PaymentLossReturn, Tender
from money.payments.states import (
    DISPUTE_ENDS,
    DISPUTE_STATES,
    CallKind,
    DisputeKind,
    DisputeMoveKind,
    DisputeState,
)
from money.stripe.disputes import BalanceMove, DisputeView

log = structlog.get_logger("payments")


def apply(found: DisputeView, kind: DisputeKind | None = None) -> UUID | None:
    """Apply a dispute as it is shown now; gives its payment, or nothing when that is none of ours."""
    tender = session.scalars(sa.select(Tender).where(Tender.provider_ref == found.intent_id)).one_or_none()
    if tender is None or found.intent_id is None:
        return None
    payment = lock_one(Payment, tender.payment_id)
    tender = next(t for t in payment.tenders if t.id == tender.id)
    dispute = _find(found.ref) or _open(payment, tender, found, kind)
    _follow(dispute, found)
    for move in found.moves:
        if session.scalar(sa.select(DisputeMove.id).where(DisputeMove.provider_ref == move.ref)) is None:
            _book(payment, tender, dispute, move)
    session.flush()
    return payment.id


def _find(ref: str) -> Dispute | None:
    return session.scalars(sa.select(Dispute).where(Dispute.provider_ref == ref)).one_or_none()


def _open(payment: Payment, tender: Tender, found: DisputeView, kind: DisputeKind | None) -> Dispute:
    is_debit = any(call == CallKind.COLLECT for call in refunding.list_call_kinds(tender))
    dispute = Dispute(
        payment_id=payment.id,
        tender_id=tender.id,
        kind=kind or (DisputeKind.DEBIT_RETURN if is_debit else DisputeKind.DISPUTE),
        provider_ref=found.ref,
        cents=found.cents,
        state=DISPUTE_STATES.get(found.status, DisputeState.UNDER_REVIEW),
        reason=found.reason[:100],
        reason_code=found.reason_code[:40],
        due_at=found.due_at,
    )
    session.add(dispute)
    session.flush()
    log.warning("dispute_opened", dispute=str(dispute.id), payment=str(payment.id), cents=found.cents)
    audit.record("payments.dispute_opened", "dispute", dispute.id, cents=found.cents, reason=dispute.reason)
    return dispute


def _follow(dispute: Dispute, found: DisputeView) -> None:
    """Take over state and day; the state is for people, money follows the moves. A won one may be lost later."""
    state = DISPUTE_STATES.get(found.status, DisputeState.UNDER_REVIEW)
    if state != dispute.state:
        audit.record("payments.dispute_moved", "dispute", dispute.id, before=dispute.state, after=state)
    dispute.state, dispute.due_at = state, found.due_at
    if state in DISPUTE_ENDS:
        dispute.closed_at = dispute.closed_at or now()
    else:
        dispute.closed_at = None


def _book(payment: Payment, tender: Tender, dispute: Dispute, shown: BalanceMove) -> None:
    kind = DisputeMoveKind.WITHDRAWN if shown.cents < 0 else DisputeMoveKind.REINSTATED
    split = losing.split_loss(tender, abs(shown.cents)) if shown.cents else {}
    move = DisputeMove(
        dispute_id=dispute.id,
        provider_ref=shown.ref,
        kind=kind,
        cents=abs(shown.cents),
        split={str(ref): part for ref, part in split.items()},
        fee_cents=shown.fee_cents,
        fee_split=postings.split_fee(tender, abs(shown.fee_cents)),
    )
    session.add(move)
    session.flush()
    postings.post_dispute(move)
    if kind == DisputeMoveKind.WITHDRAWN:
        losing.lose(payment, move.id, refund_ends.end_by_dispute(tender, split, move.id), dispute.kind)
    else:
        _give_back(payment, dispute, move)


def _give_back(payment: Payment, dispute: Dispute, move: DisputeMove) -> None:
    """The money of the newest withdrawal that has not come back yet."""
    query = (
        sa.select(DisputeMove)
        .where(DisputeMove.dispute_id == dispute.id, DisputeMove.kind == DisputeMoveKind.WITHDRAWN)
        .order_by(DisputeMove.id.desc())
    )
    for withdrawn in session.scalars(query):
        losses = sa.select(PaymentLoss.id).where(PaymentLoss.case_id == withdrawn.id)
        back = sa.select(PaymentLossReturn.loss_id).where(PaymentLossReturn.loss_id.in_(losses))
        if session.scalar(back.limit(1)) is None:
            losing.give_back(payment, withdrawn.id)
            refund_ends.reopen(withdrawn.id)
            return
    log.error("dispute_returned_twice", dispute=str(dispute.id), move=str(move.id))
