"""Programmes: what there is, what is on sale, where it is good. Decision 0307."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from foundation import audit
from foundation.database import session
from foundation.languages import _, current_language
from people.models import Municipality, Organisation, OrganisationKind
from vouchers.network import agreements, errors, purpose
from vouchers.stored_value import errors as value_errors
from vouchers.stored_value.models import Acceptance, Programme, ProgrammeTown

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def load_programme(slug: str) -> Programme:
    """Load a programme by its short name. Refuses (`NotFound`) unknown ones."""
    found = session.scalars(sa.select(Programme).where(Programme.slug == slug)).unique().one_or_none()
    if found is None:
        raise value_errors.programme_unknown()
    return found


def list_on_sale() -> list[Programme]:
    """List what can be bought now: past the launch gate and not single-purpose. The widest area first, then by name."""
    query = (
        sa.select(Programme)
        .where(Programme.on_sale, Programme.supervision == "ok")
        .order_by(Programme.area, Programme.name)
    )
    found = list(session.scalars(query).unique())
    blocked = purpose.find_single_purpose(programme.id for programme in found)
    return [programme for programme in found if programme.id not in blocked]


def describe_reach(programme: Programme) -> str:
    """Say where its vouchers are good, in the reader's language. The issuer's own wording is German."""
    if programme.wording and current_language() == "de":
        return programme.wording
    if programme.area == "region":
        return _("Gilt in allen Geschäften der Region, die das Zeichen tragen.")
    keys = [town.ags for town in programme.towns]
    names = session.scalars(sa.select(Municipality.name).where(Municipality.ags.in_(keys)).order_by(Municipality.name))
    return _("Gilt nur in Geschäften in %(towns)s.", towns=", ".join(names))


@dataclass(frozen=True, kw_only=True)
class ProgrammeDraft:
    """What a new programme shall be. `towns`: official keys, none for the whole region; amounts in cents.

    `month_cents`: most value sold in a calendar month; `payer_cents`: most that one payer buys in 30 days.
    """

    slug: str
    name: str
    towns: Collection[str] | None = None
    min_cents: int = 1000
    max_cents: int = 25000
    max_outlets: int = 500
    month_cents: int = 25_000_000
    payer_cents: int = 100_000
    design: str = "feld"
    wording: str = ""


def create(issuer_id: UUID, draft: ProgrammeDraft) -> Programme:
    """Create a programme of an issuer. It is not on sale, and its limits are a draft until a charter is in force.

    Refuses organisations that are no issuers, and short names that are taken or no part of an address (`Invalid`).
    """
    issuer = session.get_one(Organisation, issuer_id)
    if issuer.kind != OrganisationKind.ISSUER:
        raise errors.programme_needs_issuer()
    taken = sa.select(Programme.id).where(Programme.slug == draft.slug)
    if not SLUG.fullmatch(draft.slug) or session.scalar(taken):
        raise errors.slug_taken()
    values = {name: value for name, value in vars(draft).items() if name != "towns"}
    programme = Programme(
        issuer_id=issuer_id,
        area="region" if draft.towns is None else "towns",
        towns=[ProgrammeTown(ags=ags) for ags in draft.towns or []],
        **values,
    )
    session.add(programme)
    session.flush()
    audit.record("programme.create", "programme", programme.id, slug=programme.slug)
    return programme


def accept(programme_id: UUID, outlet_id: UUID, *, vat_rates: str = "") -> Acceptance:
    """Let a shop accept the programme from now on, without commission. Refuses as `agreements.begin` does."""
    return agreements.begin(programme_id, outlet_id, vat_rates=vat_rates)


def stop_accepting(programme_id: UUID, outlet_id: UUID) -> None:
    """Let a shop accept the programme no more from the next second on; what was redeemed stays owed."""
    agreements.end(programme_id, outlet_id, by="issuer", reason=_("Ende der Vereinbarung"))
