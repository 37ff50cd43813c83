"""What is asked about a network: who accepts, by which agreement, what bounds it. Nothing here changes anything."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

from foundation.clock import now
from foundation.database import session
from people.models import Municipality, Organisation, Outlet, Person
from vouchers.network.models import Charter, GateRecord, IssuerSettlement, ProgrammeTerms, TrustAccount
from vouchers.network.states import GateItem, TermsKind
from vouchers.stored_value.models import Acceptance, Programme, Reciprocity

MAX_ROWS_SHOWN = 500


def is_in_force(row: type[Acceptance] | type[Reciprocity], at: datetime | None = None) -> ColumnElement[bool]:
    """The condition that an agreement holds at an instant (now)."""
    instant = at or now()
    return sa.and_(row.valid_from <= instant, sa.or_(row.valid_until.is_(None), row.valid_until > instant))


def load_charter(programme_id: UUID) -> Charter | None:
    """Load the charter in force: the newest version."""
    return session.scalars(_versions(programme_id).limit(1)).one_or_none()


def list_charters(programme_id: UUID) -> Sequence[Charter]:
    """List all versions of the charter of a programme, the newest first."""
    return session.scalars(_versions(programme_id)).all()


def _versions(programme_id: UUID) -> sa.Select[Charter]:
    return sa.select(Charter).where(Charter.programme_id == programme_id).order_by(Charter.version.desc())


def load_trust_account(account_id: UUID) -> TrustAccount | None:
    """Load the two people who stood for a bank account last."""
    query = sa.select(TrustAccount).where(TrustAccount.account_id == account_id)
    newest = query.order_by(TrustAccount.valid_from.desc(), TrustAccount.id.desc()).limit(1)
    return session.scalars(newest).one_or_none()


def load_terms(programme_id: UUID, kind: TermsKind) -> ProgrammeTerms | None:
    """Load the newest text of a kind (`buyer`, `shop`)."""
    query = sa.select(ProgrammeTerms).where(ProgrammeTerms.programme_id == programme_id, ProgrammeTerms.kind == kind)
    newest = query.order_by(ProgrammeTerms.recorded_at.desc(), ProgrammeTerms.id.desc())
    return session.scalars(newest.limit(1)).one_or_none()


def load_gate_record(programme_id: UUID, item: GateItem) -> GateRecord | None:
    """Load the newest record of a step of the gate."""
    query = sa.select(GateRecord).where(GateRecord.programme_id == programme_id, GateRecord.item == item)
    return session.scalars(query.order_by(GateRecord.recorded_at.desc(), GateRecord.id.desc()).limit(1)).one_or_none()


def list_agreements(programme_id: UUID) -> Sequence[tuple[Acceptance, Outlet]]:
    """List every version of every agreement of a programme with its shop: by shop, the newest version first."""
    query = (
        sa.select(Acceptance, Outlet)
        .join(Outlet, Outlet.id == Acceptance.outlet_id)
        .where(Acceptance.programme_id == programme_id)
        .order_by(Outlet.name, Outlet.id, Acceptance.version.desc())
        .limit(MAX_ROWS_SHOWN)
    )
    return [(row[0], row[1]) for row in session.execute(query).unique()]


def list_agreements_of_shops(outlet_ids: Iterable[UUID]) -> Sequence[tuple[Acceptance, Programme, Outlet]]:
    """List the agreements of some shops, the newest first."""
    query = (
        sa.select(Acceptance, Programme, Outlet)
        .join(Programme, Programme.id == Acceptance.programme_id)
        .join(Outlet, Outlet.id == Acceptance.outlet_id)
        .where(Acceptance.outlet_id.in_(list(outlet_ids)))
        .order_by(Outlet.name, Programme.name, Acceptance.version.desc())
        .limit(MAX_ROWS_SHOWN)
    )
    return [(row[0], row[1], row[2]) for row in session.execute(query).unique()]


def find_agreement(programme_id: UUID, outlet_id: UUID) -> Acceptance | None:
    """Find the agreement that holds now, also one under notice."""
    query = sa.select(Acceptance).where(
        Acceptance.programme_id == programme_id, Acceptance.outlet_id == outlet_id, is_in_force(Acceptance)
    )
    newest = query.order_by(Acceptance.version.desc()).limit(1)
    return session.scalars(newest.execution_options(populate_existing=True)).one_or_none()


def list_possible_shops(programme: Programme) -> Sequence[Outlet]:
    """Active shops inside the area that do not accept the programme yet, by name."""
    taken = sa.select(Acceptance.outlet_id).where(Acceptance.programme_id == programme.id, is_in_force(Acceptance))
    query = sa.select(Outlet).where(Outlet.active, Outlet.id.not_in(taken)).order_by(Outlet.name).limit(MAX_ROWS_SHOWN)
    if programme.area == "towns":
        query = query.where(Outlet.ags.in_([town.ags for town in programme.towns]))
    return session.scalars(query).unique().all()


def list_shops(programme_ids: Iterable[UUID]) -> set[UUID]:
    """List the shops with an agreement with one of the programmes that holds now."""
    query = sa.select(Acceptance.outlet_id).where(
        Acceptance.programme_id.in_(list(programme_ids)), is_in_force(Acceptance)
    )
    return set(session.scalars(query))


def list_network_shops(programme_id: UUID) -> set[UUID]:
    """List every shop where its vouchers are taken now: by own agreements and by those of its hosts."""
    return list_shops([programme_id, *list_hosts(programme_id)])


def list_hosts(programme_id: UUID) -> list[UUID]:
    """List the programmes whose shops take this one's vouchers."""
    query = sa.select(Reciprocity.host_programme_id).where(
        Reciprocity.programme_id == programme_id, is_in_force(Reciprocity)
    )
    return list(session.scalars(query))


