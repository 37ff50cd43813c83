"""Putting right what went wrong at the delivery: sent again, or to the right address. Asked for by the buyer.

A code is never shown again: every new mail carries new secrets, and the ones before are dead in the same transaction.
Decision 0310.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from foundation import audit, clock
from foundation.database import lock_one, session
from foundation.security import keyed_hash
from vouchers.purchases import queries
from vouchers.purchases.models import SaleEvent, VoucherOrder, VoucherSale
from vouchers.purchases.states import SaleEventKind, VoucherDelivery, VoucherSaleState
from vouchers.sales import delivery, errors

MAX_MAILS_PER_DAY = 5
LOCK_VOUCHER = sa.text("SELECT voucher_is_credential_current(:voucher, ''::bytea)")
COUNTED_EVENTS = (SaleEventKind.RESENT, SaleEventKind.ADDRESS_CORRECTED)


@dataclass(frozen=True)
class CorrectionOptions:
    """What the buyer can still do with a sale."""

    resend: bool
    correct: bool


def find_options(sale: VoucherSale) -> CorrectionOptions:
    """Find what the page offers. Who holds the voucher by now keeps it: after its first use nothing is sent anew."""
    open_to_change = (
        sale.withdrawal_id is None and sale.delivery != VoucherDelivery.LETTER and not queries.is_used(sale)
    )
    delivered, paid = sale.state == VoucherSaleState.DELIVERED, sale.state == VoucherSaleState.PAID
    return CorrectionOptions(resend=open_to_change and delivered, correct=open_to_change and (delivered or paid))


def resend(sale_id: UUID) -> None:
    """Mail a delivered voucher once more, with new secrets. Refuses what is not delivered, used, or asked too often."""
    sale = _lock_sale(sale_id)
    if not find_options(sale).resend:
        raise errors.not_resendable()
    _check_mails_of_day(sale)
    event = delivery.record_event(sale, SaleEventKind.RESENT)
    delivery.renew_and_mail(sale, key=f"resend:{event.id}", reason="sent again")
    audit.record("voucher.resent", "voucher", sale.voucher_id, sale=str(sale.id))


def correct_address(sale_id: UUID, email: str) -> None:
    """Correct the address to which a voucher goes. What was mailed before stops working; a new mail goes out.

    Before the delivery only the address changes. The period of withdrawal begins anew: the first mail never arrived.
    Refuses what was used already, and the same address.
    """
    sale = _lock_sale(sale_id)
    if not find_options(sale).correct:
        raise errors.not_correctable()
    before = (sale.recipient_email if _is_mailed_to_recipient(sale) else sale.buyer_email) or ""
    if before.lower() == email.lower():
        raise errors.same_address()
    _check_mails_of_day(sale)
    _write_address(sale, email)
    hashes = {"before": keyed_hash("mail", before.lower()).hex(), "after": keyed_hash("mail", email.lower()).hex()}
    event = delivery.record_event(sale, SaleEventKind.ADDRESS_CORRECTED, **hashes)
    if sale.state == VoucherSaleState.DELIVERED:
        delivery.renew_and_mail(sale, key=f"correct:{event.id}", reason="address corrected")
        sale.delivered_at = clock.now()
    audit.record("voucher.address_corrected", "voucher", sale.voucher_id, sale=str(sale.id))


def _lock_sale(sale_id: UUID) -> VoucherSale:
    """Lock the sale and its voucher: whoever claims it at this moment is seen, or comes too late."""
    sale = lock_one(VoucherSale, sale_id)
    if sale.voucher_id:
        session.execute(LOCK_VOUCHER, {"voucher": sale.voucher_id})
    return sale


def _is_mailed_to_recipient(sale: VoucherSale) -> bool:
    return sale.gift and sale.delivery == VoucherDelivery.MAIL


def _write_address(sale: VoucherSale, email: str) -> None:
    if _is_mailed_to_recipient(sale):
        sale.recipient_email = email
        return
    order = lock_one(VoucherOrder, sale.order_id)
    order.buyer_email = email
    for each in queries.list_sales(order.id):
        each.buyer_email = email


def _check_mails_of_day(sale: VoucherSale) -> None:
    """Refuse the sixth mail in 24 hours: nobody's letter box is filled by an order page."""
    since = clock.now() - timedelta(days=1)
    done = session.scalar(
        sa.select(sa.func.count()).where(
            SaleEvent.sale_id == sale.id, SaleEvent.kind.in_(COUNTED_EVENTS), SaleEvent.recorded_at > since
        )
    )
    if int(done or 0) >= MAX_MAILS_PER_DAY:
        raise errors.too_many_mails()
