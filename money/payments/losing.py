"""Money that somebody took back: the payer's bank by a dispute or a returned debit, our bank by reversing a credit.

Who calls has locked the payment and has posted that the money is gone (Dr KZ / Cr PSP or TB; for sellers' money the
memo Dr MV / Cr MP). Here the payable freezes what is left of what it had bought, and the rest is a claim on the payer.
The same case again changes nothing. Decision 0207.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from foundation.clock import now
from foundation.database import lock_one, session, transact, uuid7
from foundation.jobs import job
from money.payments import payables, postings
from money.payments.models import ClaimMove, Payment, PaymentLoss, PaymentLossReturn, Tender
from money.payments.payables import Loss, Rail
from money.payments.states import ClaimKind
from money.splitting import split_in_proportion

MAX_RETRY_AGE = timedelta(days=60)  # longer than anything is held for an order
MAX_ROWS_PER_RUN = 200


def split_loss(tender: Tender, cents: int) -> dict[UUID, int]:
    """Split what was taken back over the shares that the tender had paid, in proportion, to the cent."""
    return split_in_proportion(cents, {part.share.ref_id: part.cents for part in tender.parts})


def lose(payment: Payment, case_id: UUID, split: dict[UUID, int], reason: str) -> None:
    """Freeze what is left, and claim the rest of the payer; `split`: the cents of each share, by its `ref_id`."""
    for share_ref, cents in sorted(split.items()):
        if cents and _find(case_id, share_ref) is None:
            row = _record(payment, case_id, share_ref, cents, reason)
            taken = payables.of(payment.kind).on_money_lost(payment.ref_id, _describe(row, cents))
            if payment.rail == Rail.ISSUER and taken < cents:
                move_claim(row, ClaimKind.RAISED, cents - taken, reason)


def give_back(payment: Payment, case_id: UUID) -> None:
    """Thaw what a case had frozen and end its claim: the money is back (Dr PSP or TB / Cr KZ was posted).

    What neither needs stays on KZ: it is owed to the payer.
    """
    query = sa.select(PaymentLoss).where(PaymentLoss.case_id == case_id).order_by(PaymentLoss.share_ref)
    for row in session.scalars(query):
        if session.get(PaymentLossReturn, row.id):
            continue
        session.add(PaymentLossReturn(loss_id=row.id))
        session.flush()
        left = row.cents - payables.of(payment.kind).on_money_back(payment.ref_id, _describe(row, row.cents))
        open_cents, given_up = sum_claims(row.id)
        if payment.rail == Rail.ISSUER:
            settled = min(left, open_cents)
            move_claim(row, ClaimKind.SETTLED, settled, "money back")
            move_claim(row, ClaimKind.RECOVERED, min(left - settled, given_up), "money back")


def list_open(share_ref: UUID) -> list[tuple[UUID, int]]:
    """List by which cases how many cents of a share were taken back and have not returned."""
    back = sa.exists().where(PaymentLossReturn.loss_id == PaymentLoss.id)
    query = sa.select(PaymentLoss.case_id, PaymentLoss.cents).where(PaymentLoss.share_ref == share_ref, ~back)
    return [(row.case_id, row.cents) for row in session.execute(query.order_by(PaymentLoss.id))]


def end(payment: Payment, case_ids: Sequence[UUID]) -> None:
    """Tell the payable of what is gone for good after these cases: a dispute was lost. The payment is locked."""
    query = sa.select(PaymentLoss).where(PaymentLoss.case_id.in_(case_ids)).order_by(PaymentLoss.share_ref)
    lost = [row for row in session.scalars(query) if session.get(PaymentLossReturn, row.id) is None]
    for share_ref in dict.fromkeys(row.share_ref for row in lost):
        payables.of(payment.kind).on_loss_final(payment.ref_id, share_ref)


def settle_claims(payment: Payment, ledger_id: UUID, cents: int, cause: str) -> UUID:
    """End claims of the payment in one ledger with money that it is still owed there (KZ); gives the last one's case.

    So much must be claimed there (`sum_open_claims`).
    """
    left, case_id = cents, payment.id
    for row in _list_losses(payment.id, ledger_id):
        part = min(left, sum_claims(row.id)[0])
        if part:
            move_claim(row, ClaimKind.SETTLED, part, cause)
            left, case_id = left - part, row.case_id
    assert left == 0
    return case_id


def sum_open_claims(payment_id: UUID, ledger_id: UUID) -> int:
    """What is claimed of a payer in one ledger, in cents."""
    return sum(sum_claims(row.id)[0] for row in _list_losses(payment_id, ledger_id))


def _list_losses(payment_id: UUID, ledger_id: UUID) -> list[PaymentLoss]:
    query = sa.select(PaymentLoss).where(PaymentLoss.payment_id == payment_id, PaymentLoss.ledger_id == ledger_id)
    return list(session.scalars(query.order_by(PaymentLoss.id)))


def sum_claims(loss_id: UUID) -> tuple[int, int]:
    """What is still claimed after a loss, and what was given up and has not come back, in cents."""
    query = sa.select(ClaimMove.kind, sa.func.sum(ClaimMove.cents)).where(ClaimMove.loss_id == loss_id)
    sums = {kind: int(cents) for kind, cents in session.execute(query.group_by(ClaimMove.kind))}
    given_up = sums.get(ClaimKind.WRITTEN_OFF, 0)
    still = sums.get(ClaimKind.RAISED, 0) - sums.get(ClaimKind.SETTLED, 0) - given_up
    return still, given_up - sums.get(ClaimKind.RECOVERED, 0)


def move_claim(row: PaymentLoss, kind: ClaimKind, cents: int, cause: str) -> None:
    """Write a step of a claim down and book it; nothing for no cents. The payment's row is locked."""
    if cents:
        move = ClaimMove(
            id=uuid7(),
            loss_id=row.id,
            payment_id=row.payment_id,
            ledger_id=row.ledger_id,
            kind=kind,
            cents=cents,
            cause=cause[:200],
        )
        session.add(move)
        session.flush()
        postings.post_claim(move)


