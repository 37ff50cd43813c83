"""Agreements between issuer and shop: begin, change and end them, from either side. Decision 0307.

A redemption needs an agreement that is in force in that second (§ 2 (1) Nr. 10 ZAG). A change ends one row and begins
the next, so that one can see by which terms each redemption was made.
"""

from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from foundation import audit
from foundation.clock import now
from foundation.database import lock, lock_one, session
from foundation.languages import _
from people.models import Municipality, Outlet
from vouchers.network import errors, queries
from vouchers.network.states import TermsKind
from vouchers.stored_value.models import Acceptance, Programme
from vouchers.stored_value.states import AgreementEnder

VAT_RATES = ("0", "7", "19")
MAX_COMMISSION_BASIS_POINTS = 10_000
MIN_REASON_LENGTH, MAX_REASON_LENGTH = 3, 300
MAX_NOTICE = timedelta(days=366)


def begin(
    programme_id: UUID,
    outlet_id: UUID,
    *,
    person_id: UUID | None = None,
    commission: int = 0,
    vat_rates: str = "",
) -> Acceptance:
    """Let the shop accept the programme from now on; an agreement in force stays as it is, and is returned.

    `commission` is in hundredths of a per cent, `vat_rates` such as `7,19` (empty: not asked). Refuses shops outside
    the area, suspended ones, and more than the charter allows, also the charters of programmes that are guests here.
    """
    rates = read_vat_rates(vat_rates)
    programme = _lock_agreement(programme_id)
    outlet = session.get_one(Outlet, outlet_id, populate_existing=True)
    earlier = queries.find_agreement(programme_id, outlet_id)
    if earlier and earlier.valid_until is None:
        return earlier
    if not outlet.active:
        raise errors.outlet_suspended()
    for bounded in (programme, *queries.list_guests(programme_id)):
        _must_fit(bounded, outlet)
    instant = now()
    if earlier:
        _close(earlier, instant, "change", _("Kündigung zurückgenommen"), person_id)
        session.flush()
    agreement = _write(programme_id, outlet_id, instant, _last_version(programme_id, outlet_id) + 1, commission, rates)
    agreement.begun_by = person_id
    session.flush()
    audit.record("acceptance.begin", "outlet", outlet_id, programme=str(programme_id), version=agreement.version)
    return agreement


def change(
    programme_id: UUID,
    outlet_id: UUID,
    *,
    person_id: UUID,
    commission: int,
    vat_rates: str,
    reason: str,
) -> Acceptance:
    """Change the terms from now on: one version ends, the next begins in the same instant. Refuses where none holds."""
    rates, note = read_vat_rates(vat_rates), _check_reason(reason)
    _lock_agreement(programme_id)
    earlier = _load_agreement(programme_id, outlet_id)
    instant = now()
    _close(earlier, instant, "change", note, person_id)
    session.flush()
    agreement = _write(programme_id, outlet_id, instant, earlier.version + 1, commission, rates)
    agreement.begun_by = person_id
    session.flush()
    audit.record("acceptance.change", "outlet", outlet_id, programme=str(programme_id), version=agreement.version)
    return agreement


def end(
    programme_id: UUID,
    outlet_id: UUID,
    *,
    by: str,
    reason: str,
    person_id: UUID | None = None,
    at: datetime | None = None,
) -> None:
    """End an agreement in the next second, or at `at` (notice). What was redeemed stays owed.

    `by` is `issuer`, `shop`, `suspension` or `area`. Refuses where no agreement holds, and ends in the past or in more
    than a year.
    """
    if by not in set(AgreementEnder) - {AgreementEnder.CHANGE}:
        raise errors.ender_unknown()
    note, present = _check_reason(reason), now()
    instant = at or present
    _lock_agreement(programme_id)
    if not present <= instant <= present + MAX_NOTICE:
        raise errors.end_out_of_range()
    _close(_load_agreement(programme_id, outlet_id), instant, by, note, person_id)
    session.flush()
    audit.record("acceptance.end", "outlet", outlet_id, programme=str(programme_id), by=by, until=instant.isoformat())


def end_outside(programme: Programme, reason: str) -> int:
    """End the agreements of all shops that now lie outside the programme's area; return how many."""
    ended = 0
    for acceptance, outlet in queries.list_agreements(programme.id):
        if acceptance.valid_until is None and not is_inside(programme, outlet):
            _close(acceptance, now(), "area", reason, None)
            ended += 1
    session.flush()
    return ended


def is_inside(programme: Programme, outlet: Outlet) -> bool:
    """Whether a shop lies in the programme's area."""
    if programme.area == "region":
        return session.get(Municipality, outlet.ags) is not None
    return outlet.ags in {town.ags for town in programme.towns}


def read_vat_rates(text: str) -> str:
    """Read VAT rates (§ 12 UStG) into their usual form: `19, 7` becomes `7,19`. Refuses (`Invalid`) unknown rates."""
    typed = [part.strip().rstrip("%").strip() for part in text.split(",") if part.strip()]
    if any(rate not in VAT_RATES for rate in typed):
        raise errors.vat_rate_unknown()
    return ",".join(rate for rate in VAT_RATES if rate in typed)


def _lock_agreement(programme_id: UUID) -> Programme:
    """The programme under lock, with those of its guests: their charters bound the same shops."""
    guests = [guest.id for guest in queries.list_guests(programme_id)]
    lock(Programme, [programme_id, *guests])
    return lock_one(Programme, programme_id)


def _must_fit(programme: Programme, outlet: Outlet) -> None:
    if not is_inside(programme, outlet):
        raise errors.outside_area()
    if len(queries.list_network_shops(programme.id) | {outlet.id}) > programme.max_outlets:
        raise errors.charter_full()


def _load_agreement(programme_id: UUID, outlet_id: UUID) -> Acceptance:
    found = queries.find_agreement(programme_id, outlet_id)
    if found is None:
        raise errors.no_agreement()
    return found


def _close(row: Acceptance, at: datetime, by: str, reason: str, person_id: UUID | None) -> None:
    row.valid_until = max(at, row.valid_from)
    row.ended_by, row.ended_reason, row.ender_id, row.notice_at = by, reason, person_id, now()


def _last_version(programme_id: UUID, outlet_id: UUID) -> int:
    query = sa.select(sa.func.max(Acceptance.version)).where(
        Acceptance.programme_id == programme_id, Acceptance.outlet_id == outlet_id
    )
    return int(session.scalar(query) or 0)


def _write(programme_id: UUID, outlet_id: UUID, at: datetime, version: int, commission: int, rates: str) -> Acceptance:
    if not 0 <= commission <= MAX_COMMISSION_BASIS_POINTS:
        raise errors.commission_out_of_range()
    terms = queries.load_terms(programme_id, TermsKind.SHOP)
    agreement = Acceptance(
        programme_id=programme_id,
        outlet_id=outlet_id,
        version=version,
        commission_basis_points=commission,
        vat_rates=rates,
        terms_version=terms.version if terms else "",
        terms_hash=terms.hash if terms else None,
        valid_from=at,
    )
    session.add(agreement)
    return agreement


def _check_reason(text: str) -> str:
    reason = text.strip()
    if not MIN_REASON_LENGTH <= len(reason) <= MAX_REASON_LENGTH:
        raise errors.agreement_reason_missing()
    return reason
