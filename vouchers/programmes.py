"""Programmes and their network: who accepts what from when. The network charter bounds it (§ 2 (1) Nr. 10 ZAG)."""

from uuid import UUID

import sqlalchemy as sa

from foundation import audit
from foundation.clock import now
from foundation.database import lock_one, session
from foundation.errors import NotFound, Refused
from foundation.languages import _, current_language
from people.models import Municipality, Organisation, Outlet
from vouchers.models import Acceptance, Programme, ProgrammeTown


def by_slug(slug: str) -> Programme:
    """Refuses with `NotFound`."""
    found = session.scalars(sa.select(Programme).where(Programme.slug == slug)).unique().one_or_none()
    if found is None:
        raise NotFound(_("Dieses Gutscheinprogramm gibt es nicht."))
    return found


def on_sale() -> list[Programme]:
    """What can be bought now: offered, and the supervisory position settled. The widest area first, then by name."""
    query = (
        sa.select(Programme)
        .where(Programme.on_sale, Programme.supervision == "ok")
        .order_by(Programme.area, Programme.name)
    )
    return list(session.scalars(query).unique())


def reach(programme: Programme) -> str:
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
    on_sale: bool = False,
    supervision: str = "unknown",
    design: str = "feld",
    wording: str = "",
) -> Programme:
    """A new programme of an issuer; `towns` are official keys, None means the whole region.

    Refuses organisations that are no issuers. A programme needs more than one shop, or its vouchers would have a single
    purpose for VAT (§ 3 (14) UStG).
    """
    issuer = session.get_one(Organisation, issuer_id)
    if issuer.kind != "issuer":
        raise Refused(_("Nur ein Herausgeber kann Gutscheine herausgeben."), "not_an_issuer")
    programme = Programme(
        issuer_id=issuer_id,
        slug=slug,
        name=name,
        area="region" if towns is None else "towns",
        min_cents=min_cents,
        max_cents=max_cents,
        max_outlets=max_outlets,
        on_sale=on_sale,
        supervision=supervision,
        design=design,
        wording=wording,
        towns=[ProgrammeTown(ags=ags) for ags in towns or []],
    )
    session.add(programme)
    session.flush()
    audit.record("programme.create", "programme", programme.id, slug=slug)
    return programme


def accept(programme_id: UUID, outlet_id: UUID) -> Acceptance:
    """From now on the shop accepts the programme. Refuses shops outside its area and more than the charter allows."""
    programme = lock_one(Programme, programme_id)
    outlet = session.get_one(Outlet, outlet_id)
    open_now = sa.select(Acceptance).where(Acceptance.programme_id == programme_id, Acceptance.valid_until.is_(None))
    earlier = session.scalars(open_now.where(Acceptance.outlet_id == outlet_id)).one_or_none()
    if earlier:
        return earlier
    if not _inside(programme, outlet):
        raise Refused(_("Dieses Geschäft liegt außerhalb des Gebiets dieses Gutscheins."), "outside_area")
    if len(session.scalars(open_now).all()) >= programme.max_outlets:
        raise Refused(_("Mehr Geschäfte lässt die Netzvereinbarung nicht zu."), "charter_full")
    acceptance = Acceptance(programme_id=programme_id, outlet_id=outlet_id, valid_from=now())
    session.add(acceptance)
    session.flush()
    audit.record("acceptance.begin", "outlet", outlet_id, programme=str(programme_id))
    return acceptance


def stop_accepting(programme_id: UUID, outlet_id: UUID) -> None:
    """From the next second on the shop accepts it no more; what was redeemed stays owed."""
    for row in session.scalars(
        sa.select(Acceptance).where(
            Acceptance.programme_id == programme_id,
            Acceptance.outlet_id == outlet_id,
            Acceptance.valid_until.is_(None),
        )
    ):
        row.valid_until = now()
        audit.record("acceptance.end", "outlet", outlet_id, programme=str(programme_id))


def _inside(programme: Programme, outlet: Outlet) -> bool:
    if programme.area == "region":
        return session.get(Municipality, outlet.ags) is not None
    return outlet.ags in {town.ags for town in programme.towns}
