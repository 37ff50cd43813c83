"""The network charter: how far a programme reaches and how much of it is sold. One person proposes, another approves.

What is in force stands in the programme's columns too, where everything that is bounded reads it; the database compares
the two. Nothing exceeds it: shops (`agreements`), value per voucher (`issuing`), value sold in a month and by a payer
(`limits`). Decisions 0307 and 0308.
"""

from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from foundation import audit
from foundation.clock import now
from foundation.database import lock_one, session
from foundation.languages import _, lazy
from money.amount import euro
from money.law.queries import load_legal_value
from people.models import Municipality
from vouchers.approvals import deciding, kinds, proposing
from vouchers.approvals import queries as approvals
from vouchers.approvals.kinds import ProposalKind
from vouchers.approvals.models import Proposal
from vouchers.approvals.proposing import ProposalDraft
from vouchers.network import agreements, errors, queries
from vouchers.network.models import Charter
from vouchers.stored_value.models import Programme, ProgrammeTown

KIND = "charter"
MAX_OUTLETS = 10_000
MAX_MONTH_CENTS = 100_000_000_00


@dataclass(frozen=True, kw_only=True)
class CharterLimits:
    """What a charter bounds. No `towns` (official keys) means the whole region; all amounts in cents."""

    towns: tuple[str, ...] = ()
    max_outlets: int
    max_cents: int
    month_cents: int
    payer_cents: int

    @property
    def area(self) -> str:
        return "towns" if self.towns else "region"


def read_limits(programme: Programme) -> CharterLimits:
    """Read what bounds a programme now."""
    return CharterLimits(
        towns=tuple(sorted(town.ags for town in programme.towns)),
        max_outlets=programme.max_outlets,
        max_cents=programme.max_cents,
        month_cents=programme.month_cents,
        payer_cents=programme.payer_cents,
    )


def propose(programme_id: UUID, limits: CharterLimits, *, person_id: UUID, reason: str) -> UUID:
    """Propose another version; it is in force once somebody else approves. Gives the proposal's id.

    Refuses limits that make no sense or exceed those of law (`Invalid`), fewer shops than accept already, an area that
    guests or hosts do not fit, a version like the present one, and a second proposal while one waits (`Refused`).
    """
    programme = lock_one(Programme, programme_id)
    require_possible(programme, limits)
    if queries.load_charter(programme_id) and limits == read_limits(programme):
        raise errors.charter_unchanged()
    if approvals.is_waiting(KIND, programme_id):
        raise errors.charter_waiting()
    draft = ProposalDraft(
        kind=KIND,
        issuer_id=programme.issuer_id,
        programme_id=programme_id,
        reason=reason,
        details=asdict(limits) | {"towns": list(limits.towns)},
    )
    return proposing.propose(draft, person_id)


def enact(programme_id: UUID, limits: CharterLimits, *, proposed_by: UUID, approved_by: UUID, reason: str) -> Charter:
    """Put the next version in force. Shops outside a smaller area stop accepting at once. Refuses as `propose` does."""
    programme = lock_one(Programme, programme_id)
    require_possible(programme, limits)
    last = queries.load_charter(programme_id)
    version = Charter(
        programme_id=programme_id,
        version=last.version + 1 if last else 1,
        area=limits.area,
        reason=reason,
        proposed_by=proposed_by,
        approved_by=approved_by,
        valid_from=now(),
        **(asdict(limits) | {"towns": sorted(limits.towns)}),
    )
    session.add(version)
    programme.area, programme.towns = limits.area, [_town(programme, ags) for ags in sorted(limits.towns)]
    programme.max_outlets, programme.max_cents = limits.max_outlets, limits.max_cents
    programme.month_cents, programme.payer_cents = limits.month_cents, limits.payer_cents
    session.flush()
    ended = agreements.end_outside(programme, _("Das Gebiet ist kleiner geworden."))
    audit.record("charter.enacted", "programme", programme_id, version=version.version, ended_agreements=ended)
    return version


def require_possible(programme: Programme, limits: CharterLimits) -> None:
    """Refuse what cannot be in force, as `propose` says."""
    _check_numbers(programme, limits)
    known = set(session.scalars(sa.select(Municipality.ags).where(Municipality.ags.in_(limits.towns))))
    if known != set(limits.towns):
        raise errors.town_unknown()
    if len(queries.list_network_shops(programme.id)) > limits.max_outlets:
        raise errors.charter_below_present()
    for guest in queries.list_guests(programme.id):
        if not is_within(limits, read_limits(guest)):
            raise errors.guest_outside()
    for host_id in queries.list_hosts(programme.id):
        if not is_within(read_limits(session.get_one(Programme, host_id)), limits):
            raise errors.host_outside()


def is_within(inner: CharterLimits, outer: CharterLimits) -> bool:
    """Whether one area lies inside the other."""
    return not outer.towns or (bool(inner.towns) and set(inner.towns) <= set(outer.towns))


def _check_numbers(programme: Programme, limits: CharterLimits) -> None:
    if not 2 <= limits.max_outlets <= MAX_OUTLETS:
        raise errors.outlets_out_of_range()
    most = load_legal_value("voucher.most_cents")
    if not programme.min_cents <= limits.max_cents <= most:
        raise errors.charter_above_law(most)
    if not limits.max_cents <= limits.month_cents <= MAX_MONTH_CENTS:
        raise errors.month_out_of_range()
    most = load_legal_value("voucher.payer_30_days_cents")
    if not limits.max_cents <= limits.payer_cents <= most:
        raise errors.payer_out_of_range(most)


def _town(programme: Programme, ags: str) -> ProgrammeTown:
    for town in programme.towns:
        if town.ags == ags:
            return town
    return ProgrammeTown(ags=ags)


def limits_from_details(details: dict[str, Any]) -> CharterLimits:
    """Read the limits from a proposal's details."""
    return CharterLimits(**(details | {"towns": tuple(details["towns"])}))


def describe_limits(limits: CharterLimits) -> kinds.Rows:
    """Say the limits in the reader's language."""
    return [
        (_("Gebiet"), ", ".join(queries.list_town_names(limits.towns)) if limits.towns else _("ganze Region")),
        (_("Geschäfte, höchstens"), str(limits.max_outlets)),
        (_("je Gutschein, höchstens"), euro(limits.max_cents)),
        (_("verkauft je Monat, höchstens"), euro(limits.month_cents)),
        (_("je Käufer in 30 Tagen, höchstens"), euro(limits.payer_cents)),
    ]


def _act(proposal: Proposal) -> None:
    enact(
        deciding.programme_of(proposal),
        limits_from_details(proposal.details),
        proposed_by=proposal.proposed_by,
        approved_by=deciding.decider_of(proposal),
        reason=proposal.reason,
    )


def _tell(proposal: Proposal) -> kinds.Rows:
    return describe_limits(limits_from_details(proposal.details))


KINDS = (ProposalKind(KIND, lazy("Netzvereinbarung"), _act, _tell),)
