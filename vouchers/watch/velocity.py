"""Hurry: tills, shops and vouchers with more redemptions in a short time than people make."""

import time
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from foundation.clock import now
from foundation.database import session
from vouchers.stored_value.models import Programme, Voucher, VoucherOperation
from vouchers.tills.models import Till
from vouchers.watch import cases, holds
from vouchers.watch.cases import Suspicion
from vouchers.watch.models import WatchRule
from vouchers.watch.rules import is_exceeded, load_rule, read_window

TILL_PAUSE = timedelta(minutes=15)
TAKING_KINDS = ("redeem", "hold")


def _since(of: WatchRule) -> sa.ColumnElement[bool]:
    """What happened in the rule's window. Ids sort by the time they were made: their index finds the last minutes
    without one on the time itself, which every redemption would have to keep up."""
    floor = UUID(int=int((time.time() - read_window(of).total_seconds() - 60) * 1000) << 80)
    return sa.and_(VoucherOperation.id >= floor, VoucherOperation.recorded_at > now() - read_window(of))


def _taken(of: WatchRule, *columns: Any) -> list[Any]:
    number, cents = sa.func.count(), sa.func.coalesce(sa.func.sum(VoucherOperation.cents), 0)
    query = (
        sa.select(*columns, number.label("number"), cents.label("cents"))
        .where(_since(of), VoucherOperation.outcome == "done", VoucherOperation.kind.in_(TAKING_KINDS))
        .where(*(column.is_not(None) for column in columns))
        .group_by(*columns)
    )
    return [row for row in session.execute(query) if is_exceeded(of, int(row.number), int(row.cents))]


def watch_tills() -> int:
    """Pause tills that take more than a person can, and open a case; how many."""
    of, done = load_rule("velocity_till"), 0
    for row in _taken(of, VoucherOperation.till_id, VoucherOperation.outlet_id):
        evidence = {"number": int(row.number), "cents": int(row.cents), "minutes": of.window_minutes}
        if cases.open_case(of, Suspicion("till", str(row.till_id), evidence, row.outlet_id)):
            if of.effect == "pause":
                session.execute(sa.update(Till).where(Till.id == row.till_id).values(paused_until=now() + TILL_PAUSE))
            done += 1
    return done


def watch_shops() -> int:
    """Open a case about shops that take very much, and hold their payout; how many."""
    of, done = load_rule("velocity_shop"), 0
    for row in _taken(of, VoucherOperation.outlet_id):
        evidence = {"number": int(row.number), "cents": int(row.cents), "minutes": of.window_minutes}
        case_id = cases.open_case(of, Suspicion("outlet", str(row.outlet_id), evidence, row.outlet_id))
        if case_id:
            if of.effect == "hold":
                holds.place_hold(row.outlet_id, of.key, evidence, case_id=case_id)
            done += 1
    return done


def watch_vouchers() -> int:
    """Open a case about vouchers that were refused because they were moved too often; how many."""
    of, done = load_rule("velocity_voucher"), 0
    query = (
        sa.select(VoucherOperation.voucher_id, Voucher.programme_id, sa.func.count().label("number"))
        .join(Voucher, Voucher.id == VoucherOperation.voucher_id)
        .join(Programme, Programme.id == Voucher.programme_id)
        .where(_since(of), VoucherOperation.outcome == "velocity_voucher")
        .group_by(VoucherOperation.voucher_id, Voucher.programme_id)
    )
    for row in session.execute(query).all():
        evidence = {"refused": int(row.number), "minutes": of.window_minutes}
        found = Suspicion("voucher", str(row.voucher_id), evidence, programme_id=row.programme_id)
        done += 1 if cases.open_case(of, found) else 0
    return done
