"""When the money of a sale is taken back: what is left of it is frozen at once, and thawed when the money returns.

Freezing takes the value out of the voucher and owes it to the payment (Dr VL / Cr KZ): the pool owes that much less,
and other purchases on the same voucher stay good. What is held for an order is waited for; what was spent stays with
the shops. Decision 0207.
"""

import sqlalchemy as sa

from foundation import audit
from foundation.database import session
from foundation.jobs import enqueue
from money.payments.payables import Loss
from vouchers.purchases.models import VoucherSale
from vouchers.purchases.states import SaleEventKind, VoucherDelivery, VoucherSaleState
from vouchers.sales import delivery, giving_back, mail
from vouchers.stored_value import access, deductions
from vouchers.stored_value import queries as value_queries
from vouchers.stored_value.issuing import Funding
from vouchers.stored_value.models import Lot, OperationPart, Voucher, VoucherOperation
from vouchers.stored_value.states import LotKind, OperationKind, Outcome, VoucherState


def freeze(sale: VoucherSale, loss: Loss) -> int:
    """Take out what is left of the sale, at most the loss; gives the cents. What is held keeps its voucher blocked."""
    if sale.voucher_id is None:
        return 0
    if loss.whole:
        for lot in giving_back.list_bonus(sale):
            charge_back = deductions.ChargeBack(sale.id, lot.balance - lot.held, whole=True, bonus=lot.id)
            _take(charge_back, loss, Funding("CB", lot.origin_id))
    taken = 0
    if _sum_lots(sale, Lot.balance - Lot.held):
        charge_back = deductions.ChargeBack(sale.id, loss.cents, loss.whole)
        taken = _take(charge_back, loss, Funding("KZ", loss.payment_id))
    if taken:
        delivery.record_event(sale, SaleEventKind.MONEY_LOST, loss=str(loss.id), cents=taken)
        audit.record("voucher.charged_back", "voucher", sale.voucher_id, sale=str(sale.id), cents=taken)
        mail.send_money_lost(sale, taken)
    if taken < loss.cents and _sum_lots(sale, Lot.held):
        _block(sale, loss)
    else:
        _unblock(sale, loss)
    return taken


def thaw(sale: VoucherSale, loss: Loss) -> int:
    """Put back what this loss had taken out of the sale's voucher; gives the cents. A second time there is nothing."""
    if sale.voucher_id is None:
        return 0
    cents = 0
    for taken, kind in _list_taken(loss):
        back = deductions.reinstate(taken, actor_id=loss.id, key=f"back:{taken.id}", reason=loss.reason)
        cents += back if kind == LotKind.PAID else 0  # a bonus comes out of its campaign again, not out of the money
    _unblock(sale, loss)
    if cents:
        delivery.record_event(sale, SaleEventKind.MONEY_BACK, loss=str(loss.id), cents=cents)
        audit.record("voucher.reinstated", "voucher", sale.voucher_id, sale=str(sale.id), cents=cents)
        mail.send_money_back(sale, cents)
    if sale.state == VoucherSaleState.PAID and sale.delivery != VoucherDelivery.LETTER:
        enqueue(delivery.deliver_sale, at=sale.deliver_at, sale_id=str(sale.id))
    return cents


def _sum_lots(sale: VoucherSale, what: sa.SQLColumnExpression[int]) -> int:
    query = sa.select(sa.func.coalesce(sa.func.sum(what), 0)).where(Lot.origin_id == sale.id, Lot.kind == LotKind.PAID)
    return int(session.scalar(query) or 0)


def _take(charge_back: deductions.ChargeBack, loss: Loss, credit: Funding) -> int:
    key = f"loss:{loss.id}:{_count_taken(loss)}"
    return deductions.charge_back(charge_back, actor_id=loss.id, key=key, credit=credit, reason=loss.reason)


def _count_taken(loss: Loss) -> int:
    return int(session.scalar(sa.select(sa.func.count()).where(VoucherOperation.actor_id == loss.id)) or 0)


def _list_taken(loss: Loss) -> list[tuple[VoucherOperation, str]]:
    """What this loss took out and nobody has put back, with the kind of lot. The operation's actor is the loss."""
    operation = VoucherOperation
    back = sa.select(operation.ref_id).where(
        operation.actor_id == loss.id, operation.kind == OperationKind.REINSTATE, operation.outcome == Outcome.DONE
    )
    query = (
        sa.select(operation, Lot.kind)
        .join(OperationPart, OperationPart.operation_id == operation.id)
        .join(Lot, sa.and_(Lot.voucher_id == OperationPart.voucher_id, Lot.id == OperationPart.lot_id))
        .where(
            operation.actor_id == loss.id,
            OperationPart.voucher_id == operation.voucher_id,
            operation.kind == OperationKind.CHARGE_BACK,
            operation.outcome == Outcome.DONE,
            operation.id.not_in(back),
        )
    )
    return [(row[0], row[1]) for row in session.execute(query.order_by(operation.recorded_at, operation.id))]


def _find_present(sale: VoucherSale) -> Voucher:
    assert sale.voucher_id is not None
    present = value_queries.find_successor(sale.voucher_id)
    return session.get_one(Voucher, present, populate_existing=True)


def _block(sale: VoucherSale, loss: Loss) -> None:
    """Block the voucher as long as something on it is held: what is released must not be spent in between."""
    present = _find_present(sale)
    if present.state in {VoucherState.ACTIVE, VoucherState.EXHAUSTED}:
        key = f"loss-block:{loss.id}:{present.version}"
        access.block(present.id, actor_id=loss.id, key=key, reason=loss.reason)


def _unblock(sale: VoucherSale, loss: Loss) -> None:
    """Unblock what only this loss has blocked."""
    present = _find_present(sale)
    last = (
        sa.select(VoucherOperation.kind, VoucherOperation.actor_id)
        .where(
            VoucherOperation.voucher_id == present.id,
            VoucherOperation.kind.in_((OperationKind.BLOCK, OperationKind.UNBLOCK)),
            VoucherOperation.outcome == Outcome.DONE,
        )
        .order_by(VoucherOperation.version.desc())
        .limit(1)
    )
    mark = session.execute(last).first()
    if present.state == VoucherState.BLOCKED and mark is not None and mark.actor_id == loss.id:
        key = f"loss-unblock:{loss.id}:{present.version}"
        access.unblock(present.id, actor_id=loss.id, key=key, reason=loss.reason)
