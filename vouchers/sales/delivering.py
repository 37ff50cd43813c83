"""Delivering: the moment at which a voucher's secrets are made, put into one mail, and kept nowhere else."""

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from foundation import audit, clock
from foundation.database import lock_one, session
from foundation.jobs import enqueue, job
from vouchers import issuing
from vouchers.sales import mail, queries
from vouchers.sales.models import VoucherSale

LATE = timedelta(minutes=30)
MOST_AT_ONCE = 200


@job("vouchers.deliver_sale")
def deliver_sale(sale_id: str) -> None:
    """Make new secrets and mail them to who shall have the voucher. A second run finds it done and does nothing."""
    sale = lock_one(VoucherSale, UUID(sale_id))
    if sale.state != "paid" or sale.voucher_id is None:
        return
    programme = queries.programme(sale.programme_id)
    secrets = issuing.renew(sale.voucher_id, actor_id=sale.id, key=f"deliver:{sale.id}", reason="delivery")
    mail.hand_over(programme, sale, secrets)
    sale.state, sale.delivered_at = "delivered", clock.now()
    audit.record("voucher.delivered", "voucher", sale.voucher_id, sale=str(sale.id))


@job("vouchers.deliver_left_sales", every="*/15 * * * *")
def deliver_left() -> None:
    """Queue again what is paid and should be delivered for half an hour: who paid gets the voucher."""
    due = sa.func.coalesce(VoucherSale.deliver_at, VoucherSale.paid_at)
    query = sa.select(VoucherSale.id).where(VoucherSale.state == "paid", due < clock.now() - LATE)
    for sale_id in session.scalars(query.order_by(due).limit(MOST_AT_ONCE)):
        enqueue(deliver_sale, lock=f"deliver:{sale_id}", sale_id=str(sale_id))