@job("money.recover_losses", every="*/5 * * * *", transaction=False)
def recover() -> None:
    """Freeze what came free after a loss: a hold that was released. The claim is that much smaller."""
    for loss_id in transact(_list_open):
        transact(_freeze_more, loss_id)


def _list_open() -> list[UUID]:
    back = sa.select(PaymentLossReturn.loss_id)
    open_cents = sa.func.sum(sa.case((ClaimMove.kind == ClaimKind.RAISED, ClaimMove.cents), else_=-ClaimMove.cents))
    query = (
        sa.select(PaymentLoss.id)
        .join(ClaimMove, sa.and_(ClaimMove.loss_id == PaymentLoss.id, ClaimMove.kind != ClaimKind.RECOVERED))
        .where(PaymentLoss.recorded_at > now() - MAX_RETRY_AGE, PaymentLoss.id.not_in(back))
        .group_by(PaymentLoss.id)
        .having(open_cents > 0)
    )
    return list(session.scalars(query.order_by(PaymentLoss.id).limit(MAX_ROWS_PER_RUN)))


def freeze_more(payment: Payment, case_id: UUID) -> None:
    """Freeze what came free for a case that claims something. The payment is locked."""
    query = sa.select(PaymentLoss).where(PaymentLoss.case_id == case_id).order_by(PaymentLoss.share_ref)
    for row in session.scalars(query):
        _freeze(payment, row)


def _freeze_more(loss_id: UUID) -> None:
    row = session.get_one(PaymentLoss, loss_id)
    _freeze(lock_one(Payment, row.payment_id), row)


def _freeze(payment: Payment, row: PaymentLoss) -> None:
    open_cents, _given_up = sum_claims(row.id)
    if open_cents and session.get(PaymentLossReturn, row.id) is None:
        taken = payables.of(payment.kind).on_money_lost(payment.ref_id, _describe(row, open_cents))
        move_claim(row, ClaimKind.SETTLED, taken, "more was left")


def _find(case_id: UUID, share_ref: UUID) -> PaymentLoss | None:
    query = sa.select(PaymentLoss).where(PaymentLoss.case_id == case_id, PaymentLoss.share_ref == share_ref)
    return session.scalars(query).one_or_none()


def _record(payment: Payment, case_id: UUID, share_ref: UUID, cents: int, reason: str) -> PaymentLoss:
    share = next(share for share in payment.shares if share.ref_id == share_ref)
    paid = sum(
        part.cents - part.refunded_cents
        for tender in payment.tenders
        if tender.external
        for part in tender.parts
        if part.share.ref_id == share_ref
    )
    row = PaymentLoss(
        id=uuid7(),
        payment_id=payment.id,
        case_id=case_id,
        share_ref=share_ref,
        ledger_id=share.organisation_id if payment.rail == Rail.ISSUER else payment.ledger_id,
        cents=cents,
        whole=cents >= paid,
        reason=reason[:200],
    )
    session.add(row)
    session.flush()
    return row


def _describe(row: PaymentLoss, cents: int) -> Loss:
    return Loss(row.id, row.payment_id, row.share_ref, cents, row.whole, row.reason)
