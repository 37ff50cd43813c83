"""Velocity: tills, shops and vouchers with more redemptions in a short time than people make. Decision 0309."""

from typing import Any

import sqlalchemy as sa

from foundation.database import session
from vouchers.stored_value.models import Programme, Voucher, VoucherOperation
from vouchers.watch import cases, holds
from vouchers.watch.cases import Suspicion
from vouchers.watch.models import WatchRule
from vouchers.watch.rules import happened_within, is_exceeded, load_rule
from vouchers.watch.states import CaseSubject, RuleEffect, RuleKey

TAKING_KINDS = ("redeem", "hold")


def _list_exceeding(rule: WatchRule, *columns: Any) -> list[Any]:
    number, cents = sa.func.count(), sa.func.coalesce(sa.func.sum(VoucherOperation.cents), 0)
    query = (
        sa.select(*columns, number.label("number"), cents.label("cents"))
        .where(happened_within(rule), VoucherOperation.outcome == "done", VoucherOperation.kind.in_(TAKING_KINDS))
        .where(*(column.is_not(None) for column in columns))
        .group_by(*columns)
    )
    return [row for row in session.execute(query) if is_exceeded(rule, int(row.number), int(row.cents))]


def watch_tills() -> int:
    """Open a case about tills that take more than a person can; how many. They go on: busy is not dishonest."""
    rule, done = load_rule(RuleKey.VELOCITY_TILL), 0
    for row in _list_exceeding(rule, VoucherOperation.till_id, VoucherOperation.outlet_id):
        evidence = {"number": int(row.number), "cents": int(row.cents), "minutes": rule.window_minutes}
        found = Suspicion(CaseSubject.TILL, str(row.till_id), evidence, row.outlet_id)
        done += 1 if cases.open_case(rule, found) else 0
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
        .where(happened_within(rule), VoucherOperation.outcome == "velocity_voucher")
        .group_by(VoucherOperation.voucher_id, Voucher.programme_id)
    )
    for row in session.execute(query).all():
        evidence = {"refused": int(row.number), "minutes": rule.window_minutes}
        found = Suspicion(CaseSubject.VOUCHER, str(row.voucher_id), evidence, programme_id=row.programme_id)
        done += 1 if cases.open_case(rule, found) else 0
    return done
