"""Queries about cards and counters. Nothing here changes anything. Decision 0315."""

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa

from foundation.database import session
from money.bank import queries as bank
from money.bank.queries import OpenReceipt
from people.models import Membership, Person
from vouchers.cards import errors
from vouchers.cards.models import CardBatch, CardMovement, CardSale, Counter, StockCard
from vouchers.cards.states import CardState
from vouchers.stored_value.models import Programme

MAX_LIST_ROWS = 500
Owner = sa.orm.InstrumentedAttribute[UUID] | sa.orm.InstrumentedAttribute[UUID | None]


def list_programmes(issuer_ids: Iterable[UUID]) -> list[Programme]:
    """List what some issuers sell, by name."""
    query = sa.select(Programme).where(Programme.issuer_id.in_(list(issuer_ids))).order_by(Programme.name)
    return list(session.scalars(query))


def list_batches(issuer_ids: Iterable[UUID]) -> list[tuple[CardBatch, dict[str, int]]]:
    """List the batches of some issuers, the newest first, with how many cards are in which state."""
    found = session.scalars(
        sa.select(CardBatch)
        .join(Programme, Programme.id == CardBatch.programme_id)
        .where(Programme.issuer_id.in_(list(issuer_ids)))
        .order_by(CardBatch.made_at.desc())
        .limit(MAX_LIST_ROWS)
    ).unique()
    rows = list(found)
    states = _count_states(StockCard.batch_id, [row.id for row in rows])
    return [(row, states.get(row.id, {})) for row in rows]


def list_counters(issuer_ids: Iterable[UUID]) -> list[tuple[Counter, dict[str, int]]]:
    """List the counters of some issuers by name, with how many cards they have in which state."""
    found = session.scalars(
        sa.select(Counter).where(Counter.issuer_id.in_(list(issuer_ids))).order_by(Counter.name, Counter.id)
    ).unique()
    rows = list(found)
    states = _count_states(StockCard.counter_id, [row.id for row in rows])
    return [(row, states.get(row.id, {})) for row in rows]


def list_counters_run_by(organisation_ids: Iterable[UUID]) -> list[Counter]:
    """List the counters that some organisations run, by name."""
    query = sa.select(Counter).where(Counter.organisation_id.in_(list(organisation_ids))).order_by(Counter.name)
    return list(session.scalars(query).unique())


def count_stock(counter_id: UUID) -> dict[str, int]:
    """Count how many cards of a counter are in which state."""
    return _count_states(StockCard.counter_id, [counter_id]).get(counter_id, {})


def list_ranges_on_the_way(counter_id: UUID) -> list[tuple[int, int, int]]:
    """(first, last, how many) of the ranges that were sent to a counter and not yet received."""
    gaps = sa.select(
        StockCard.serial,
        (StockCard.serial - sa.func.row_number().over(order_by=StockCard.serial)).label("run"),
    ).where(StockCard.counter_id == counter_id, StockCard.state == CardState.SENT)
    runs = gaps.subquery()
    query = (
        sa.select(sa.func.min(runs.c.serial), sa.func.max(runs.c.serial), sa.func.count())
        .group_by(runs.c.run)
        .order_by(sa.func.min(runs.c.serial))
        .limit(50)
    )
    return [(int(row[0]), int(row[1]), int(row[2])) for row in session.execute(query)]


def list_movements(issuer_ids: Iterable[UUID], limit: int = 50) -> list[tuple[CardMovement, str | None]]:
    """List the latest movements of cards with the counter's name, the newest first."""
    ours = (
        sa.select(StockCard.serial)
        .join(CardBatch, CardBatch.id == StockCard.batch_id)
        .join(Programme, Programme.id == CardBatch.programme_id)
        .where(Programme.issuer_id.in_(list(issuer_ids)))
    )
    query = (
        sa.select(CardMovement, Counter.name)
        .outerjoin(Counter, Counter.id == CardMovement.counter_id)
        .where(CardMovement.first_serial.in_(ours))
        .order_by(CardMovement.at.desc())
        .limit(limit)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def list_open_receipts(counter: Counter) -> list[tuple[OpenReceipt, bool]]:
    """List what the issuer's bank received and nobody has decided about; and whether it names the counter's mark. Those
    that do come first."""
    found = [
        (each, counter.code in each.receipt.remittance.upper())
        for each in bank.list_open_receipts({counter.issuer_id})
        if each.payment is None
    ]
    return sorted(found, key=lambda pair: not pair[1])


def list_clerks(organisation_id: UUID) -> list[Person]:
    """List who may sell there, by name."""
    query = (
        sa.select(Person)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.organisation_id == organisation_id, Membership.role == "counter_clerk")
        .order_by(Person.name, Person.email)
    )
    return list(session.scalars(query))


def load_sale(sale_id: UUID, counter_ids: Iterable[UUID]) -> CardSale:
    """Load a sale of one of the counters. Refuses others (`NotFound`)."""
    found = session.get(CardSale, sale_id)
    if found is None or found.counter_id not in set(counter_ids):
        raise errors.sale_unknown()
    return found


def _count_states(column: Owner, ids: list[UUID]) -> dict[UUID, dict[str, int]]:
    query = sa.select(column, StockCard.state, sa.func.count()).where(column.in_(ids)).group_by(column, StockCard.state)
    counted: dict[UUID, dict[str, int]] = {}
    for row in session.execute(query):
        counted.setdefault(UUID(str(row[0])), {})[row[1]] = int(row[2])
    return counted
