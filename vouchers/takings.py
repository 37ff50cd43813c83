"""What a shop's tills took and gave back: lists of redemptions, one by number or void code, sums of a day.

`vouchers.training.takings` answers the same questions about what was practised.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from foundation.clock import today
from foundation.database import session
from vouchers.models import Programme, Till, TillStaff, Voucher, VoucherOperation

GIVEN_BACK = ("void", "refund")
TAKEN = ("redeem", "capture")
MOST_FOUND = 50
LOOKED_BACK = timedelta(days=90)


@dataclass(frozen=True)
class Taken:
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
class Sum:
    """A line of a day's closing: one till and one programme. Amounts in cents; `till` is empty for online orders."""

    till: str | None
    programme: str
    count: int
    taken: int
    voided: int
    refunded: int

    @property
    def net(self) -> int:
        """What the shop is owed for it."""
        return self.taken - self.voided - self.refunded


def of_day(outlet_id: UUID, day: date | None = None, till_id: UUID | None = None) -> list[Taken]:
    """The redemptions at a shop's tills (or at one of them) on a business day, the newest first."""
    wanted = [VoucherOperation.booked_on == (day or today())]
    return _taken(outlet_id, *wanted, *_at(till_id))


def under(outlet_id: UUID, receipt_no: str, *, day: date | None = None, till_id: UUID | None = None) -> list[Taken]:
    """What was taken under a receipt's number, the newest first: of one day, or ever."""
    wanted = [VoucherOperation.receipt_no == receipt_no, *_at(till_id)]
    return _taken(outlet_id, *wanted, *([VoucherOperation.booked_on == day] if day else []))


def by_void_code(outlet_id: UUID, code: str) -> list[Taken]:
    """What has this void code; its six symbols end the number of the redemption."""
    number = sa.func.upper(sa.func.right(sa.cast(VoucherOperation.id, sa.Text), 6))
    return _taken(outlet_id, number == code.strip().upper()) if code.strip() else []


def one(outlet_id: UUID, redemption_id: UUID) -> Taken | None:
    """One redemption of a shop."""
    return next(iter(_taken(outlet_id, VoucherOperation.id == redemption_id)), None)


def returns_of(outlet_id: UUID, redemption_id: UUID) -> list[dict[str, Any]]:
    """What was told when parts of a redemption were given back, the oldest first."""
    query = (
        sa.select(VoucherOperation.answer)
        .where(
            VoucherOperation.ref_id == redemption_id,
            VoucherOperation.outlet_id == outlet_id,
            VoucherOperation.kind.in_(GIVEN_BACK),
            VoucherOperation.outcome == "done",
        )
        .order_by(VoucherOperation.recorded_at)
    )
    return [answer for answer in session.scalars(query) if answer]


def sums(outlet_id: UUID, day: date, till_id: UUID | None = None) -> list[Sum]:
    """The day's closing by till and programme; its net is what the ledger owes the shop for that day.

    A return counts on the day and at the till at which it was made.
    """
    operation = VoucherOperation
    query = (
        sa.select(Till.name, Programme.name, operation.kind, sa.func.count(), sa.func.sum(operation.cents))
        .join(Voucher, Voucher.id == operation.voucher_id)
        .join(Programme, Programme.id == Voucher.programme_id)
        .outerjoin(Till, Till.id == operation.till_id)
        .where(
            operation.outlet_id == outlet_id,
            operation.booked_on == day,
            operation.outcome == "done",
            operation.kind.in_((*TAKEN, *GIVEN_BACK)),
            *_at(till_id),
        )
        .group_by(Till.name, Programme.name, operation.kind)
    )
    return folded(session.execute(query))


def last_used(outlet_id: UUID) -> dict[UUID, datetime]:
    """When each till of a shop last did something, within the last 90 days."""
    query = (
        sa.select(VoucherOperation.till_id, sa.func.max(VoucherOperation.recorded_at))
        .where(
            VoucherOperation.outlet_id == outlet_id,
            VoucherOperation.booked_on >= today() - LOOKED_BACK,
            VoucherOperation.till_id.is_not(None),
        )
        .group_by(VoucherOperation.till_id)
    )
    return {till_id: at for till_id, at in session.execute(query) if till_id}


def folded(rows: Iterable[Any]) -> list[Sum]:
    """Lines of till, programme, kind, count and cents as one line for each till and programme."""
    found: dict[tuple[str | None, str], dict[str, int]] = {}
    for till, programme, kind, count, cents in rows:
        line = found.setdefault((till, programme), {"count": 0, "taken": 0, "voided": 0, "refunded": 0})
        line[{"void": "voided", "refund": "refunded"}.get(kind, "taken")] += int(cents)
        line["count"] += int(count) if kind in TAKEN else 0
    return [Sum(till, programme, **found[till, programme]) for till, programme in sorted(found, key=_name)]


def _name(key: tuple[str | None, str]) -> tuple[bool, str, str]:
    return (key[0] is None, key[0] or "", key[1])


def _at(till_id: UUID | None) -> list[sa.ColumnElement[bool]]:
    return [VoucherOperation.till_id == till_id] if till_id else []


def _taken(outlet_id: UUID, *wanted: sa.ColumnElement[bool]) -> list[Taken]:
    operation, given = VoucherOperation, sa.orm.aliased(VoucherOperation)
    back = (given.voucher_id == operation.voucher_id, given.ref_id == operation.id, given.outcome == "done")
    returned = sa.select(sa.cast(sa.func.coalesce(sa.func.sum(given.cents), 0), sa.BigInteger)).where(
        *back, given.kind.in_(GIVEN_BACK)
    )
    query = (
        sa.select(
            operation.id,
            operation.recorded_at,
            operation.booked_on,
            operation.cents,
            returned.scalar_subquery(),
            sa.exists().where(*back, given.kind == "void"),
            Voucher.last4,
            Programme.name,
            Till.name,
            TillStaff.alias,
            operation.receipt_no,
            operation.answer,
        )
        .join(Voucher, Voucher.id == operation.voucher_id)
        .join(Programme, Programme.id == Voucher.programme_id)
        .join(Till, Till.id == operation.till_id)
        .outerjoin(TillStaff, TillStaff.id == operation.staff_id)
        .where(operation.outlet_id == outlet_id, operation.kind.in_(TAKEN), operation.outcome == "done", *wanted)
        .order_by(operation.recorded_at.desc(), operation.id.desc())
    )
    return [Taken(*row) for row in session.execute(query)]
