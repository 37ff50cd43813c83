"""The rules by name, and their parameters of a day."""

from datetime import date, timedelta

import sqlalchemy as sa

from foundation.clock import today
from foundation.database import session
from foundation.languages import lazy
from vouchers.watch.models import WatchRule

RULE_NAMES = {
    "velocity_voucher": lazy("Ein Gutschein wird zu oft bewegt"),
    "velocity_till": lazy("Eine Kasse löst zu viel ein"),
    "velocity_shop": lazy("Ein Geschäft löst zu viel ein"),
    "velocity_buyer": lazy("Jemand kauft zu viel"),
    "velocity_recipient": lazy("An eine Adresse geht zu viel"),
    "structuring": lazy("Mehrere Käufe knapp unter der Grenze"),
    "self_dealing": lazy("Gekauft und gleich im selben Geschäft eingelöst"),
    "own_staff": lazy("Wer im Geschäft arbeitet, kauft und löst dort ein"),
    "new_shop": lazy("Neues Geschäft"),
}


def load_rule(key: str, on: date | None = None) -> WatchRule:
    """The parameters that hold on a day (today when none is given). An unknown key is an error of ours."""
    query = sa.select(WatchRule).where(WatchRule.key == key, WatchRule.valid_from <= (on or today()))
    found = session.scalars(query.order_by(WatchRule.valid_from.desc()).limit(1)).one_or_none()
    if found is None:
        raise LookupError(f"no rule {key!r} on that day")
    return found


def read_window(of: WatchRule) -> timedelta:
    """How far the rule looks back."""
    return timedelta(minutes=of.window_minutes)


def is_exceeded(of: WatchRule, number: int, cents: int) -> bool:
    """Whether the number or the sum passes what the rule allows."""
    return (of.most_number is not None and number > of.most_number) or (
        of.most_cents is not None and cents > of.most_cents
    )


def list_rules() -> list[WatchRule]:
    """What holds today, for the page."""
    return [load_rule(key) for key in RULE_NAMES]
