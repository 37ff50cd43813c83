"""Programmes: what there is, what is on sale, where it is good. `vouchers/network` holds what bounds them."""

import re
from uuid import UUID

import sqlalchemy as sa

from foundation import audit
from foundation.database import session
from foundation.errors import Invalid, NotFound, Refused
from foundation.languages import _, current_language
from people.models import Municipality, Organisation
from vouchers.network import agreements, purpose
from vouchers.stored_value.models import Acceptance, Programme, ProgrammeTown

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def load_programme(slug: str) -> Programme:
    """Refuses with `NotFound`."""
    found = session.scalars(sa.select(Programme).where(Programme.slug == slug)).unique().one_or_none()
    if found is None:
        raise NotFound(_("Dieses Gutscheinprogramm gibt es nicht."))
    return found


def list_on_sale() -> list[Programme]:
    """What can be bought now: past the launch gate and not single-purpose. The widest area first, then by name."""
    query = (
        sa.select(Programme)
        .where(Programme.on_sale, Programme.supervision == "ok")
        .order_by(Programme.area, Programme.name)
    )
    found = list(session.scalars(query).unique())
    blocked = purpose.find_single_purpose(programme.id for programme in found)
    return [programme for programme in found if programme.id not in blocked]


def describe_reach(programme: Programme) -> str:
    """Where its vouchers are good, in the reader's language. The issuer's own wording is German."""
    if programme.wording and current_language() == "de":
        return programme.wording
    if programme.area == "region":
        return _("Gilt in allen Geschäften der Region, die das Zeichen tragen.")
    keys = [town.ags for town in programme.towns]
    names = session.scalars(sa.select(Municipality.name).where(Municipality.ags.in_(keys)).order_by(Municipality.name))
    return _("Gilt nur in Geschäften in %(towns)s.", towns=", ".join(names))


def create(
    issuer_id: UUID,
    *,
    slug: str,
    name: str,
    towns: list[str] | None,
    min_cents: int = 1000,
    max_cents: int = 25000,
    max_outlets: int = 500,
    month_cents: int = 25_000_000,
    payer_cents: int = 100_000,
    design: str = "feld",
    wording: str = "",
) -> Programme:
    """A new programme of an issuer; `towns` are official keys, None means the whole region. It is not on sale.

    The limits hold as a draft until its first charter is in force. Refuses organisations that are no issuers, and short
    names that are taken or no part of an address (`Invalid`).
    """
    issuer = session.get_one(Organisation, issuer_id)
    if issuer.kind != "issuer":
        raise Refused(_("Nur ein Herausgeber kann Gutscheine herausgeben."), "not_an_issuer")
    if not SLUG.fullmatch(slug) or session.scalar(sa.select(Programme.id).where(Programme.slug == slug)):
        raise Invalid(_("Diese Kurzbezeichnung ist vergeben oder nicht möglich."), "slug_taken", field="slug")
    programme = Programme(
        issuer_id=issuer_id,
        slug=slug,
        name=name,
        area="region" if towns is None else "towns",
        min_cents=min_cents,
        max_cents=max_cents,
        max_outlets=max_outlets,
        month_cents=month_cents,
        payer_cents=payer_cents,
        design=design,
        wording=wording,
        towns=[ProgrammeTown(ags=ags) for ags in towns or []],
    )
    session.add(programme)
    session.flush()
    audit.record("programme.create", "programme", programme.id, slug=slug)
    return programme


def accept(programme_id: UUID, outlet_id: UUID, *, vat_rates: str = "") -> Acceptance:
    """From now on the shop accepts the programme, without commission. Refuses as `agreements.begin` does."""
    return agreements.begin(programme_id, outlet_id, vat_rates=vat_rates)


def stop_accepting(programme_id: UUID, outlet_id: UUID) -> None:
    """From the next second on the shop accepts it no more; what was redeemed stays owed."""
    agreements.end(programme_id, outlet_id, by="issuer", reason=_("Ende der Vereinbarung"))
