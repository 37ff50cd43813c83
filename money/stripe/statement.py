"""Stripe's own statement: the lines of our balance, page by page, its payouts, and the balance itself.

Every function makes network calls and belongs outside transactions. Raises nothing for an outcome.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from money.stripe import gateway
from money.stripe.gateway import CallResult

PAGE_LINES = 100  # Stripe's largest page
MAX_TEXT_CHARS = 200


@dataclass(frozen=True)
class StatementLine:
    """One movement of our balance (`balance_transaction`): cents as Stripe signs them, net = cents - fee.

    `kind` and `category` are Stripe's `type` and `reporting_category`. `intent_ref`: the payment that it is about.
    """

    ref: str
    kind: str
    category: str
    source_ref: str | None
    intent_ref: str | None
    cents: int
    fee_cents: int
    net_cents: int
    currency: str
    created_at: datetime
    available_at: datetime
    description: str


@dataclass(frozen=True)
class StatementPage:
    """Lines, the newest first, and after which line the next page begins; None on the last one."""

    lines: tuple[StatementLine, ...]
    after: str | None


@dataclass(frozen=True)
class PayoutView:
    """A payout, and the line by which it left our balance."""

    ref: str
    line_ref: str | None
    cents: int
    status: str


def list_lines(since: datetime | None, until: datetime, after: str | None) -> StatementPage | CallResult:
    """Read one page of the lines that were made in a span of time; without `since`, from the account's beginning."""
    created = {"lt": int(until.timestamp())} | ({"gte": int(since.timestamp())} if since else {})
    params: Any = {"created": created, "limit": PAGE_LINES, "expand": ["data.source"]}
    if after:
        params["starting_after"] = after
    return gateway.ask(lambda v1: _read_page(v1.balance_transactions.list(params)))


def list_payouts(since: datetime, until: datetime) -> list[PayoutView] | CallResult:
    """List the payouts of our account that were made in a span of time, page by page."""
    params: Any = {"created": {"gte": int(since.timestamp()), "lt": int(until.timestamp())}, "limit": PAGE_LINES}
    return gateway.ask(lambda v1: [_read_payout(each) for each in v1.payouts.list(params).auto_paging_iter()])


def read_balance() -> int | CallResult:
    """Read what Stripe says that our balance is, available or not yet, in cents of euro."""
    return gateway.ask(lambda v1: _sum_balance(v1.balance.retrieve()))


def _sum_balance(balance: Any) -> int:
    return sum(part.amount for part in (*balance.available, *balance.pending) if part.currency == "eur")


def _read_page(page: Any) -> StatementPage:
    lines = tuple(_read_line(each) for each in page.data)
    return StatementPage(lines, lines[-1].ref if page.has_more and lines else None)


def _read_line(line: Any) -> StatementLine:
    return StatementLine(
        ref=line.id,
        kind=line.type,
        category=line.reporting_category,
        source_ref=gateway.read_id(line.source),
        intent_ref=gateway.read_id(getattr(line.source, "payment_intent", None)),
        cents=line.amount,
        fee_cents=line.fee,
        net_cents=line.net,
        currency=line.currency,
        created_at=datetime.fromtimestamp(line.created, UTC),
        available_at=datetime.fromtimestamp(line.available_on, UTC),
        description=(line.description or "")[:MAX_TEXT_CHARS],
    )


def _read_payout(payout: Any) -> PayoutView:
    return PayoutView(payout.id, gateway.read_id(payout.balance_transaction), payout.amount, payout.status)
