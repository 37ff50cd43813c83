"""Self-dealing: vouchers that are bought and redeemed in full at once in one shop turn a card into cash.

Decision 0309.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from foundation.clock import now
from foundation.database import session
from people.models import Outlet
from vouchers.stored_value.models import Acceptance
from vouchers.watch import cases, holds
from vouchers.watch.cases import Suspicion
from vouchers.watch.models import PayoutHold, WatchRule
from vouchers.watch.rules import is_exceeded, load_rule, read_window
from vouchers.watch.states import CaseSubject, RuleEffect, RuleKey

SALES_WINDOW = timedelta(days=30)
# Sales that one shop took (nearly) whole within some minutes after they were paid.
AT_ONCE = sa.text("""
SELECT o.outlet_id, array_agg(DISTINCT s.number ORDER BY s.number) AS sales, sum(o.cents) AS cents
  FROM voucher_sale s
  JOIN LATERAL (SELECT r.outlet_id, sum(r.cents) AS cents FROM voucher_operation r
                 WHERE r.voucher_id = s.voucher_id AND r.kind = 'redeem' AND r.outcome = 'done'
                   AND r.recorded_at <= s.paid_at + CAST(:window AS interval)
                 GROUP BY r.outlet_id) o ON o.cents * 100 >= s.cents * :share
 WHERE s.paid_at > :since
 GROUP BY o.outlet_id
""")
# Sales to the address of the shop or of somebody who works there, of which that shop took (nearly) all.
BY_STAFF = sa.text("""
SELECT t.id AS outlet_id, array_agg(DISTINCT s.number ORDER BY s.number) AS sales, sum(o.cents) AS cents
  FROM voucher_sale s
  JOIN LATERAL (SELECT r.outlet_id, sum(r.cents) AS cents FROM voucher_operation r
                 WHERE r.voucher_id = s.voucher_id AND r.kind = 'redeem' AND r.outcome = 'done'
                 GROUP BY r.outlet_id) o ON o.cents * 100 >= s.cents * :share
  JOIN outlet t ON t.id = o.outlet_id JOIN organisation g ON g.id = t.organisation_id
 WHERE s.paid_at > :since AND (lower(s.buyer_email) IN (lower(t.email), lower(g.email)) OR EXISTS (
       SELECT 1 FROM membership m JOIN person p ON p.id = m.person_id
        WHERE m.organisation_id = g.id AND lower(p.email) = lower(s.buyer_email)))
 GROUP BY t.id
""")


def watch_self_dealing() -> int:
    """Open a case about shops with such sales in the last 30 days; after `max_number` their payout waits. How many."""
    rule = load_rule(RuleKey.SELF_DEALING)
    since = now() - SALES_WINDOW
    values = {"window": read_window(rule), "share": rule.share or 100, "since": since}
    return sum(_open(rule, row) for row in session.execute(AT_ONCE, values).all())


def watch_staff() -> int:
    """Open a case about shops whose own people buy and redeem there; their payout waits. How many."""
    rule = load_rule(RuleKey.OWN_STAFF)
    values = {"share": rule.share or 100, "since": now() - read_window(rule)}
    return sum(_open(rule, row) for row in session.execute(BY_STAFF, values).all())


def watch_new_shops() -> int:
    """Hold the payout of new shops until they are new no more; return how many are new."""
    days = read_window(load_rule(RuleKey.NEW_SHOP))
    first = sa.func.min(Acceptance.valid_from)
    query = sa.select(Acceptance.outlet_id, first).group_by(Acceptance.outlet_id).having(first > now() - days)
    found = session.execute(query.join(Outlet, Outlet.id == Acceptance.outlet_id).where(Outlet.active)).all()
    done = set(session.scalars(sa.select(PayoutHold.outlet_id).where(PayoutHold.reason_code == RuleKey.NEW_SHOP)))
    for outlet_id, since in found:
        if outlet_id not in done:
            holds.place_hold(outlet_id, RuleKey.NEW_SHOP, {"since": since.isoformat()}, ends_at=since + days)
    return len(found)


def _open(rule: WatchRule, row: Any) -> int:
    outlet_id: UUID = row.outlet_id
    evidence = {"number": len(row.sales), "cents": int(row.cents), "sales": list(row.sales)}
    case_id = cases.open_case(rule, Suspicion(CaseSubject.OUTLET, str(outlet_id), evidence, outlet_id))
    if case_id and rule.effect == RuleEffect.HOLD and is_exceeded(rule, len(row.sales), 0):
        holds.place_hold(outlet_id, rule.key, evidence, case_id=case_id)
    return 1 if case_id else 0
