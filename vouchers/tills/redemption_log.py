"""What a shop's tills took and gave back: lists of redemptions, one by number or void code, movements, sums of a day.

The till, the desk and the reports for cash systems read the same books. What was practised stands in books of its own:
`vouchers.practice.redemption_log`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from foundation.clock import today
from foundation.database import session
from people.models import Organisation
from vouchers.stored_value.models import Programme, Voucher, VoucherOperation
from vouchers.stored_value.states import OperationKind
from vouchers.tills.books import LIVE as LIVE_BOOKS
from vouchers.tills.books import Books
from vouchers.tills.models import Till, TillStaff

GIVEN_BACK = ("void", "refund")
TAKEN = ("redeem", "capture")  # a register may set an amount aside first, and capture it
MAX_FOUND_REDEMPTIONS = 50
LAST_USED_WINDOW = timedelta(days=90)


@dataclass(frozen=True)
class LoggedRedemption:
    """One redemption, and what of it was given back. `answer` is what the till was told."""

    id: UUID
    recorded_at: datetime
    booked_on: date
    cents: int
    returned: int
    voided: bool
    last4: str
    programme: str
    till: str
    cashier: str | None
    receipt_no: str | None
    answer: dict[str, Any] | None

    @property
    def net(self) -> int:
        """What is left of it, in cents."""
        return self.cents - self.returned

    @property
    def void_code(self) -> str:
        """The last symbols of its number, as on the receipt."""
        return str(self.id)[-6:].upper()


@dataclass(frozen=True)
class Movement:
    """One movement. `cents` is always positive: `kind` says the direction. `ref_id`: what was given back."""

    id: UUID
    kind: str
    cents: int
    booked_on: date
    recorded_at: datetime
    till_id: UUID | None
    till: str | None
    receipt_no: str | None
    ref_id: UUID | None
    last4: str
    programme: str
    issuer: str

    @property
    def signed_cents(self) -> int:
        """As the shop's takings count it: taken is plus, given back is minus."""
        return self.cents if self.kind in TAKEN else -self.cents


@dataclass(frozen=True)
class DayTotal:
    """What a till did on a day with one programme: (how often, cents) by kind. `till` is empty for online orders."""

    till_id: UUID | None
    till: str | None
    programme: str
    counts: dict[str, tuple[int, int]]

    @property
    def count(self) -> int:
        """How often something was taken."""
        return sum(self.counts[kind][0] for kind in TAKEN)

    @property
    def taken(self) -> int:
        """In cents, as the other sums."""
        return sum(self.counts[kind][1] for kind in TAKEN)

    @property
    def voided(self) -> int:
        """Given back on the day of the redemption, in full."""
        return self.counts["void"][1]

    @property
    def refunded(self) -> int:
        """Given back later or in part."""
        return self.counts["refund"][1]

    @property
    def net(self) -> int:
        """What the shop is owed for it."""
        return self.taken - self.voided - self.refunded


