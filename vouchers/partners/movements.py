"""Who asks for a report, and what it may see: its shop's movements, or with a practice key what it practised itself."""

from dataclasses import dataclass
from datetime import date
from itertools import groupby
from uuid import UUID

import sqlalchemy as sa

from foundation.clock import now
from foundation.database import session
from people.models import Outlet
from vouchers.practice import setup
from vouchers.practice.models import PracticeToken
from vouchers.practice.redemption_log import PRACTICE_LOG
from vouchers.tills import errors, tokens
from vouchers.tills.redemption_log import LIVE_LOG, DayTotal, Movement, RedemptionLog, merge_lines

TILL = sa.text("SELECT refusal, id, name, outlet_id FROM till_authenticate(:till, :scope, :at)")


@dataclass(frozen=True)
class ReportCaller:
    """The shop that asks, and the till it asks from. `is_practice`: a practice key."""

    outlet_id: UUID
    till_id: UUID
    till: str
    is_practice: bool


def identify_caller(bearer: str, scope: str) -> ReportCaller:
    """Who asks. Refuses unknown, ended and revoked tokens (`NotSignedIn`) and those without `scope` (`NotAllowed`)."""
    if bearer.startswith(setup.KEY_PREFIX):
        return _identify_key(bearer)
    row = session.execute(TILL, {"till": tokens.hash_bearer(bearer), "scope": scope, "at": now()}).one()
    if row.refusal:
        errors.refuse(row.refusal, None)
    return ReportCaller(row.outlet_id, row.id, row.name, is_practice=False)


def _identify_key(bearer: str) -> ReportCaller:
    query = sa.select(PracticeToken).where(PracticeToken.hash == setup.hash_key(bearer))
    found = session.scalars(query).one_or_none()
    if found is None or found.revoked_at or (found.expires_at and found.expires_at <= now()):
        errors.refuse("till_unknown")
    return ReportCaller(found.outlet_id, found.id, found.name, is_practice=True)


def list_movements(place: ReportCaller, first: date, last: date) -> list[Movement]:
    """List all movements that the place may see from `first` to `last`, in the order in which they happened."""
    return _books(place).lines(place.outlet_id, first, last, _own(place))


def list_day_totals(place: ReportCaller, day: date) -> list[DayTotal]:
    """List a day by till, in the order of their names; what has no till (the marketplace's orders) comes last."""
    found = _books(place).sums(place.outlet_id, day, _own(place))
    return [merge_lines(by, *till) for till, by in groupby(found, key=lambda line: (line.till_id, line.till))]


def _books(place: ReportCaller) -> RedemptionLog:
    return PRACTICE_LOG if place.is_practice else LIVE_LOG


def _own(place: ReportCaller) -> UUID | None:
    """A practice key sees only what it practised itself; a till sees its shop."""
    return place.till_id if place.is_practice else None


def load_shop(place: ReportCaller) -> Outlet:
    """Load the shop whose token asks. Refuses unknown tokens."""
    return session.get_one(Outlet, place.outlet_id)
