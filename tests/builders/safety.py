"""Sales that happened, and rules with other numbers for the length of a test."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from foundation import clock
from foundation.database import session
from tests.builders import vouchers as build
from vouchers.issuing import Issued
from vouchers.sales import selling
from vouchers.sales.models import VoucherSale
from vouchers.watch.models import WatchRule
from vouchers.watch.rules import rule


@dataclass(frozen=True)
class Sold:
    """A sale that was paid and delivered, with the voucher's secrets."""

    number: str
    voucher: Issued


def sold(programme_id: UUID, cents: int, *, buyer: str | None = None, recipient: str | None = None) -> Sold:
    """A voucher that somebody bought now."""
    voucher = build.voucher(programme_id, cents)
    wish = selling.Wanted(
        programme_id=programme_id,
        cents=cents,
        buyer_email=buyer or f"{uuid4().hex}@example.org",
        gift=recipient is not None,
        recipient_email=recipient,
    )
    sale = session.get_one(VoucherSale, selling.draft(wish))
    now = clock.now()
    sale.state, sale.voucher_id = "delivered", voucher.voucher_id
    sale.ordered_at, sale.paid_at, sale.delivered_at = now, now, now
    session.flush()
    return Sold(sale.number, voucher)


@contextmanager
def rule_of(key: str, **values: int) -> Iterator[WatchRule]:
    """A rule with these numbers from today on, and the old ones again afterwards."""
    old = rule(key)
    made = WatchRule(
        key=key,
        valid_from=clock.today() - timedelta(days=1),
        window_minutes=old.window_minutes,
        most_number=values.get("most_number"),
        most_cents=values.get("most_cents"),
        share=old.share,
        effect=old.effect,
        note="Prüfung",
    )
    session.add(made)
    session.commit()
    try:
        yield made
    finally:
        session.rollback()
        session.delete(made)
        session.commit()
