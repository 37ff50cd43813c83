"""Questions about vouchers, for pages, mails and the desk. Nothing here changes anything."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from foundation.clock import berlin, now
from foundation.database import session
from people.models import Outlet
from vouchers.stored_value import codes
from vouchers.stored_value.models import Acceptance, Lot, Programme, Reciprocity, Voucher, VoucherOperation
from vouchers.stored_value.states import SPENDABLE


def find_by_token(token: str) -> Voucher | None:
    """Find the voucher of a token (also inside an address), whatever its state; nothing for anything else."""
    read = codes.read_token(token)
    return find_by_token_hash(codes.hash_token(read)) if read else None


def find_by_token_hash(token_hash: bytes) -> Voucher | None:
    """Find the voucher whose token has this hash, whatever its state."""
    return session.scalars(sa.select(Voucher).where(Voucher.token_hash == token_hash)).one_or_none()


def list_lots(voucher_id: UUID) -> Sequence[Lot]:
    """Its lots in the order in which they are used."""
    query = sa.select(Lot).where(Lot.voucher_id == voucher_id).order_by(Lot.spend_rank, Lot.legal_end, Lot.id)
    return session.scalars(query.execution_options(populate_existing=True)).all()


def calculate_available(voucher_id: UUID, postcode: str | None = None) -> int:
    """Calculate what may be spent today, in cents: without lapsed lots and without what is held.

    `postcode`: in a shop there; without one anywhere.
    """
    return int(session.scalar(sa.select(sa.func.voucher_available(voucher_id, berlin(now()).date(), postcode))) or 0)


def is_spendable(voucher: Voucher) -> bool:
    """Say whether the state of a voucher allows spending it."""
    return voucher.state in SPENDABLE


def list_operations(voucher_id: UUID, limit: int = 200) -> Sequence[VoucherOperation]:
    """List what happened to it, the newest first; refusals are left out."""
    query = (
        sa.select(VoucherOperation)
        .where(VoucherOperation.voucher_id == voucher_id, VoucherOperation.outcome == "done")
        .order_by(VoucherOperation.version.desc())
        .limit(limit)
    )
    return session.scalars(query).all()


def find_accepting(programme_id: UUID, outlet_ids: Iterable[UUID], at: datetime | None = None) -> set[UUID]:
    """Find which of the shops accept the programme at this second, by agreements between issuers too."""
    return set(_find_postcodes(programme_id, outlet_ids, at or now()))


def sum_spendable(voucher: Voucher, outlet_ids: Iterable[UUID]) -> dict[UUID, int]:
    """What may be spent today in each shop that accepts the voucher, in cents: some lots have places of their own."""
    places = _find_postcodes(voucher.programme_id, outlet_ids, now())
    rooms = {area: calculate_available(voucher.id, area) for area in {postcode[:2] for postcode in places.values()}}
    return {outlet_id: rooms[postcode[:2]] for outlet_id, postcode in places.items()}


def _find_postcodes(programme_id: UUID, outlet_ids: Iterable[UUID], at: datetime) -> dict[UUID, str]:
    query = (
        sa.select(Outlet.id, Outlet.postcode)
        .join(Acceptance, Acceptance.outlet_id == Outlet.id)
        .where(
            _in_network(programme_id, at),
            Acceptance.outlet_id.in_(list(outlet_ids)),
            Outlet.active,
            _open(Acceptance, at),
        )
    )
    return {row.id: row.postcode for row in session.execute(query)}


def _in_network(programme_id: UUID, at: datetime) -> sa.ColumnElement[bool]:
    """Agreements of the programme itself, and of those in whose shops issuers agreed that it is taken."""
    hosts = sa.select(Reciprocity.host_programme_id).where(
        Reciprocity.programme_id == programme_id, _open(Reciprocity, at)
    )
    return sa.or_(Acceptance.programme_id == programme_id, Acceptance.programme_id.in_(hosts))


def _open(row: type[Acceptance] | type[Reciprocity], at: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(row.valid_from <= at, sa.or_(row.valid_until.is_(None), row.valid_until > at))


def list_accepting_shops(programme_id: UUID) -> Sequence[Outlet]:
    """List the shops that accept the programme now, by name."""
    taking = sa.select(Acceptance.outlet_id).where(_in_network(programme_id, now()), _open(Acceptance, now()))
    query = sa.select(Outlet).where(Outlet.id.in_(taking), Outlet.active).order_by(Outlet.name)
    return session.scalars(query).unique().all()


def list_accepted_programmes(outlet_id: UUID) -> Sequence[Programme]:
    """List what a shop accepts now, by name."""
    query = (
        sa.select(Programme)
        .join(Acceptance, Acceptance.programme_id == Programme.id)
        .where(Acceptance.outlet_id == outlet_id, _open(Acceptance, now()))
        .order_by(Programme.name)
    )
    return session.scalars(query).unique().all()


def find_successor(voucher_id: UUID) -> UUID:
    """Find the voucher on which this one's value lies by now: merging puts it onto another one."""
    into = session.scalar(sa.select(Voucher.replaced_by).where(Voucher.id == voucher_id))
    return find_successor(into) if into else voucher_id
