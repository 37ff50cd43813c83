"""A counter's account: what it sold, took back, paid over and still owes, from day to day. Decision 0315."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

import sqlalchemy as sa

from foundation import clock
from foundation.database import session
from people.models import Person
from vouchers.cards.models import CardSale, CounterPayment, StockCard
from vouchers.cards.selling import UNDO_TTL
from vouchers.cards.states import TENDER_NAMES

MAX_ACCOUNT_ROWS = 5000
Moment = sa.orm.InstrumentedAttribute[datetime] | sa.orm.InstrumentedAttribute[datetime | None]


@dataclass(frozen=True)
class SoldCard:
    """One line of a counter's list."""

    id: UUID
    at: datetime
    receipt_no: str
    serial: int
    clerk: str
    paid_by: str
    cents: int
    undone_at: datetime | None
    undo_reason: str | None

    @property
    def tender_name(self) -> object:
        """How it was paid, in words."""
        return TENDER_NAMES[self.paid_by]

    @property
    def may_undo(self) -> bool:
        return self.undone_at is None and clock.now() - self.at <= UNDO_TTL


@dataclass(frozen=True)
class CounterStatement:
    """A counter's account from one day to another (both included), in cents. `open_after` is owed at the end."""

    since: date
    until: date
    open_before: int
    sold: int
    undone: int
    paid: int
    sales: list[SoldCard]
    payments: list[CounterPayment]

    @property
    def open_after(self) -> int:
        return self.open_before + self.sold - self.undone - self.paid


def list_sold(counter_id: UUID, since: date, until: date) -> list[SoldCard]:
    """List what a counter sold in some days, the newest first, with what was taken back."""
    return list(_iterate_sold(counter_id, since, until))


def build_statement(counter_id: UUID, since: date, until: date) -> CounterStatement:
    """Build the counter's account. A sale counts on its day, taking it back on the day of that."""
    begin, end = _begin_of(since), _begin_of(until + timedelta(days=1))
    payments = session.scalars(
        sa.select(CounterPayment)
        .where(CounterPayment.counter_id == counter_id, _is_within(CounterPayment.recorded_at, begin, end))
        .order_by(CounterPayment.recorded_at.desc())
    )
    before = _begin_of(date(2000, 1, 1)), begin
    return CounterStatement(
        since,
        until,
        open_before=_sum_sales(counter_id, CardSale.sold_at, *before)
        - _sum_sales(counter_id, CardSale.undone_at, *before)
        - _sum_payments(counter_id, *before),
        sold=_sum_sales(counter_id, CardSale.sold_at, begin, end),
        undone=_sum_sales(counter_id, CardSale.undone_at, begin, end),
        paid=_sum_payments(counter_id, begin, end),
        sales=list_sold(counter_id, since, until),
        payments=list(payments),
    )


def _iterate_sold(counter_id: UUID, since: date, until: date) -> Iterator[SoldCard]:
    begin, end = _begin_of(since), _begin_of(until + timedelta(days=1))
    query = (
        sa.select(CardSale, StockCard.serial, Person.name, Person.email)
        .join(StockCard, StockCard.id == CardSale.card_id)
        .join(Person, Person.id == CardSale.clerk_id)
        .where(
            CardSale.counter_id == counter_id,
            sa.or_(_is_within(CardSale.sold_at, begin, end), _is_within(CardSale.undone_at, begin, end)),
        )
        .order_by(CardSale.sold_at.desc(), CardSale.id.desc())
        .limit(MAX_ACCOUNT_ROWS)
    )
    for row, serial, name, email in session.execute(query).unique():
        yield SoldCard(
            row.id,
            row.sold_at,
            row.receipt_no,
            serial,
            name or email,
            row.paid_by,
            row.cents,
            row.undone_at,
            row.undo_reason,
        )


def _begin_of(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=clock.BERLIN)


def _is_within(column: Moment, begin: datetime, end: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(column >= begin, column < end)


def _sum_sales(counter_id: UUID, column: Moment, begin: datetime, end: datetime) -> int:
    query = sa.select(sa.func.coalesce(sa.func.sum(CardSale.cents), 0)).where(
        CardSale.counter_id == counter_id,
        _is_within(column, begin, end),
    )
    return int(session.scalar(query) or 0)


def _sum_payments(counter_id: UUID, begin: datetime, end: datetime) -> int:
    query = sa.select(sa.func.coalesce(sa.func.sum(CounterPayment.cents), 0)).where(
        CounterPayment.counter_id == counter_id, _is_within(CounterPayment.recorded_at, begin, end)
    )
    return int(session.scalar(query) or 0)
