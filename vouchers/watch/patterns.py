"""What honest tills do not do, however busy they are: misses, voids, one voucher again and again. Decision 0309.

How fast a till takes stops none: a Christmas market takes 849 times in some minutes.
"""

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa

from foundation.clock import now
from foundation.database import session
from vouchers.stored_value.models import MissedRedemption, VoucherOperation
from vouchers.stored_value.states import GIVEN_BACK
from vouchers.tills import pausing
from vouchers.tills.models import Till
from vouchers.tills.states import PauseReason
from vouchers.watch import cases
from vouchers.watch.cases import Suspicion
from vouchers.watch.models import WatchRule
from vouchers.watch.rules import happened_within, load_rule, read_window
from vouchers.watch.states import CaseSubject, RuleEffect, RuleKey

TAKING = ("redeem", "hold")
Counted = Iterable[tuple[UUID, int]]


def watch_misses() -> int:
    """Pause tills at which most codes do not exist, and many of them; how many."""
    rule = load_rule(RuleKey.TILL_MISSES)
    missed = (
        sa.select(MissedRedemption.actor_id, sa.func.count())
        .where(MissedRedemption.recorded_at > now() - read_window(rule), MissedRedemption.reason == "unknown")
        .group_by(MissedRedemption.actor_id)
    )
    return _pause(rule, PauseReason.MISSES, _rows(missed))


def watch_voids() -> int:
    """Pause tills that give most of what they take straight back, and often; how many."""
    rule = load_rule(RuleKey.TILL_VOIDS)
    return _pause(rule, PauseReason.VOIDS, _count_by_till(rule, GIVEN_BACK))


def watch_repeats() -> int:
    """Pause tills that take from the same voucher again and again; how many."""
    rule = load_rule(RuleKey.TILL_REPEATS)
    query = (
        sa.select(VoucherOperation.till_id, sa.func.count().label("number"))
        .where(*_done(rule, TAKING))
        .group_by(VoucherOperation.till_id, VoucherOperation.voucher_id)
        .order_by("number")
    )
    return _pause(rule, PauseReason.REPEATS, dict(_rows(query)).items())


def _pause(rule: WatchRule, reason: PauseReason, counted: Counted) -> int:
    tries, done = dict(_count_by_till(rule, TAKING)), 0
    for till_id, number in counted:
        taken = tries.get(till_id, 0)
        till = session.get(Till, till_id) if _is_exceeded(rule, number, taken) else None
        if till is None:
            continue
        evidence = {"number": number, "tries": taken, "minutes": rule.window_minutes}
        if cases.open_case(rule, Suspicion(CaseSubject.TILL, str(till_id), evidence, till.outlet_id)):
            if rule.effect == RuleEffect.PAUSE:
                pausing.pause(till_id, reason)
            done += 1
    return done


def _is_exceeded(rule: WatchRule, number: int, taken: int) -> bool:
    """More than the number, and of as many redemptions at least the share: much work makes many mistakes."""
    return number > (rule.max_number or 0) and number * 100 >= taken * (rule.share or 0)


def _count_by_till(rule: WatchRule, kinds: tuple[str, ...]) -> Counted:
    query = sa.select(VoucherOperation.till_id, sa.func.count()).where(*_done(rule, kinds))
    return _rows(query.group_by(VoucherOperation.till_id))


def _done(rule: WatchRule, kinds: tuple[str, ...]) -> list[sa.ColumnElement[bool]]:
    operation = VoucherOperation
    return [
        happened_within(rule),
        operation.outcome == "done",
        operation.kind.in_(kinds),
        operation.till_id.is_not(None),
    ]


def _rows(query: sa.Executable) -> list[tuple[UUID, int]]:
    return [(UUID(str(till_id)), int(number)) for till_id, number in session.execute(query)]
