"""A return of which a part had lapsed: its holder gets one mail about it. The till's path pays nothing for this.

Decision 0318.
"""

import time
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from foundation import clock, links, mail
from foundation.database import session
from foundation.jobs import enqueue, job
from foundation.languages import _, force_locale
from money.amount import euro
from people.models import Outlet
from vouchers.stored_value import holder_view
from vouchers.stored_value import queries as value_queries
from vouchers.stored_value.models import Programme, Voucher, VoucherOperation
from vouchers.stored_value.states import Outcome
from vouchers.tills.redemption_log import GIVEN_BACK
from vouchers.wallet import queries
from vouchers.wallet.models import LapseLetter

NOTICE_AGE = timedelta(days=14)
MAX_NOTICES_PER_RUN = 500


@job("vouchers.tell_of_lapsed_returns", every="*/5 * * * *")
def queue_notices() -> None:
    """Queue a letter for every return of the last fourteen days of which a part had lapsed and no mail was sent."""
    for operation_id in list_due():
        enqueue(send_notice, lock=f"lapsed:{operation_id}", operation_id=str(operation_id))


def list_due() -> Sequence[UUID]:
    """List those returns, the oldest first. Ids begin with their time."""
    earliest = UUID(int=int((time.time() - NOTICE_AGE.total_seconds()) * 1000) << 80)
    query = (
        sa.select(VoucherOperation.id)
        .where(
            VoucherOperation.id >= earliest,
            VoucherOperation.lapsed_cents > 0,
            VoucherOperation.kind.in_(GIVEN_BACK),
            VoucherOperation.outcome == Outcome.DONE,
            ~sa.exists().where(LapseLetter.operation_id == VoucherOperation.id),
        )
        .order_by(VoucherOperation.id)
        .limit(MAX_NOTICES_PER_RUN)
    )
    return session.scalars(query).all()


@job("vouchers.tell_of_lapsed_return")
def send_notice(operation_id: str) -> None:
    """Send one letter. The row that says so comes first: a second run finds it and writes nothing."""
    mark = insert(LapseLetter).values(operation_id=UUID(operation_id), told_at=clock.now())
    if session.scalar(mark.on_conflict_do_nothing().returning(LapseLetter.operation_id)) is None:
        return
    spent = sa.orm.aliased(VoucherOperation)
    query = (
        sa.select(VoucherOperation, spent.version, Programme, Outlet.name)
        .join(spent, sa.and_(spent.voucher_id == VoucherOperation.voucher_id, spent.id == VoucherOperation.ref_id))
        .join(Voucher, Voucher.id == VoucherOperation.voucher_id)
        .join(Programme, Programme.id == Voucher.programme_id)
        .join(Outlet, Outlet.id == VoucherOperation.outlet_id)
        .where(VoucherOperation.id == UUID(operation_id))
    )
    operation, version, programme, shop = session.execute(query).unique().one()
    if (version or 0) <= holder_view.find_version_passed_on(operation.voucher_id):
        return  # the giver spent it, and who has the voucher now did not
    voucher_id = value_queries.find_successor(operation.voucher_id)
    if voucher_id != operation.voucher_id and holder_view.find_version_passed_on(voucher_id):
        return
    address = queries.find_address(voucher_id)
    if address:
        _write_mail(address, voucher_id, operation, programme, shop)


def _write_mail(
    address: queries.HolderAddress, voucher_id: UUID, operation: VoucherOperation, programme: Programme, shop: str
) -> None:
    item = queries.find_item(voucher_id)
    with force_locale(address.language):
        subject = _("%(amount)s Bonus waren schon abgelaufen", amount=euro(operation.lapsed_cents))
    mail.send(
        to=address.email,
        template="vouchers/lapsed_return",
        subject=subject,
        language=address.language,
        programme=programme,
        shop=shop,
        day=operation.booked_on,
        cents=operation.cents,
        lapsed=operation.lapsed_cents,
        usable=operation.cents - operation.lapsed_cents,
        link=links.absolute_url("wallet_items.item", item_id=item.id) if item else links.absolute_url("wallet.find"),
    )
