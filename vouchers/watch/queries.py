"""Who may see which case, and what the worklist shows. Nothing here changes anything. Decision 0309."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from foundation.clock import now
from foundation.database import session
from foundation.languages import _
from people.models import MemberRole, Membership, Outlet, Person
from people.permissions import is_allowed
from vouchers.stored_value.models import Acceptance, Programme, Voucher
from vouchers.tills.models import Till
from vouchers.watch import errors
from vouchers.watch.models import PayoutHold, WatchCase
from vouchers.watch.states import CaseState, CaseSubject

MAX_ROWS_SHOWN = 100
PERMISSION = "watch.see"


@dataclass(frozen=True)
class CaseView:
    """A case as the worklist shows it."""

    case: WatchCase
    about: str
    decider: str
    paused: bool


@dataclass(frozen=True)
class Sight:
    """What a person sees: everything (`issuers` is none), or what concerns some issuers."""

    issuers: frozenset[UUID] | None


def load_sight(person_id: UUID) -> Sight:
    """Load what a person sees.

    Operators see everything, an issuer's people what concerns its programmes and the shops that accept them.
    """
    person = session.get(Person, person_id, populate_existing=True)
    own = [m for m in person.memberships if is_allowed({m.role}, PERMISSION)] if person and person.active else []
    if any(m.role == MemberRole.OPERATOR for m in own):
        return Sight(None)
    return Sight(frozenset(m.organisation_id for m in own))


def can_see(person_id: UUID, outlet_id: UUID | None, programme_id: UUID | None) -> bool:
    """Whether a case or hold about this shop or programme concerns the person."""
    issuers = load_sight(person_id).issuers
    if issuers is None:
        return True
    if programme_id:
        return session.get_one(Programme, programme_id).issuer_id in issuers
    query = sa.select(Acceptance.id).join(Programme, Programme.id == Acceptance.programme_id)
    query = query.where(Acceptance.outlet_id == outlet_id, Programme.issuer_id.in_(issuers))
    return session.scalar(query.limit(1)) is not None


def require_other_shop(person_id: UUID, outlet_id: UUID | None) -> None:
    """Refuse (`NotAllowed`) who belongs to the shop that it is about."""
    own = (
        sa.select(Membership.person_id)
        .join(Outlet, Outlet.organisation_id == Membership.organisation_id)
        .where(Outlet.id == outlet_id, Membership.person_id == person_id)
    )
    if outlet_id and session.scalar(own.limit(1)):
        raise errors.own_shop()


def list_cases(sight: Sight, *, open_ones: bool) -> list[CaseView]:
    """List open cases, the oldest first; or decided ones, the newest first."""
    query = sa.select(WatchCase).where((WatchCase.state == CaseState.OPEN) == sa.literal(open_ones))
    if sight.issuers is not None:
        own = sa.select(Programme.id).where(Programme.issuer_id.in_(sight.issuers))
        shops = sa.select(Acceptance.outlet_id).where(Acceptance.programme_id.in_(own))
        concerned = sa.or_(
            WatchCase.programme_id.in_(own), sa.and_(WatchCase.programme_id.is_(None), WatchCase.outlet_id.in_(shops))
        )
        query = query.where(concerned)
    order = WatchCase.opened_at if open_ones else WatchCase.decided_at.desc()
    found = list(session.scalars(query.order_by(order).limit(MAX_ROWS_SHOWN)))
    names = _names(case.decided_by for case in found)
    return [
        CaseView(case, _about(case), names.get(case.decided_by, "") if case.decided_by else "", _paused(case))
        for case in found
    ]


def list_open_holds(sight: Sight) -> list[tuple[PayoutHold, str]]:
    """List what keeps shops from being paid now, with the shops' names."""
    query = (
        sa.select(PayoutHold, Outlet.name)
        .join(Outlet, Outlet.id == PayoutHold.outlet_id)
        .where(PayoutHold.released_at.is_(None), sa.or_(PayoutHold.ends_at.is_(None), PayoutHold.ends_at > now()))
        .order_by(PayoutHold.placed_at)
        .limit(MAX_ROWS_SHOWN)
    )
    if sight.issuers is not None:
        own = sa.select(Programme.id).where(Programme.issuer_id.in_(sight.issuers))
        query = query.where(
            PayoutHold.outlet_id.in_(sa.select(Acceptance.outlet_id).where(Acceptance.programme_id.in_(own)))
        )
    return [(row[0], row[1]) for row in session.execute(query)]


def _names(ids: Iterable[UUID | None]) -> dict[UUID, str]:
    person_ids = {id for id in ids if id}
    rows = session.execute(sa.select(Person.id, Person.name, Person.email).where(Person.id.in_(person_ids)))
    return {row.id: row.name or row.email for row in rows}


def _about(case: WatchCase) -> str:
    shop = session.get(Outlet, case.outlet_id) if case.outlet_id else None
    if case.subject_kind == CaseSubject.TILL:
        till = session.get(Till, UUID(case.subject))
        return _("Kasse %(till)s, %(shop)s", till=till.name if till else "", shop=shop.name if shop else "")
    if case.subject_kind == CaseSubject.VOUCHER:
        voucher = session.get(Voucher, UUID(case.subject))
        return _("Gutschein, endet auf %(last)s", last=voucher.last4 if voucher else "")
    if case.subject_kind == CaseSubject.BUYER:
        return str(case.evidence.get("who", ""))
    return shop.name if shop else ""


def _paused(case: WatchCase) -> bool:
    till = session.get(Till, UUID(case.subject)) if case.subject_kind == CaseSubject.TILL else None
    return bool(till and till.paused_until and till.paused_until > now())
