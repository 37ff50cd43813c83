"""Fetching the provider's statement: page by page, each stored in a transaction of its own. Decision 0212.

A page that is stored is not asked for again: a run that ends in the middle goes on after its last page. Spans overlap,
since the provider may add a line a while after its time; a line that is known changes nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from sqlalchemy.dialects.postgresql import insert

from foundation.clock import now
from foundation.database import session, transact, uuid7
from money.payments import cases, errors
from money.payments.statement_models import ProviderFeed, ProviderLine
from money.payments.states import CaseKind
from money.stripe import gateway, statement
from money.stripe.gateway import CallResult, ResultKind
from money.stripe.statement import StatementLine, StatementPage

log = structlog.get_logger("payments")

FEED = "stripe"
OVERLAP = timedelta(days=3)
CLOCK_SKEW = timedelta(minutes=10)
OVERDUE_AGE = timedelta(hours=3)


@dataclass(frozen=True)
class FetchSpan:
    """What is fetched: from `since` (none: the account's beginning) until `until`, after the line `after`."""

    since: datetime | None
    until: datetime
    after: str | None = None


def fetch() -> int:
    """Fetch what is new, and say how many lines that was. Refuses (`Busy`) while the provider is silent."""
    count = 0
    while True:
        span = transact(_begin)
        answer = statement.list_lines(span.since, span.until, span.after)
        if isinstance(answer, CallResult) and answer.kind == ResultKind.REFUSED:
            transact(_begin_anew)  # it does not know the line any more after which we asked
        page = _read(answer)
        count += transact(_store_next, span, page)
        if page.after is None:
            return count


def fetch_span(since: datetime, until: datetime) -> int:
    """Fetch one span of time once more, whatever is known of it; says how many lines were new."""
    span, count = FetchSpan(since, until), 0
    while True:
        page = _read(statement.list_lines(span.since, span.until, span.after))
        count += transact(_store, page.lines)
        if page.after is None:
            return count
        span = FetchSpan(since, until, page.after)


def find_complete_until() -> datetime | None:
    """Find until when all lines are here; None before the first run has ended."""
    found: datetime | None = session.scalar(sa.select(ProviderFeed.complete_until).where(ProviderFeed.name == FEED))
    return found


def is_overdue() -> bool:
    """Whether the statement was not read to its end for three hours, though there is a key: it is asked every hour."""
    complete = find_complete_until()
    return gateway.is_ready() and (complete is None or complete < now() - OVERDUE_AGE)


def _read(answer: StatementPage | CallResult) -> StatementPage:
    if isinstance(answer, CallResult):
        raise errors.provider_silent()
    return answer


def _begin() -> FetchSpan:
    """Go on with the span that was begun, else begin the next one."""
    feed = _lock_feed()
    if feed.until is None:
        feed.since = feed.complete_until - OVERLAP if feed.complete_until else None
        feed.until, feed.page_after = now() + CLOCK_SKEW, None
    return FetchSpan(feed.since, feed.until, feed.page_after)


def _begin_anew() -> None:
    _lock_feed().until = None


def _lock_feed() -> ProviderFeed:
    session.execute(insert(ProviderFeed).values(name=FEED).on_conflict_do_nothing())
    query = sa.select(ProviderFeed).where(ProviderFeed.name == FEED).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one()


def _store_next(span: FetchSpan, page: StatementPage) -> int:
    """Store a page, and remember it unless another run has ended or begun a span meanwhile."""
    feed = _lock_feed()
    count = _store(page.lines)
    if feed.until == span.until:
        feed.page_after = page.after
        if page.after is None:
            feed.complete_until = max(feed.complete_until or span.until - CLOCK_SKEW, span.until - CLOCK_SKEW)
            feed.since = feed.until = None
    return count


def _store(lines: tuple[StatementLine, ...]) -> int:
    known = _list_known(lines)
    rows = [_describe(line) for line in lines if line.ref not in known]
    for line in lines:
        if line.ref in known and known[line.ref] != (line.cents, line.fee_cents, line.currency):
            detail = f"{line.kind}: {line.cents} - {line.fee_cents} {line.currency}"
            cases.open_case(CaseKind.UNMATCHED_LINE, line.ref, line.net_cents, detail)
    if not rows:
        return 0
    added = insert(ProviderLine).values(rows).on_conflict_do_nothing().returning(ProviderLine.id)
    return len(session.scalars(added).all())


def _list_known(lines: tuple[StatementLine, ...]) -> dict[str, tuple[int, int, str]]:
    query = sa.select(ProviderLine.provider_ref, ProviderLine.cents, ProviderLine.fee_cents, ProviderLine.currency)
    rows = session.execute(query.where(ProviderLine.provider_ref.in_([line.ref for line in lines])))
    return {ref: (cents, fee_cents, currency) for ref, cents, fee_cents, currency in rows}


def _describe(line: StatementLine) -> dict[str, object]:
    return {
        "id": uuid7(),
        "provider_ref": line.ref,
        "kind": line.kind,
        "category": line.category,
        "source_ref": line.source_ref,
        "intent_ref": line.intent_ref,
        "cents": line.cents,
        "fee_cents": line.fee_cents,
        "net_cents": line.net_cents,
        "currency": line.currency,
        "created_at": line.created_at,
        "available_at": line.available_at,
        "description": line.description,
        "recorded_at": now(),
    }
