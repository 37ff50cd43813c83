"""Buyers: very many or very dear purchases of one address, many for one recipient, purchases just below the limit."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from foundation import mail
from foundation.clock import now
from foundation.database import session
from foundation.security import keyed_hash
from vouchers.purchases.models import VoucherSale
from vouchers.stored_value.models import Programme
from vouchers.watch import cases
from vouchers.watch.cases import Suspicion
from vouchers.watch.models import WatchRule
from vouchers.watch.rules import is_exceeded, load_rule, read_window
from vouchers.watch.states import CaseSubject, RuleKey

BOUGHT = ("ordered", "paid", "delivered")


def _mask(address: str) -> str:
    """An address of mail or of a letter (`street|town`) with most of it hidden: `m…, 48653 Coesfeld`."""
    if "@" in address:
        return mail.mask_address(address)
    street, _bar, town = address.partition("|")
    return f"{street[:1]}…, {town}"


def _groups(rule: WatchRule, address: Any, *conditions: Any) -> Iterable[tuple[str, UUID, list[tuple[str, int]]]]:
    """(address, issuer, purchases) of the rule's window; purchases are (number, cents)."""
    who = sa.func.lower(address)
    query = (
        sa.select(who, Programme.issuer_id, sa.func.min(sa.cast(Programme.id, sa.Text)))
        .add_columns(sa.func.array_agg(VoucherSale.number), sa.func.array_agg(VoucherSale.cents))
        .join(Programme, Programme.id == VoucherSale.programme_id)
        .where(VoucherSale.state.in_(BOUGHT), VoucherSale.ordered_at > now() - read_window(rule), *conditions)
        .group_by(who, Programme.issuer_id)
    )
    for email, _issuer, programme, numbers, amounts in session.execute(query).all():
        yield email, UUID(programme), list(zip(numbers, amounts, strict=True))


def _open(rule: WatchRule, email: str, programme_id: UUID, sales: list[tuple[str, int]]) -> int:
    evidence = {
        "who": _mask(email),
        "number": len(sales),
        "cents": sum(cents for _number, cents in sales),
        "minutes": rule.window_minutes,
        "sales": sorted(number for number, _cents in sales),
    }
    subject = keyed_hash("watch buyer", f"{programme_id}|{email}").hex()
    return 1 if cases.open_case(rule, Suspicion(CaseSubject.BUYER, subject, evidence, programme_id=programme_id)) else 0


def watch_buyers() -> int:
    """Open a case about addresses that buy very much; how many."""
    rule = load_rule(RuleKey.VELOCITY_BUYER)
    found = _groups(rule, VoucherSale.buyer_email)
    return sum(_open(rule, e, p, s) for e, p, s in found if is_exceeded(rule, len(s), sum(c for _n, c in s)))


def watch_recipients() -> int:
    """Open a case about addresses, of mail or of letters, to which very much is sent, whoever buys; how many."""
    rule = load_rule(RuleKey.VELOCITY_RECIPIENT)
    letter = sa.func.concat(VoucherSale.street, "|", VoucherSale.town_line)
    found = [
        *_groups(rule, VoucherSale.recipient_email, VoucherSale.recipient_email.is_not(None)),
        *_groups(rule, letter, VoucherSale.street.is_not(None)),
    ]
    return sum(_open(rule, e, p, s) for e, p, s in found if is_exceeded(rule, len(s), sum(c for _n, c in s)))


def watch_structuring() -> int:
    """Open a case about purchases just below the most that one voucher may carry (`share`: how close); how many.

    Whoever splits a larger sum to stay below a limit buys the same nearly highest amount again and again.
    """
    rule = load_rule(RuleKey.STRUCTURING)
    close = VoucherSale.cents * 100 >= Programme.max_cents * (rule.share or 90)
    found = _groups(rule, VoucherSale.buyer_email, close)
    return sum(_open(rule, e, p, s) for e, p, s in found if is_exceeded(rule, len(s), sum(c for _n, c in s)))
