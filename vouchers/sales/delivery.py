"""Delivering: the moment at which a voucher's secrets are made, put into one mail, and kept nowhere else.

Decision 0310.
"""

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from foundation import audit, clock
from foundation.database import lock_one, session
from foundation.jobs import enqueue, job
from vouchers.purchases import queries
from vouchers.purchases.models import SaleEvent, VoucherOrder, VoucherPicture, VoucherSale
from vouchers.purchases.states import VoucherDelivery, VoucherOrderState, VoucherSaleState
from vouchers.sales import mail
from vouchers.stored_value import access

OVERDUE_AGE = timedelta(minutes=30)
MAX_JOBS_PER_RUN = 200
DRAFT_TTL = timedelta(days=14)


@job("vouchers.confirm_order")
def confirm_order(order_id: str) -> None:
    """Confirm a paid order by mail, with its papers. A job of its own: no paper may stand between money and voucher."""
    order = lock_one(VoucherOrder, UUID(order_id))
    sales = queries.list_sales(order.id, lock=True)
    if order.state != VoucherOrderState.PAID or all(sale.instructed_at for sale in sales):
        return
    mail.send_confirmation(order, sales)


@job("vouchers.tell_returned_order")
def announce_return(order_id: str) -> None:
    """Tell the buyer that the money came too late and goes back."""
    mail.send_return_notice(queries.load_order(UUID(order_id)), queries.list_sales(UUID(order_id)))


@job("vouchers.deliver_sale")
def deliver_sale(sale_id: str) -> None:
    """Make new secrets and mail them to who shall have the voucher. A second run finds it done and does nothing.

    Letters are made by people (`letters`); what the buyer withdrew from, or whose money was taken back, is not
    delivered any more.
    """
    sale = lock_one(VoucherSale, UUID(sale_id))
    if (
        sale.state != VoucherSaleState.PAID
        or sale.voucher_id is None
        or sale.delivery == VoucherDelivery.LETTER
        or sale.withdrawal_id
        or access.is_charged_back(sale.voucher_id)
    ):
        return
    renew_and_mail(sale, key=f"deliver:{sale.id}", reason="delivery")
    sale.state, sale.delivered_at = VoucherSaleState.DELIVERED, clock.now()
    audit.record("voucher.delivered", "voucher", sale.voucher_id, sale=str(sale.id))


def renew_and_mail(sale: VoucherSale, *, key: str, reason: str) -> None:
    """Give a paid voucher new secrets and mail them; whatever was sent before is worth nothing from now on."""
    if sale.voucher_id is None:
        return
    secrets = access.renew(sale.voucher_id, actor_id=sale.id, key=key, reason=reason)
    mail.send_voucher(queries.load_programme(sale.programme_id), sale, secrets)


def record_event(sale: VoucherSale, kind: str, **detail: object) -> SaleEvent:
    """Write down what was done with a sale. `detail` takes plain values, never codes or addresses in plain."""
    event = SaleEvent(sale_id=sale.id, kind=kind, detail=detail, recorded_at=clock.now())
    session.add(event)
    session.flush()
    return event


@job("vouchers.deliver_left_sales", every="*/15 * * * *")
def deliver_overdue() -> None:
    """Queue again what is paid and should be out for half an hour: who paid gets the voucher, and the confirmation."""
    late = clock.now() - OVERDUE_AGE
    due = sa.func.coalesce(VoucherSale.deliver_at, VoucherSale.paid_at)
    query = sa.select(VoucherSale.id).where(
        VoucherSale.state == VoucherSaleState.PAID,
        VoucherSale.delivery != VoucherDelivery.LETTER,
        VoucherSale.withdrawal_id.is_(None),
        due < late,
    )
    for sale_id in session.scalars(query.order_by(due).limit(MAX_JOBS_PER_RUN)):
        enqueue(deliver_sale, lock=f"deliver:{sale_id}", sale_id=str(sale_id))
    silent = sa.select(VoucherSale.order_id).where(
        VoucherSale.paid_at < late, VoucherSale.instructed_at.is_(None), VoucherSale.voucher_id.is_not(None)
    )
    for order_id in session.scalars(silent.distinct().limit(MAX_JOBS_PER_RUN)):
        enqueue(confirm_order, lock=f"confirm:{order_id}", order_id=str(order_id))


@job("vouchers.forget_drafts", every="17 3 * * *")
def delete_old_drafts() -> None:
    """Delete drafts that nobody ordered for two weeks, with their addresses, and pictures that nothing shows."""
    old = clock.now() - DRAFT_TTL
    session.execute(sa.text(DELETE_DRAFT_SALES), {"old": old})
    session.execute(sa.text(DELETE_EMPTY_ORDERS), {"old": old})
    shown = sa.select(VoucherSale.picture_id).where(VoucherSale.picture_id.is_not(None))
    session.execute(sa.delete(VoucherPicture).where(VoucherPicture.created_at < old, VoucherPicture.id.not_in(shown)))


DELETE_DRAFT_SALES = """
DELETE FROM voucher_sale s USING voucher_order o
 WHERE o.id = s.order_id AND o.state = 'draft' AND s.state = 'draft' AND o.created_at < :old
"""
DELETE_EMPTY_ORDERS = """
DELETE FROM voucher_order o WHERE o.state = 'draft' AND o.created_at < :old
   AND NOT EXISTS (SELECT 1 FROM voucher_sale s WHERE s.order_id = o.id)
"""