class RedemptionLog:
    """The operations at the tills of shops, in the schema of some books."""

    def __init__(self, books: Books) -> None:
        self.options = {"schema_translate_map": {None: books.schema}}

    def programme(self) -> tuple[Any, Any]:
        """The columns of the programme's name and its issuer's."""
        return Programme.name, Organisation.legal_name

    def _join(self, query: "sa.Select[*tuple[Any, ...]]") -> "sa.Select[*tuple[Any, ...]]":
        return (
            query.join(Voucher, Voucher.id == VoucherOperation.voucher_id)
            .join(Programme, Programme.id == Voucher.programme_id)
            .join(Organisation, Organisation.id == Programme.issuer_id)
            .outerjoin(Till, Till.id == VoucherOperation.till_id)
        )

    def of_day(self, outlet_id: UUID, day: date | None = None, till_id: UUID | None = None) -> list[LoggedRedemption]:
        """The redemptions at a shop's tills (or at one of them) on a business day, the newest first."""
        return self._taken(outlet_id, VoucherOperation.booked_on == (day or today()), *self._at(till_id))

    def under(
        self, outlet_id: UUID, receipt_no: str, *, day: date | None = None, till_id: UUID | None = None
    ) -> list[LoggedRedemption]:
        """What was taken under a receipt's number, the newest first: of one day, or ever."""
        wanted = [VoucherOperation.receipt_no == receipt_no, *self._at(till_id)]
        return self._taken(outlet_id, *wanted, *([VoucherOperation.booked_on == day] if day else []))

    def by_void_code(self, outlet_id: UUID, code: str) -> list[LoggedRedemption]:
        """What has this void code; its six symbols end the number of the redemption."""
        number = sa.func.upper(sa.func.right(sa.cast(VoucherOperation.id, sa.Text), 6))
        return self._taken(outlet_id, number == code.strip().upper()) if code.strip() else []

    def one(self, outlet_id: UUID, redemption_id: UUID) -> LoggedRedemption | None:
        """One redemption of a shop."""
        return next(iter(self._taken(outlet_id, VoucherOperation.id == redemption_id)), None)

    def returns_of(self, outlet_id: UUID, redemption_id: UUID) -> list[dict[str, Any]]:
        """What was told when parts of a redemption were given back, the oldest first."""
        query = (
            sa.select(VoucherOperation.answer)
            .where(VoucherOperation.ref_id == redemption_id, *self._done(outlet_id, GIVEN_BACK))
            .order_by(VoucherOperation.recorded_at)
        )
        return [answer for answer in session.scalars(query, execution_options=self.options) if answer]

    def lines(self, outlet_id: UUID, first: date, last: date, till_id: UUID | None = None) -> list[Movement]:
        """All movements at a shop from `first` to `last`, in the order in which they happened.

        Captured holds count as taken, on the day of the capture; holds and releases move nothing.
        """
        operation, taken = VoucherOperation, sa.orm.aliased(VoucherOperation)
        query = self._join(
            sa.select(
                operation.id,
                operation.kind,
                operation.cents,
                operation.booked_on,
                operation.recorded_at,
                VoucherOperation.till_id,
                Till.name,
                sa.func.coalesce(operation.receipt_no, taken.receipt_no),
                operation.ref_id,
                Voucher.last4,
                *self.programme(),
            ).select_from(operation)
        ).outerjoin(taken, sa.and_(taken.voucher_id == operation.voucher_id, taken.id == operation.ref_id))
        query = query.where(*self._done(outlet_id), operation.booked_on.between(first, last), *self._at(till_id))
        return [
            Movement(*row)
            for row in session.execute(
                query.order_by(operation.recorded_at, operation.id), execution_options=self.options
            )
        ]

    def sums(self, outlet_id: UUID, day: date, till_id: UUID | None = None) -> list[DayTotal]:
        """The day's closing by till and programme; its net is what the ledger owes the shop for that day.

        A return counts on the day and at the till at which it was made. Online orders come last.
        """
        kind, (programme, _issuer) = VoucherOperation.kind, self.programme()
        by = (VoucherOperation.till_id.label("till_id"), Till.name.label("till"), programme.label("programme"), kind)
        query = self._join(
            sa.select(*by, sa.func.count(), sa.func.sum(VoucherOperation.cents)).select_from(VoucherOperation)
        ).where(*self._done(outlet_id), VoucherOperation.booked_on == day, *self._at(till_id))
        grouped = query.group_by("till_id", "till", "programme", kind)
        found: dict[tuple[UUID | None, str | None, str], dict[str, tuple[int, int]]] = {}
        for till, name, of, what, count, cents in session.execute(grouped, execution_options=self.options):
            found.setdefault((till, name, of), _nothing())[what] = (int(count), int(cents))
        return [DayTotal(*key, found[key]) for key in sorted(found, key=_order)]

    def _at(self, till_id: UUID | None) -> list[Any]:
        return [VoucherOperation.till_id == till_id] if till_id else []

    def _done(self, outlet_id: UUID, kinds: tuple[str, ...] = (*TAKEN, *GIVEN_BACK)) -> list[Any]:
        operation = VoucherOperation
        return [operation.outlet_id == outlet_id, operation.kind.in_(kinds), operation.outcome == "done"]

    def _taken(self, outlet_id: UUID, *conditions: Any) -> list[LoggedRedemption]:
        operation, given = VoucherOperation, sa.orm.aliased(VoucherOperation)
        back = (given.voucher_id == operation.voucher_id, given.ref_id == operation.id, given.outcome == "done")
        returned = sa.select(sa.cast(sa.func.coalesce(sa.func.sum(given.cents), 0), sa.BigInteger)).where(
            *back, given.kind.in_(GIVEN_BACK)
        )
        query = self._join(
            sa.select(
                operation.id,
                operation.recorded_at,
                operation.booked_on,
                operation.cents,
                returned.scalar_subquery(),
                sa.exists().where(*back, given.kind == OperationKind.VOID),
                Voucher.last4,
                self.programme()[0],
                Till.name,
                TillStaff.alias,
                operation.receipt_no,
                operation.answer,
            ).select_from(operation)
        ).outerjoin(TillStaff, TillStaff.id == operation.staff_id)
        query = query.where(*self._done(outlet_id, TAKEN), VoucherOperation.till_id.is_not(None), *conditions)
        newest = query.order_by(operation.recorded_at.desc(), operation.id.desc())
        return [LoggedRedemption(*row) for row in session.execute(newest, execution_options=self.options)]


LIVE_LOG = RedemptionLog(LIVE_BOOKS)


def merge_lines(
    sums: Iterable[DayTotal], till_id: UUID | None = None, till: str | None = None, programme: str = ""
) -> DayTotal:
    """Merge several lines of a day into one."""
    counts = _nothing()
    for found in sums:
        for kind, (count, cents) in found.counts.items():
            counts[kind] = (counts[kind][0] + count, counts[kind][1] + cents)
    return DayTotal(till_id, till, programme, counts)


def last_used(outlet_id: UUID) -> dict[UUID, datetime]:
    """When each till of a shop last did something, within the last 90 days."""
    query = (
        sa.select(VoucherOperation.till_id, sa.func.max(VoucherOperation.recorded_at))
        .where(
            VoucherOperation.outlet_id == outlet_id,
            VoucherOperation.booked_on >= today() - LAST_USED_WINDOW,
            VoucherOperation.till_id.is_not(None),
        )
        .group_by(VoucherOperation.till_id)
    )
    return {till_id: at for till_id, at in session.execute(query) if till_id}


def _nothing() -> dict[str, tuple[int, int]]:
    return dict.fromkeys((*TAKEN, *GIVEN_BACK), (0, 0))


def _order(key: tuple[UUID | None, str | None, str]) -> tuple[bool, str, str, str]:
    till_id, till, programme = key
    return (till is None, till or "", str(till_id), programme)
