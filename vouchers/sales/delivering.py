"""Delivering: the moment at which a voucher's secrets are made, put into one mail, and kept nowhere else."""

from uuid import UUID

from foundation import audit, clock
from foundation.database import lock_one
from foundation.jobs import job
from vouchers import issuing
from vouchers.sales import documents, mail, queries
from vouchers.sales.models import VoucherSale


@job("vouchers.deliver_sale")
def deliver_sale(sale_id: str) -> None:
    """Make new secrets and mail them to who shall have the voucher. A second run finds it done and does nothing."""
    sale = lock_one(VoucherSale, UUID(sale_id))
    if sale.state != "paid" or sale.voucher_id is None:
        return
    programme = queries.programme(sale.programme_id)
    secrets = issuing.renew(sale.voucher_id, actor_id=sale.id, key=f"deliver:{sale.id}", reason="delivery")
    paper = documents.voucher_paper(programme, sale, secrets)
    mail.hand_over(programme, sale, secrets, paper)
    sale.state, sale.delivered_at = "delivered", clock.now()
    audit.record("voucher.delivered", "voucher", sale.voucher_id, sale=str(sale.id))
