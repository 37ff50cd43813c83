"""Ordering with obligation to pay: an order of drafts is checked once more and its payment is opened. Decision 0310."""

from datetime import timedelta
from uuid import UUID

from foundation import clock
from foundation.database import lock_one, session
from money.payments import methods
from money.payments.opening import open_payment
from money.payments.tendering import TenderRequest
from vouchers.network import limits
from vouchers.purchases import queries
from vouchers.purchases.models import VoucherOrder, VoucherSale
from vouchers.purchases.states import VoucherOrderState, VoucherSaleState
from vouchers.sales import conditions, errors
from vouchers.sales.requests import check_request, load_programme_on_sale

SLOW_CLAIM_TTL = timedelta(days=21)


def place_order(order_id: UUID, *, method: str, shown_cents: int) -> UUID:
    """Order with obligation to pay and open the payment; gives its id. The same order again gives the same payment.

    Refuses (`Refused`) when the page showed another amount, and more than the charter sells in a month or to one payer.
    """
    placed = lock_one(VoucherOrder, order_id)
    sales = queries.list_sales(order_id, lock=True)
    total = sum(sale.cents for sale in sales)
    if shown_cents != total:
        raise errors.total_changed()
    if placed.state not in {VoucherOrderState.DRAFT, VoucherOrderState.ORDERED}:
        raise errors.already_paid()
    if placed.state == VoucherOrderState.DRAFT:
        _mark_ordered(placed, sales)
    _claim_limits(placed, sales, method)
    session.flush()
    tries = queries.count_failed_payments(order_id)
    payment_id = open_payment(
        queries.PAYABLE_KIND, order_id, [TenderRequest(method, total)], key=f"{order_id}:{tries}:{method}"
    )
    placed.payment_id = payment_id
    for sale in sales:
        sale.payment_id = payment_id
    return payment_id


def _mark_ordered(placed: VoucherOrder, sales: list[VoucherSale]) -> None:
    placed.state, placed.ordered_at = VoucherOrderState.ORDERED, clock.now()
    for sale in sales:
        programme = load_programme_on_sale(sale.programme_id)
        check_request(programme, sale)
        sale.state, sale.ordered_at = VoucherSaleState.ORDERED, placed.ordered_at
        sale.terms_hash = conditions.store_text(programme, placed.language)


def _claim_limits(placed: VoucherOrder, sales: list[VoucherSale], method: str) -> None:
    """Count the order against the charters' limits until it is paid; a transfer or debit may take weeks."""
    parts: dict[UUID, int] = {}
    for sale in sales:
        parts[sale.programme_id] = parts.get(sale.programme_id, 0) + sale.cents
    lapses_at = clock.now() + SLOW_CLAIM_TTL if not methods.of(method).traits.is_immediate else None
    limits.claim_sale(placed.id, parts, payer=placed.buyer_email, lapses_at=lapses_at)
