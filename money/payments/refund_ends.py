"""Refunds that failed: the state says so, the payer is told, and each is brought to an end by a person or by itself.

By itself: what was proven never to have been done is asked for anew; what the payer's bank took back already is owed no
more. Everything else stands on the worklist until somebody decides. Decision 0210.
"""

from uuid import UUID

import sqlalchemy as sa

from foundation import audit, mail
from foundation.clock import now
from foundation.database import lock_one, session
from foundation.jobs import job
from foundation.languages import lazy
from money.amount import euro
from money.payments import errors, losing, refunding, states
from money.payments.case_models import RefundEnd
from money.payments.models import Payment, Refund, Tender
from money.payments.payables import Rail
from money.payments.states import RefundMeans, RefundState

ABSENT = "absent"  # the provider proved never to have got the call
MAX_NOTE_CHARS = 500
MIN_NOTE_CHARS = 3
MAX_ROWS_SHOWN = 200
TEMPLATE = "money/refund_failed"


def fail(payment: Payment, refund: Refund, code: str) -> None:
    """Record a failure, and end it by itself where that is certain; else it stands on the worklist.

    The payment is locked.
    """
    refunding.record_failure(payment, refund, code)
    session.flush()
    audit.record("payments.refund_failed", "refund", refund.id, cents=refund.cents, code=code)
    if not _offset(payment, refund) and code == ABSENT:
        _end(refund, RefundMeans.AGAIN, "proven absent", next_id=_again(refund))


def revive(payment: Payment, refund: Refund) -> None:
    """Let a failed refund count again: the provider did it after all."""
    states.move(states.REFUND, refund, RefundState.REQUESTED)
    refunding.count_again(payment, refund)


def end_by_dispute(tender: Tender, split: dict[UUID, int], case_id: UUID) -> dict[UUID, int]:
    """End failed refunds whose money a dispute has taken; gives what is left of its split."""
    left = dict(split)
    for refund in list_open(tender.payment_id):
        parts = {UUID(ref): cents for ref, cents in refund.split.items()}
        if refund.tender_id == tender.id and all(cents <= left.get(ref, 0) for ref, cents in parts.items()):
            _end(refund, RefundMeans.DISPUTE, "taken back by the payer's bank", case_id=case_id)
            for ref, cents in parts.items():
                left[ref] -= cents
    return {ref: cents for ref, cents in left.items() if cents}


def reopen(case_id: UUID) -> None:
    """Owe again what a dispute had ended: its money came back to us."""
    ends = sa.select(RefundEnd).where(RefundEnd.case_id == case_id, RefundEnd.undone_at.is_(None))
    for end in session.scalars(ends):
        end.undone_at = now()
    session.flush()


def list_open(payment_id: UUID | None = None) -> list[Refund]:
    """List the refunds that failed and wait for a decision, the oldest first."""
    ended = sa.select(RefundEnd.refund_id).where(RefundEnd.undone_at.is_(None))
    query = sa.select(Refund).where(Refund.state == RefundState.FAILED, Refund.id.not_in(ended))
    if payment_id:
        query = query.where(Refund.payment_id == payment_id)
    return list(session.scalars(query.order_by(Refund.id).limit(MAX_ROWS_SHOWN)))


def decide(refund_id: UUID, means: RefundMeans, note: str, *, person_id: UUID, sends: refunding.Sends = None) -> None:
    """End a failed refund on a person's decision. `note`: what the payer said, 3 to 500 characters.

    Refuses a refund that is not open, and a note that says nothing.
    """
    text = " ".join(note.split())
    if not MIN_NOTE_CHARS <= len(text) <= MAX_NOTE_CHARS:
        raise errors.refund_note_missing()
    refund = _lock(refund_id)
    goes_on = means in {RefundMeans.AGAIN, RefundMeans.BANK_ACCOUNT}
    next_id = _again(refund, sends) if goes_on else None
    _end(refund, means, text, next_id=next_id, person_id=person_id)
    audit.record("payments.refund_decided", "refund", refund.id, means=means, cents=refund.cents)


def _lock(refund_id: UUID) -> Refund:
    payment_id = session.scalar(sa.select(Refund.payment_id).where(Refund.id == refund_id))
    if payment_id is None:
        raise errors.refund_not_open()
    lock_one(Payment, payment_id)
    found = next((refund for refund in list_open(payment_id) if refund.id == refund_id), None)
    if found is None:
        raise errors.refund_not_open()
    return found


@job("money.tell_failed_refunds", every="*/5 * * * *")
def tell_payers() -> None:
    """Tell payers whose money could not be given back the way it came, once, and what we need of them."""
    for refund in list_open():
        if refund.told_at is None:
            refund.told_at = now()
            _tell(session.get_one(Payment, refund.payment_id), refund)


def _tell(payment: Payment, refund: Refund) -> None:
    mail.send(
        to=payment.email,
        template=TEMPLATE,
        subject=lazy("Ihre Erstattung kam nicht an: %(amount)s", amount=euro(refund.cents)),
        language=payment.language,
        payment=payment,
        refund=refund,
    )


def _again(refund: Refund, sends: refunding.Sends = None) -> UUID:
    count = session.scalar(sa.select(sa.func.count()).where(RefundEnd.refund_id == refund.id))
    return refunding.refund_again(refund, key=f"again:{refund.id}:{count}", sends=sends)


def _offset(payment: Payment, refund: Refund) -> bool:
    """End a refund against the claim of a dispute in the same books: the payer has that money already."""
    if len(refund.split) != 1:
        return False
    share = next(share for share in payment.shares if str(share.ref_id) in refund.split)
    if payment.rail == Rail.SELLER:
        return _offset_seller(refund, share.ref_id)
    if losing.sum_open_claims(payment.id, share.organisation_id) < refund.cents:
        return False
    case_id = losing.settle_claims(payment, share.organisation_id, refund.cents, "refund not needed any more")
    _end(refund, RefundMeans.DISPUTE, "taken back by the payer's bank", case_id=case_id)
    return True


def _offset_seller(refund: Refund, share_ref: UUID) -> bool:
    """End a refund of sellers' money that a dispute has taken: nothing is claimed there, the loss itself is asked."""
    for case_id, cents in losing.list_open(share_ref):
        ended = sa.select(RefundEnd.refund_id).where(RefundEnd.case_id == case_id, RefundEnd.undone_at.is_(None))
        used = session.scalar(sa.select(sa.func.sum(Refund.cents)).where(Refund.id.in_(ended))) or 0
        if refund.cents <= cents - used:
            _end(refund, RefundMeans.DISPUTE, "taken back by the payer's bank", case_id=case_id)
            return True
    return False


def _end(
    refund: Refund,
    means: RefundMeans,
    note: str,
    *,
    next_id: UUID | None = None,
    case_id: UUID | None = None,
    person_id: UUID | None = None,
) -> None:
    session.add(
        RefundEnd(refund_id=refund.id, means=means, note=note, next_id=next_id, case_id=case_id, decided_by=person_id)
    )
    session.flush()
