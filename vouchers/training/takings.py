"""What was practised, in the words of `vouchers.takings`: so that the till shows both with the same pages."""

from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from foundation.clock import today
from foundation.database import session
from foundation.languages import _
from vouchers.models import Till, TillStaff
from vouchers.takings import GIVEN_BACK, TAKEN, Sum, Taken, folded
from vouchers.training.models import TrainingOperation, TrainingToken, TrainingVoucher


def of_day(outlet_id: UUID, day: date | None = None, till_id: UUID | None = None) -> list[Taken]:
    """As `takings.of_day`."""
    return _taken(outlet_id, TrainingOperation.booked_on == (day or today()), *_at(till_id))


def under(outlet_id: UUID, receipt_no: str, *, day: date | None = None, till_id: UUID | None = None) -> list[Taken]:
    """As `takings.under`."""
    wanted = [TrainingOperation.receipt_no == receipt_no, *_at(till_id)]
    return _taken(outlet_id, *wanted, *([TrainingOperation.booked_on == day] if day else []))


def by_void_code(outlet_id: UUID, code: str) -> list[Taken]:
    """As `takings.by_void_code`."""
    number = sa.func.upper(sa.func.right(sa.cast(TrainingOperation.id, sa.Text), 6))
    return _taken(outlet_id, number == code.strip().upper()) if code.strip() else []


def one(outlet_id: UUID, redemption_id: UUID) -> Taken | None:
    """As `takings.one`."""
    return next(iter(_taken(outlet_id, TrainingOperation.id == redemption_id)), None)


def returns_of(outlet_id: UUID, redemption_id: UUID) -> list[dict[str, Any]]:
    """As `takings.returns_of`."""
    query = (
        sa.select(TrainingOperation.answer)
        .where(
            TrainingOperation.ref_id == redemption_id,
            TrainingOperation.outlet_id == outlet_id,
            TrainingOperation.kind.in_(GIVEN_BACK),
            TrainingOperation.outcome == "done",
        )
        .order_by(TrainingOperation.recorded_at)
    )
    return [answer for answer in session.scalars(query) if answer]


def sums(outlet_id: UUID, day: date, till_id: UUID | None = None) -> list[Sum]:
    """As `takings.sums`."""
    operation = TrainingOperation
    name = sa.func.coalesce(Till.name, TrainingToken.name)
    query = (
        sa.select(name, sa.literal(_("Übungsgutschein")), operation.kind, sa.func.count(), sa.func.sum(operation.cents))
        .outerjoin(Till, Till.id == operation.actor_id)
        .outerjoin(TrainingToken, TrainingToken.id == operation.actor_id)
        .where(
            operation.outlet_id == outlet_id,
            operation.booked_on == day,
            operation.outcome == "done",
            operation.kind.in_((*TAKEN, *GIVEN_BACK)),
            *_at(till_id),
        )
        .group_by(name, operation.kind)
    )
    return folded(session.execute(query))


def _at(till_id: UUID | None) -> list[sa.ColumnElement[bool]]:
    return [TrainingOperation.actor_id == till_id] if till_id else []


def _taken(outlet_id: UUID, *wanted: sa.ColumnElement[bool]) -> list[Taken]:
    operation, given = TrainingOperation, sa.orm.aliased(TrainingOperation)
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
            TrainingVoucher.last4,
            sa.literal(_("Übungsgutschein")),
            sa.func.coalesce(Till.name, TrainingToken.name),
            TillStaff.alias,
            operation.receipt_no,
            operation.answer,
        )
        .join(TrainingVoucher, TrainingVoucher.id == operation.voucher_id)
        .outerjoin(Till, Till.id == operation.actor_id)
        .outerjoin(TrainingToken, TrainingToken.id == operation.actor_id)
        .outerjoin(TillStaff, TillStaff.id == operation.staff_id)
        .where(operation.outlet_id == outlet_id, operation.kind.in_(TAKEN), operation.outcome == "done", *wanted)
        .order_by(operation.recorded_at.desc(), operation.id.desc())
    )
    return [Taken(*row) for row in session.execute(query)]
