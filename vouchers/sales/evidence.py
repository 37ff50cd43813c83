"""What we hold about an order of vouchers for whoever answers a dispute: order, delivery, redemptions."""

from uuid import UUID

import sqlalchemy as sa

from foundation.database import session
from foundation.languages import _, show_day_and_time
from money.amount import euro
from people.models import Outlet
from vouchers.purchases import queries
from vouchers.purchases.models import VoucherSale
from vouchers.stored_value.models import VoucherOperation
from vouchers.stored_value.states import TAKEN, Outcome

MAX_REDEMPTIONS_SHOWN = 20


def list_evidence(order_id: UUID) -> list[str]:
    """List it as sentences, the order first. No address and no code of a voucher is among them."""
    order = queries.load_order(order_id)
    found = []
    for sale in queries.list_sales(order.id):
        if sale.ordered_at:
            found.append(
                _(
                    "%(number)s über %(amount)s, bestellt am %(at)s; die Bedingungen sind vereinbart.",
                    number=sale.number,
                    amount=euro(sale.cents),
                    at=show_day_and_time(sale.ordered_at),
                )
            )
        if sale.delivered_at:
            found.append(
                _("%(number)s zugestellt am %(at)s.", number=sale.number, at=show_day_and_time(sale.delivered_at))
            )
        found += _list_redemptions(sale)
    return found


def _list_redemptions(sale: VoucherSale) -> list[str]:
    query = (
        sa.select(VoucherOperation.recorded_at, VoucherOperation.cents, Outlet.name)
        .join(Outlet, Outlet.id == VoucherOperation.outlet_id)
        .where(
            VoucherOperation.voucher_id == sale.voucher_id,
            VoucherOperation.kind.in_(TAKEN),
            VoucherOperation.outcome == Outcome.DONE,
        )
        .order_by(VoucherOperation.recorded_at)
        .limit(MAX_REDEMPTIONS_SHOWN)
    )
    return [
        _("%(amount)s eingelöst am %(at)s: %(shop)s.", amount=euro(cents), at=show_day_and_time(at), shop=name)
        for at, cents, name in session.execute(query)
    ]
