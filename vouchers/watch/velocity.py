"""Velocity: tills, shops and vouchers with more redemptions in a short time than people make. Decision 0309."""

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
from vouchers.watch.states import CaseSubject, RuleEffect, RuleKey

TILL_PAUSE = timedelta(minutes=15)
TAKING_KINDS = ("redeem", "hold")


def _since(rule: WatchRule) -> sa.ColumnElement[bool]:
    """The condition of having happened in the rule's window.

    Ids sort by the time they were made: their index finds the last minutes without one on the time itself, which every
    redemption would have to keep up.
    """
    floor = UUID(int=int((time.time() - read_window(rule).total_seconds() - 60) * 1000) << 80)
    return sa.and_(VoucherOperation.id >= floor, VoucherOperation.recorded_at > now() - read_window(rule))


def _list_exceeding(rule: WatchRule, *columns: Any) -> list[Any]:
    number, cents = sa.func.count(), sa.func.coalesce(sa.func.sum(VoucherOperation.cents), 0)
    query = (
        sa.select(*columns, number.label("number"), cents.label("cents"))
        .where(_since(rule), VoucherOperation.outcome == "done", VoucherOperation.kind.in_(TAKING_KINDS))
        .where(*(column.is_not(None) for column in columns))
        .group_by(*columns)
    )
    return [row for row in session.execute(query) if is_exceeded(rule, int(row.number), int(row.cents))]


def watch_tills() -> int:
    """Pause tills that take more than a person can, and open a case; how many."""
    rule, done = load_rule(RuleKey.VELOCITY_TILL), 0
    for row in _list_exceeding(rule, VoucherOperation.till_id, VoucherOperation.outlet_id):
        evidence = {"number": int(row.number), "cents": int(row.cents), "minutes": rule.window_minutes}
        if cases.open_case(rule, Suspicion(CaseSubject.TILL, str(row.till_id), evidence, row.outlet_id)):
            if rule.effect == RuleEffect.PAUSE:
                session.execute(sa.update(Till).where(Till.id == row.till_id).values(paused_until=now() + TILL_PAUSE))
            done += 1
    return done


def watch_shops() -> int:
    """Open a case about shops that take very much, and hold their payout; how many."""
    rule, done = load_rule(RuleKey.VELOCITY_SHOP), 0
    for row in _list_exceeding(rule, VoucherOperation.outlet_id):
        evidence = {"number": int(row.number), "cents": int(row.cents), "minutes": rule.window_minutes}
        case_id = cases.open_case(rule, Suspicion(CaseSubject.OUTLET, str(row.outlet_id), evidence, row.outlet_id))
        if case_id:
            if rule.effect == RuleEffect.HOLD:
                holds.place_hold(row.outlet_id, rule.key, evidence, case_id=case_id)
            done += 1
    return done


def watch_vouchers() -> int:
    """Open a case about vouchers that were refused because they were moved too often; how many."""
    rule, done = load_rule(RuleKey.VELOCITY_VOUCHER), 0
    query = (
        sa.select(VoucherOperation.voucher_id, Voucher.programme_id, sa.func.count().label("number"))
        .join(Voucher, Voucher.id == VoucherOperation.voucher_id)
        .join(Programme, Programme.id == Voucher.programme_id)
        .where(_since(rule), VoucherOperation.outcome == "velocity_voucher")
        .group_by(VoucherOperation.voucher_id, Voucher.programme_id)
    )
    for row in session.execute(query).all():
        evidence = {"refused": int(row.number), "minutes": rule.window_minutes}
        found = Suspicion(CaseSubject.VOUCHER, str(row.voucher_id), evidence, programme_id=row.programme_id)
        done += 1 if cases.open_case(rule, found) else 0
    return done
