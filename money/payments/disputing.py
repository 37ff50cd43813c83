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
from money.payments import cases, losing, postings, refund_ends, refunding
from money.payments.case_models import Dispute, DisputeMove
from money.payments.models import Payment, Tender
from money.payments.states import (
    DISPUTE_ENDS,
    DISPUTE_STATES,
    CallKind,
    CaseKind,
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
    known = _find(found.ref)
    before = known.state if known else None
    dispute = known or _open(payment, tender, found, kind)
    _follow(dispute, found)
    for move in sorted(found.moves, key=lambda each: each.cents):  # what was taken comes before what came back
        if session.scalar(sa.select(DisputeMove.id).where(DisputeMove.provider_ref == move.ref)) is None:
            _book(payment, tender, dispute, move)
    session.flush()
    if before not in (None, DisputeState.LOST) and dispute.state == DisputeState.LOST:
        losing.end(payment, [move.id for move in _list_moves(dispute)])  # lost at once: said when it was frozen
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
    """Book a movement, and bring what the payer's bank has of each share in line with all movements together."""
    earlier = _list_moves(dispute)
    gone = shown.cents < 0 or (shown.cents == 0 and shown.fee_cents >= 0)
    kind = DisputeMoveKind.WITHDRAWN if gone else DisputeMoveKind.REINSTATED
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
    before, after = _sum_lost(tender, earlier), _sum_lost(tender, [*earlier, move])
    was, lost = ({ref: max(cents, 0) for ref, cents in sums.items()} for sums in (before, after))
    if all(lost[ref] >= was[ref] for ref in lost):
        _lose(payment, tender, dispute, move, {ref: lost[ref] - was[ref] for ref in lost})
    else:
        _replace(payment, dispute, move, earlier, lost)
    surplus = -sum(min(cents, 0) for cents in after.values())
    if surplus > -sum(min(cents, 0) for cents in before.values()):
        cases.open_case(CaseKind.UNMATCHED_LINE, shown.ref, surplus, f"{dispute.provider_ref}: more back than taken")


def _list_moves(dispute: Dispute) -> list[DisputeMove]:
    query = sa.select(DisputeMove).where(DisputeMove.dispute_id == dispute.id)
    return list(session.scalars(query.order_by(DisputeMove.id)))


def _sum_lost(tender: Tender, moves: list[DisputeMove]) -> dict[UUID, int]:
    """Sum what movements took of each share; negative: more came back than was taken."""
    sums = {part.share.ref_id: 0 for part in tender.parts}
    for move in moves:
        sign = 1 if move.kind == DisputeMoveKind.WITHDRAWN else -1
        for ref, cents in move.split.items():
            sums[UUID(ref)] += sign * cents
    return sums


def _lose(payment: Payment, tender: Tender, dispute: Dispute, move: DisputeMove, split: dict[UUID, int]) -> None:
    if any(split.values()):
        losing.lose(payment, move.id, refund_ends.end_by_dispute(tender, split, move.id), dispute.kind)


def _replace(
    payment: Payment, dispute: Dispute, move: DisputeMove, earlier: list[DisputeMove], lost: dict[UUID, int]
) -> None:
    """Money came back: undo what was lost by the movements before, but for what is still gone.

    The rest is lost anew first: until then it is claimed, so that what comes back to a voucher has its money.
    """
    losing.lose(payment, move.id, lost, dispute.kind)
    for each in earlier:
        losing.give_back(payment, each.id)
        refund_ends.reopen(each.id)
    losing.freeze_more(payment, move.id)
