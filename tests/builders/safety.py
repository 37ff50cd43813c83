"""Sales that happened, and rules with other numbers for the length of a test."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from foundation import clock
from foundation.database import session, uuid7
from tests.builders import vouchers as build
from vouchers.purchases.models import VoucherOrder, VoucherSale
from vouchers.stored_value.issuing import Issued
from vouchers.watch.models import WatchRule
from vouchers.watch.rules import load_rule


@dataclass(frozen=True)
class Sold:
    """A sale that was paid and delivered, with the voucher's secrets."""

    number: str
    voucher: Issued


def sold(
    programme_id: UUID, cents: int, *, buyer: str | None = None, recipient: str | None = None, street: str | None = None
) -> Sold:
    """A voucher that somebody bought now, for a recipient by mail or for one in a street of Coesfeld by letter."""
    voucher, now, mark = build.voucher(programme_id, cents), clock.now(), secrets.token_hex(4).upper()
    common: dict[str, object] = {
        "buyer_email": buyer or f"{uuid4().hex}@example.org",
        "buyer_name": "",
        "language": "de",
    }
    common |= {"ordered_at": now, "paid_at": now}
    order = VoucherOrder(id=uuid7(), number=f"GB-{mark[:4]}-{mark[4:]}", state="paid", **common)
    session.add(order)
    session.flush()
    sale = VoucherSale(
        id=order.id,
        order_id=order.id,
        number=f"MG-{mark[:4]}-{mark[4:]}",
        programme_id=programme_id,
        cents=cents,
        state="delivered",
        gift=bool(recipient or street),
        delivery="letter" if street else "mail",
        street=street,
        town_line="48653 Coesfeld" if street else None,
        recipient_email=recipient,
        recipient_language="de",
        voucher_id=voucher.voucher_id,
        delivered_at=now,
        **common,
    )
    session.add(sale)
    session.flush()
    return Sold(sale.number, voucher)


@contextmanager
def rule_of(key: str, **values: int) -> Iterator[WatchRule]:
    """A rule with these numbers from today on, and the old ones again afterwards."""
    old = load_rule(key)
    made = WatchRule(
        key=key,
        valid_from=clock.today() - timedelta(days=1),
        window_minutes=old.window_minutes,
        max_number=values.get("max_number"),
        max_cents=values.get("max_cents"),
        share=old.share,
        effect=old.effect,
    )
    session.add(made)
    session.commit()
    try:
        yield made
    finally:
        session.rollback()
        session.delete(made)
        session.commit()
