"""The rules by name, and their parameters of a day. Decision 0309."""

import time
from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa

from foundation.clock import now, today
from foundation.database import session
from foundation.languages import lazy
from vouchers.stored_value.models import VoucherOperation
from vouchers.watch.models import WatchRule
from vouchers.watch.states import RuleKey

RULE_NAMES = {
    RuleKey.VELOCITY_VOUCHER: lazy("Ein Gutschein wird zu oft bewegt"),
    RuleKey.VELOCITY_TILL: lazy("Eine Kasse löst zu viel ein"),
    RuleKey.TILL_MISSES: lazy("An einer Kasse kommen viele Codes, die es nicht gibt"),
    RuleKey.TILL_VOIDS: lazy("Eine Kasse storniert das meiste gleich wieder"),
    RuleKey.TILL_REPEATS: lazy("Eine Kasse löst denselben Gutschein immer wieder ein"),
    RuleKey.VELOCITY_SHOP: lazy("Ein Geschäft löst zu viel ein"),
    RuleKey.VELOCITY_BUYER: lazy("Jemand kauft zu viel"),
    RuleKey.VELOCITY_RECIPIENT: lazy("An eine Adresse geht zu viel"),
    RuleKey.STRUCTURING: lazy("Mehrere Käufe knapp unter der Grenze"),
    RuleKey.SELF_DEALING: lazy("Gekauft und gleich im selben Geschäft eingelöst"),
    RuleKey.OWN_STAFF: lazy("Wer im Geschäft arbeitet, kauft und löst dort ein"),
    RuleKey.NEW_SHOP: lazy("Neues Geschäft"),
}
# What is counted, or what the share is a share of.
RULE_NOTES = {
    RuleKey.VELOCITY_VOUCHER: lazy("wie oft, steht beim Programm"),
    RuleKey.VELOCITY_TILL: lazy("mehr schafft selten jemand an einer Kasse; sie läuft weiter"),
    RuleKey.TILL_MISSES: lazy("und mindestens so viel Prozent so oft, wie eingelöst wurde"),
    RuleKey.TILL_VOIDS: lazy("und mindestens so viel Prozent der Einlösungen"),
    RuleKey.TILL_REPEATS: lazy("Einlösungen eines Gutscheins an einer Kasse"),
    RuleKey.VELOCITY_SHOP: lazy("alle Kassen eines Geschäfts zusammen"),
    RuleKey.VELOCITY_BUYER: lazy("Käufe einer Adresse an einem Tag"),
    RuleKey.VELOCITY_RECIPIENT: lazy("Gutscheine an eine Adresse an einem Tag"),
    RuleKey.STRUCTURING: lazy("Käufe von mindestens so viel Prozent des Höchstbetrags"),
    RuleKey.SELF_DEALING: lazy("so viel Prozent so bald nach dem Kauf eingelöst"),
    RuleKey.OWN_STAFF: lazy("so viel Prozent im eigenen Geschäft eingelöst"),
    RuleKey.NEW_SHOP: lazy("so lange nach der ersten Annahme"),
}


def load_rule(key: str, on: date | None = None) -> WatchRule:
    """Load the parameters in force on a day (today when none is given). An unknown key is an error of ours."""
    query = sa.select(WatchRule).where(WatchRule.key == key, WatchRule.valid_from <= (on or today()))
    found = session.scalars(query.order_by(WatchRule.valid_from.desc()).limit(1)).one_or_none()
    if found is None:
        raise LookupError(f"no rule {key!r} on that day")
    return found


def read_window(rule: WatchRule) -> timedelta:
    """Read how far the rule looks back."""
    return timedelta(minutes=rule.window_minutes)


def happened_within(rule: WatchRule) -> sa.ColumnElement[bool]:
    """Give the condition that an operation happened in the rule's window.

    Ids sort by the time they were made: their index finds the last minutes without one on the time itself, which every
    redemption would have to keep up.
    """
    floor = UUID(int=int((time.time() - read_window(rule).total_seconds() - 60) * 1000) << 80)
    return sa.and_(VoucherOperation.id >= floor, VoucherOperation.recorded_at > now() - read_window(rule))


def is_exceeded(rule: WatchRule, number: int, cents: int) -> bool:
    """Whether the number or the sum passes what the rule allows."""
    return (rule.max_number is not None and number > rule.max_number) or (
        rule.max_cents is not None and cents > rule.max_cents
    )


def list_rules() -> list[WatchRule]:
    """List what is in force today, for the page."""
    return [load_rule(key) for key in RULE_NAMES]
