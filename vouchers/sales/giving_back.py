"""Giving back what is left of a withdrawn sale: paid lots to the buyer, a bonus to its campaign. Or freezing it.

Who redeems at the same moment waits for the voucher's row, and then finds it withdrawn, or is first. Decision 0311.
"""

from uuid import UUID

import sqlalchemy as sa
import structlog

from foundation import audit, clock
from foundation.database import session
from foundation.errors import Refused
from money.payments import refunding
from money.payments.models import Payment
from vouchers.purchases.models import VoucherSale
from vouchers.purchases.states import SaleEventKind, VoucherSaleState
from vouchers.sales import delivery, errors
from vouchers.stored_value import access, deductions
from vouchers.stored_value import queries as value_queries
from vouchers.stored_value.issuing import Funding
from vouchers.stored_value.models import Lot, OperationPart, Voucher, VoucherOperation
from vouchers.stored_value.states import LotKind, OperationKind, Outcome, VoucherState

log = structlog.get_logger("withdrawals")


def give_back(sale: VoucherSale) -> None:
    """Take the rest of the sale off its voucher and refund it. Refuses while a part of it is reserved."""
    assert sale.voucher_id is not None
    assert sale.payment_id is not None
    _return_bonus(sale)
    deducted = deductions.withdraw(
        sale.id,
        actor_id=sale.id,
        key=f"withdraw:{sale.id}",
        credit=Funding("KZ", sale.payment_id),
        reason="withdrawal",
    )
    if deducted.cents:
        _refund(sale, deducted.cents)
    sale.state, sale.withdrawn_at, sale.refunded_cents = VoucherSaleState.WITHDRAWN, clock.now(), deducted.cents
    _thaw(sale)
    delivery.record_event(sale, SaleEventKind.WITHDRAWN, cents=deducted.cents, spent_cents=deducted.spent_cents)
    audit.record("voucher.withdrawn", "voucher", deducted.voucher_id, sale=str(sale.id), cents=deducted.cents)


def freeze(sale: VoucherSale, why: str) -> None:
    """Block the voucher on which the sale's value lies by now, as long as it cannot be given back."""
    event = delivery.record_event(sale, SaleEventKind.WITHDRAWAL_WAITS, why=why)
    try:
        with session.begin_nested():
            assert sale.voucher_id is not None
            access.block(
                value_queries.find_successor(sale.voucher_id),
                actor_id=sale.id,
                key=f"withdraw-block:{event.id}",
                reason="withdrawal",
            )
    except Refused:
        log.warning("withdrawal_not_frozen", sale=str(sale.id))


def _refund(sale: VoucherSale, cents: int) -> None:
    """Refund the same way back (§ 357 Abs. 3 BGB): to the card, or to the account it came from."""
    payment = session.get_one(Payment, sale.payment_id)
    for tender in payment.tenders:
        if any(part.share.ref_id == sale.id for part in tender.parts):
            key = f"withdrawal:{sale.id}"
            refunding.refund_tender(tender.id, cents, key=key, reason="withdrawal", share_ref=sale.id)
            return
    raise errors.tender_unknown()


def _return_bonus(sale: VoucherSale) -> None:
    """Return to its budget what a campaign added to this voucher."""
    for lot in list_bonus(sale):
        deductions.reduce(
            deductions.LotKey(lot.voucher_id, lot.id),
            lot.balance - lot.held,
            actor_id=sale.id,
            key=f"withdraw-bonus:{lot.id}",
            credit=Funding("CB", lot.origin_id),
            reason="withdrawal",
        )


def list_bonus(sale: VoucherSale) -> list[Lot]:
    """List what a campaign added to this voucher and is free, unless other paid value was loaded on it, too.

    Merging changes nothing: lots keep their ids, so that the bonus is found on the voucher that took this one's place,
    and what a holder merged in does not stand for it.
    """
    assert sale.voucher_id is not None
    own = _list_own_lots(sale.voucher_id)
    present = value_queries.find_successor(sale.voucher_id)
    query = sa.select(Lot).where(Lot.voucher_id == present, Lot.id.in_(own)).order_by(Lot.id)
    lots = list(session.scalars(query.execution_options(populate_existing=True)))
    if any(lot.kind == LotKind.PAID and lot.origin_id != sale.id and lot.balance for lot in lots):
        return []
    return [lot for lot in lots if lot.kind == LotKind.BONUS and lot.balance > lot.held and lot.origin_id]


def _list_own_lots(voucher_id: UUID) -> list[UUID]:
    """List the lots that came onto a voucher otherwise than by merging another one into it."""
    merged = (
        sa.select(OperationPart.lot_id)
        .join(
            VoucherOperation,
            sa.and_(
                VoucherOperation.voucher_id == OperationPart.voucher_id,
                VoucherOperation.id == OperationPart.operation_id,
            ),
        )
        .where(OperationPart.voucher_id == voucher_id, VoucherOperation.kind == OperationKind.MERGE_IN)
    )
    return list(session.scalars(sa.select(Lot.id).where(Lot.voucher_id == voucher_id, Lot.id.not_in(merged))))


def _thaw(sale: VoucherSale) -> None:
    """Unblock what else lies on a voucher that only this withdrawal has frozen.

    Who had blocked it before, or has since, keeps it blocked.
    """
    assert sale.voucher_id is not None
    present = value_queries.find_successor(sale.voucher_id)
    if session.get_one(Voucher, present).state != VoucherState.BLOCKED:
        return
    operation = VoucherOperation
    marks = (
        sa.select(operation.kind, operation.actor_id)
        .where(
            operation.voucher_id == present,
            operation.kind.in_((OperationKind.BLOCK, OperationKind.UNBLOCK)),
            operation.outcome == Outcome.DONE,
        )
        .order_by(operation.version.desc())
        .limit(2)
    )
    found = session.execute(marks).all()
    if found and found[0].actor_id == sale.id and all(mark.kind == OperationKind.UNBLOCK for mark in found[1:]):
        access.unblock(present, actor_id=sale.id, key=f"withdraw-unblock:{sale.id}", reason="withdrawal")
