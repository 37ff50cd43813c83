"""Letter cards: paid gifts that people print and post. The codes are made when the letter is printed, and not before.

Decision 0310.
"""

from datetime import timedelta
from uuid import UUID

from foundation import audit, clock
from foundation.database import lock_one, session
from foundation.languages import force_locale
from vouchers.purchases import queries
from vouchers.purchases.models import VoucherSale
from vouchers.purchases.states import SaleEventKind, VoucherDelivery, VoucherSaleState
from vouchers.sales import address_correction, delivery, errors, papers
from vouchers.stored_value import access

WORKLIST_AHEAD = timedelta(days=3)  # shown so much earlier: a letter takes a day or two


def list_due() -> list[VoucherSale]:
    """List what should be posted within three days, the most urgent first."""
    return queries.list_due_letters(clock.now() + WORKLIST_AHEAD)


def print_letter(sale_id: UUID) -> bytes:
    """Make new secrets and typeset the letter as PDF; one printed before is worth nothing from now on.

    Refuses what is posted, and what somebody uses already: that letter arrived, whatever was noted.
    """
    sale = _lock_waiting(sale_id)
    session.execute(address_correction.LOCK_VOUCHER, {"voucher": sale.voucher_id})
    if queries.is_used(sale):
        raise errors.letter_not_waiting()
    event = delivery.record_event(sale, SaleEventKind.LETTER_PRINTED, by=audit.current_actor())
    assert sale.voucher_id is not None
    secrets = access.renew(sale.voucher_id, actor_id=sale.id, key=f"letter:{event.id}", reason="letter printed")
    audit.record("voucher.letter_printed", "voucher", sale.voucher_id, sale=str(sale.id))
    with force_locale(sale.recipient_language):
        return papers.typeset_letter(queries.load_programme(sale.programme_id), sale, secrets)


def mark_posted(sale_id: UUID) -> None:
    """Note that the letter is in the post. Refuses one that was never printed: its codes would not exist."""
    sale = _lock_waiting(sale_id)
    if not any(event.kind == SaleEventKind.LETTER_PRINTED for event in queries.list_events([sale.id]).get(sale.id, [])):
        raise errors.letter_not_printed()
    delivery.record_event(sale, SaleEventKind.LETTER_POSTED, by=audit.current_actor())
    sale.state, sale.delivered_at = VoucherSaleState.DELIVERED, clock.now()
    audit.record("voucher.delivered", "voucher", sale.voucher_id, sale=str(sale.id))


def _lock_waiting(sale_id: UUID) -> VoucherSale:
    sale = lock_one(VoucherSale, sale_id)
    if (
        sale.delivery != VoucherDelivery.LETTER
        or sale.state != VoucherSaleState.PAID
        or sale.voucher_id is None
        or sale.withdrawal_id
    ):
        raise errors.letter_not_waiting()
    return sale
