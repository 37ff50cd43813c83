"""The auditor's figures. Formulas: issued = issues + loads, net = less withdrawals; redeemed = redemptions and captures
less voids and refunds; outstanding = what the ledger owes to holders (VL + VB + VE + VH), to the cent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from foundation.clock import today
from foundation.database import session
from foundation.languages import _
from money.ledger import balances
from money.ledger.models import Entry
from people.models import Municipality, Organisation, Outlet
from vouchers.statistics import errors
from vouchers.statistics.models import UNKNOWN, VoucherDay
from vouchers.statistics.states import CountedKind
from vouchers.stored_value.models import Programme, Voucher

LIABILITIES = ("VL", "VB", "VE", "VH")
MAX_PERIOD = timedelta(days=1100)


@dataclass(frozen=True)
class Scope:
    """Which part of the figures: business days (both included) and programmes."""

    since: date
    until: date
    programme_ids: tuple[UUID, ...]

    @property
    def days(self) -> int:
        return (self.until - self.since).days + 1

    def before(self) -> "Scope":
        """The same length of time just before, to compare with."""
        return Scope(self.since - timedelta(days=self.days), self.since - timedelta(days=1), self.programme_ids)


@dataclass(frozen=True)
class Sums:
    """Cents and numbers of a scope."""

    issued: int = 0
    withdrawn: int = 0
    redeemed: int = 0
    tickets: int = 0
    vouchers: int = 0

    @property
    def net(self) -> int:
        return self.issued - self.withdrawn


def parse_scope(since: str, until: str, programmes: Sequence[Programme], chosen: str) -> Scope:
    """Read a period and a programme from what was asked; the last 30 days of all when nothing was. `Invalid` else."""
    try:
        end = date.fromisoformat(until) if until else today()
        begin = date.fromisoformat(since) if since else end - timedelta(days=29)
    except ValueError as error:
        raise errors.days_not_valid() from error
    if begin > end or end - begin > MAX_PERIOD:
        raise errors.period_out_of_range()
    ids = tuple(p.id for p in programmes if not chosen or p.slug == chosen)
    return Scope(begin, end, ids)


def list_programmes(issuer_ids: Sequence[UUID] | None) -> list[Programme]:
    """List all programmes, or those of some issuers, by name."""
    query = sa.select(Programme).order_by(Programme.name)
    if issuer_ids is not None:
        query = query.where(Programme.issuer_id.in_(issuer_ids))
    return list(session.scalars(query).unique())


def _select_within(of: Scope) -> tuple[sa.ColumnElement[bool], ...]:
    return (VoucherDay.booked_on.between(of.since, of.until), VoucherDay.programme_id.in_(of.programme_ids))


def _sum_cents(verb: CountedKind) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(VoucherDay.cents).filter(VoucherDay.verb == verb), 0)


def _sum_number(verb: CountedKind) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(VoucherDay.number).filter(VoucherDay.verb == verb), 0)


def _make_sums(row: Any) -> Sums:
    return Sums(*(int(value) for value in row))


COLUMNS = (
    _sum_cents(CountedKind.ISSUED),
    _sum_cents(CountedKind.WITHDRAWN),
    _sum_cents(CountedKind.REDEEMED),
    _sum_number(CountedKind.REDEEMED),
    _sum_number(CountedKind.ISSUED),
)


def sum_all(of: Scope) -> Sums:
    """Sum all figures within the scope."""
    return _make_sums(session.execute(sa.select(*COLUMNS).where(*_select_within(of))).one())


def sum_by_programme(of: Scope) -> dict[UUID, Sums]:
    """Sum the figures of each programme within the scope."""
    query = sa.select(VoucherDay.programme_id, *COLUMNS).where(*_select_within(of)).group_by(VoucherDay.programme_id)
    return {row[0]: _make_sums(row[1:]) for row in session.execute(query)}


def sum_by_day(of: Scope) -> list[tuple[date, int, int]]:
    """(day, redeemed cents, number of redemptions) of every day, also of those without any."""
    query = (
        sa.select(VoucherDay.booked_on, _sum_cents(CountedKind.REDEEMED), _sum_number(CountedKind.REDEEMED))
        .where(*_select_within(of))
        .group_by(VoucherDay.booked_on)
    )
    found = {row[0]: (int(row[1]), int(row[2])) for row in session.execute(query)}
    every = (of.since + timedelta(days=n) for n in range(of.days))
    return [(day, *found.get(day, (0, 0))) for day in every]


def load_town_names() -> dict[str, str]:
    """Names of towns by official key, and the word for those who did not say."""
    rows = session.execute(sa.select(Municipality.ags, Municipality.name))
    return {row[0]: row[1] for row in rows} | {UNKNOWN: str(_("ohne Angabe"))}


def sum_flows(of: Scope) -> list[tuple[str, str, int]]:
    """(town of origin, town of redemption, cents) in which value was given in one and spent in the other."""
    query = (
        sa.select(VoucherDay.issue_ags, Outlet.ags, sa.func.sum(VoucherDay.cents))
        .join(Outlet, Outlet.id == VoucherDay.outlet_id)
        .where(*_select_within(of), VoucherDay.verb == CountedKind.REDEEMED)
        .group_by(VoucherDay.issue_ags, Outlet.ags)
        .having(sa.func.sum(VoucherDay.cents) != 0)
        .order_by(sa.func.sum(VoucherDay.cents).desc())
    )
    return [(row[0], row[1], int(row[2])) for row in session.execute(query)]


def sum_issued_by_town(of: Scope) -> dict[str, int]:
    """Net issued cents by town of origin."""
    query = (
        sa.select(VoucherDay.issue_ags, _sum_cents(CountedKind.ISSUED) - _sum_cents(CountedKind.WITHDRAWN))
        .where(*_select_within(of))
        .group_by(VoucherDay.issue_ags)
    )
    return {row[0]: int(row[1]) for row in session.execute(query)}


def sum_by_outlet(of: Scope, ags: str) -> list[tuple[Outlet, int, int]]:
    """(shop, redeemed cents, redemptions) of one town, the most first."""
    amount = sa.func.sum(VoucherDay.cents)
    query = (
        sa.select(VoucherDay.outlet_id, amount, sa.func.sum(VoucherDay.number))
        .join(Outlet, Outlet.id == VoucherDay.outlet_id)
        .where(*_select_within(of), VoucherDay.verb == CountedKind.REDEEMED, Outlet.ags == ags)
        .group_by(VoucherDay.outlet_id)
        .order_by(amount.desc())
    )
    return [(session.get_one(Outlet, row[0]), int(row[1]), int(row[2])) for row in session.execute(query)]


def sum_outstanding(programme: Programme) -> int:
    """What the issuer owes to the holders of a programme now, in cents, from the ledger."""
    return sum(
        balances.load_balance(programme.issuer_id, account, programme_id=programme.id) for account in LIABILITIES
    )


def list_flow_entries(of: Scope, origin: str, target: str, limit: int = 200) -> list[Entry]:
    """List the newest entries behind one cell of the flow between towns."""
    from_town = Voucher.issue_ags.is_(None) if origin == UNKNOWN else Voucher.issue_ags == origin
    shops = sa.select(Outlet.id).where(Outlet.ags == target)
    query = (
        sa.select(Entry)
        .join(Voucher, Voucher.id == Entry.aggregate_id)
        .where(
            Entry.booked_on.between(of.since, of.until),
            Entry.programme_id.in_(of.programme_ids),
            from_town,
            sa.or_(Entry.credit_party.in_(shops), Entry.debit_party.in_(shops)),
        )
        .order_by(Entry.booked_on.desc(), Entry.journal_id.desc())
        .limit(limit)
    )
    return list(session.scalars(query))


def list_issuers(ids: Sequence[UUID]) -> list[Organisation]:
    """List the issuers within the scope, by name."""
    return list(session.scalars(sa.select(Organisation).where(Organisation.id.in_(ids)).order_by(Organisation.name)))