def list_guests(programme_id: UUID) -> list[Programme]:
    """List the programmes whose vouchers are taken in this one's shops."""
    query = (
        sa.select(Programme)
        .join(Reciprocity, Reciprocity.programme_id == Programme.id)
        .where(Reciprocity.host_programme_id == programme_id, is_in_force(Reciprocity))
        .order_by(Programme.id)
    )
    return list(session.scalars(query).unique())


def list_reciprocities(programme_id: UUID) -> Sequence[tuple[Reciprocity, Programme, Programme]]:
    """Agreements of a programme with other programmes, either way: (agreement, guest, host), the newest first."""
    guest, host = sa.orm.aliased(Programme), sa.orm.aliased(Programme)
    query = (
        sa.select(Reciprocity, guest, host)
        .join(guest, guest.id == Reciprocity.programme_id)
        .join(host, host.id == Reciprocity.host_programme_id)
        .where(sa.or_(Reciprocity.programme_id == programme_id, Reciprocity.host_programme_id == programme_id))
        .order_by(Reciprocity.valid_from.desc())
    )
    return [(row[0], row[1], row[2]) for row in session.execute(query).unique()]


def list_settlements(issuer_id: UUID) -> Sequence[IssuerSettlement]:
    """List what the issuer paid to others or got from them, the newest first."""
    query = sa.select(IssuerSettlement).where(
        sa.or_(IssuerSettlement.debtor_id == issuer_id, IssuerSettlement.creditor_id == issuer_id)
    )
    return session.scalars(query.order_by(IssuerSettlement.settled_at.desc()).limit(MAX_ROWS_SHOWN)).all()


def list_programmes(issuer_ids: Iterable[UUID]) -> Sequence[Programme]:
    """List the programmes of some issuers, by name."""
    query = sa.select(Programme).where(Programme.issuer_id.in_(list(issuer_ids))).order_by(Programme.name)
    return session.scalars(query).unique().all()


def load_organisation_names(organisation_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Load the names of these organisations by their ids."""
    query = sa.select(Organisation.id, Organisation.name).where(Organisation.id.in_(list(organisation_ids)))
    return {row[0]: row[1] for row in session.execute(query)}


def load_person_names(person_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Load the names of persons, their addresses where they gave none."""
    rows = session.execute(sa.select(Person.id, Person.name, Person.email).where(Person.id.in_(list(person_ids))))
    return {row[0]: row[1] or row[2] for row in rows}


def list_town_names(keys: Iterable[str]) -> list[str]:
    """List the names of towns, by name."""
    query = sa.select(Municipality.name).where(Municipality.ags.in_(list(keys))).order_by(Municipality.name)
    return list(session.scalars(query))


def list_launched() -> Sequence[Programme]:
    """List every programme that passed the gate, by name."""
    query = sa.select(Programme).where(Programme.launched_at.is_not(None)).order_by(Programme.name)
    return session.scalars(query).unique().all()


def list_outlet_ids(organisation_ids: Iterable[UUID]) -> set[UUID]:
    """List the places of business of some organisations, also suspended ones: those keep what they can read."""
    return set(session.scalars(sa.select(Outlet.id).where(Outlet.organisation_id.in_(list(organisation_ids)))))
