"""Queries about orders of vouchers, their sales and their payments. Nothing here changes anything. Decision 0324."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa

from foundation.database import lock, session
from money.errors import order_unknown
from money.payments.models import Payment
from people.models import Postcode
from vouchers.purchases import links
from vouchers.purchases.models import SaleEvent, VoucherOrder, VoucherPicture, VoucherSale
from vouchers.purchases.states import VoucherDelivery, VoucherOrderState, VoucherSaleState
from vouchers.stored_value import errors as value_errors
from vouchers.stored_value.models import Lot, Programme, VoucherOperation
from vouchers.stored_value.states import OperationKind, Outcome

PAYABLE_KIND = "voucher_order"
ENDED = "failed"
USED_KINDS = (
    OperationKind.REDEEM,
    OperationKind.HOLD,
    OperationKind.CAPTURE,
    OperationKind.RENEW,
    OperationKind.MERGE_OUT,
    OperationKind.MERGE_IN,
)


def load_programme(programme_id: UUID) -> Programme:
    """Load one programme. Refuses with `NotFound`."""
    found = session.get(Programme, programme_id)
    if found is None:
        raise value_errors.voucher_unknown()  # to a buyer a programme is a voucher
    return found


def load_order(order_id: UUID) -> VoucherOrder:
    """Load one order. Refuses with `NotFound`."""
    found = session.get(VoucherOrder, order_id)
    if found is None:
        raise order_unknown()
    return found


def load_sale(sale_id: UUID) -> VoucherSale:
    """Load one sale. Refuses with `NotFound`."""
    found = session.get(VoucherSale, sale_id)
    if found is None:
        raise order_unknown()
    return found


def list_sales(order_id: UUID, *, lock: bool = False) -> list[VoucherSale]:
    """List the lines of an order in the order of the buyer; locked when they are about to change."""
    query = sa.select(VoucherSale).where(VoucherSale.order_id == order_id).order_by(VoucherSale.position)
    if not lock:
        return list(session.scalars(query))
    ids = session.scalars(sa.select(VoucherSale.id).where(VoucherSale.order_id == order_id))
    return sorted(_lock(list(ids)), key=lambda sale: sale.position)


def _lock(ids: Sequence[UUID]) -> list[VoucherSale]:
    return lock(VoucherSale, ids)


def load_sale_by_number(order_id: UUID, number: str) -> VoucherSale:
    """Load the sale of an order that has this number. Refuses with `NotFound`."""
    mine = VoucherSale.order_id == order_id, VoucherSale.number == number
    found = session.scalars(sa.select(VoucherSale).where(*mine)).one_or_none()
    if found is None:
        raise order_unknown()
    return found


def list_orders(person_id: UUID, limit: int = 50) -> list[VoucherOrder]:
    """List what a person bought, the newest first; drafts are left out."""
    query = sa.select(VoucherOrder).where(
        VoucherOrder.person_id == person_id, VoucherOrder.state != VoucherOrderState.DRAFT
    )
    return list(session.scalars(query.order_by(VoucherOrder.id.desc()).limit(limit)))


def count_failed_payments(order_id: UUID) -> int:
    """Count how many payments of an order came to nothing."""
    query = sa.select(sa.func.count()).where(
        Payment.kind == PAYABLE_KIND, Payment.ref_id == order_id, Payment.state == ENDED
    )
    return int(session.scalar(query) or 0)


def load_payment(placed: VoucherOrder) -> Payment | None:
    """Load the payment that was opened last for an order."""
    return session.get(Payment, placed.payment_id) if placed.payment_id else None


def is_waiting_for_money(placed: VoucherOrder) -> bool:
    """Whether the payer has done their part and the money is on its way."""
    if placed.state != VoucherOrderState.ORDERED or placed.payment_id is None:
        return False
    state = session.scalar(sa.select(Payment.state).where(Payment.id == placed.payment_id))
    return state not in {None, "open", ENDED}


def is_used(sale: VoucherSale) -> bool:
    """Whether somebody else has done something with the voucher: redeemed, claimed, merged."""
    query = sa.select(VoucherOperation.id).where(
        VoucherOperation.voucher_id == sale.voucher_id,
        VoucherOperation.outcome == Outcome.DONE,
        VoucherOperation.kind.in_(USED_KINDS),
        VoucherOperation.actor_id != sale.id,
    )
    return sale.voucher_id is not None and session.scalar(query.limit(1)) is not None


def list_events(sale_ids: Sequence[UUID]) -> dict[UUID, list[SaleEvent]]:
    """List what was done with sales, by sale, the oldest first."""
    found: dict[UUID, list[SaleEvent]] = {}
    query = sa.select(SaleEvent).where(SaleEvent.sale_id.in_(sale_ids)).order_by(SaleEvent.id)
    for event in session.scalars(query):
        found.setdefault(event.sale_id, []).append(event)
    return found


def load_picture(picture_id: UUID | None) -> VoucherPicture | None:
    """Load a buyer's own picture; nothing where none was chosen."""
    return session.get(VoucherPicture, picture_id) if picture_id else None


def list_due_letters(until: datetime) -> list[VoucherSale]:
    """List paid letters that should be posted by then, the most urgent first."""
    due = sa.func.coalesce(VoucherSale.deliver_at, VoucherSale.paid_at)
    query = sa.select(VoucherSale).where(
        VoucherSale.delivery == VoucherDelivery.LETTER,
        VoucherSale.state == VoucherSaleState.PAID,
        VoucherSale.withdrawal_id.is_(None),
        due <= until,
    )
    return list(session.scalars(query.order_by(due, VoucherSale.id).limit(200)))


def load_last_redeemable_day(voucher_id: UUID) -> date:
    """Load the last day on which something of a voucher can be redeemed, as its lots say."""
    return session.scalars(sa.select(sa.func.max(Lot.legal_end)).where(Lot.voucher_id == voucher_id)).one()


def find_design(voucher_id: UUID) -> str | None:
    """Find the face that the buyer chose for a voucher; nothing for vouchers that were not sold here."""
    return session.scalar(sa.select(VoucherSale.design).where(VoucherSale.voucher_id == voucher_id))


def find_picture_id(voucher_id: UUID) -> UUID | None:
    """Find the buyer's own picture of a voucher that was sold here, if there is one."""
    return session.scalar(sa.select(VoucherSale.picture_id).where(VoucherSale.voucher_id == voucher_id))


def find_picture_path(voucher_id: UUID) -> str | None:
    """Find where the buyer's own picture is shown, to whoever may see the voucher."""
    picture_id = find_picture_id(voucher_id)
    return links.build_picture_path(picture_id) if picture_id else None


def find_town_ags(postcode: str | None) -> str | None:
    """Find the official key of the town that a postcode belongs to; only the town is kept for statistics."""
    if not postcode:
        return None
    return session.scalar(sa.select(Postcode.ags).where(Postcode.postcode == postcode).order_by(Postcode.ags).limit(1))
