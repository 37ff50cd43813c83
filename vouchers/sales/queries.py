"""What the voucher shop asks: who accepts what, and how a sale's payment stands."""

import hashlib
from collections.abc import Sequence
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from foundation.clock import now
from foundation.database import session
from foundation.errors import NotFound
from foundation.languages import _
from money.payments.models import Payment
from people.models import Municipality, Outlet, Postcode
from vouchers.models import Acceptance, Lot, Programme
from vouchers.sales.models import VoucherSale

KIND = "voucher_sale"
ENDED = "failed"


def programme(programme_id: UUID) -> Programme:
    """One programme. Refuses with `NotFound`."""
    found = session.get(Programme, programme_id)
    if found is None:
        raise NotFound(_("Diesen Gutschein gibt es nicht."))
    return found


def _accepting() -> sa.Select[UUID, UUID]:
    at = now()
    return (
        sa.select(Acceptance.programme_id, Acceptance.outlet_id)
        .join(Outlet, Outlet.id == Acceptance.outlet_id)
        .where(
            Outlet.active,
            Acceptance.valid_from <= at,
            sa.or_(Acceptance.valid_until.is_(None), Acceptance.valid_until > at),
        )
    )


def accepting_outlets(programme_ids: Sequence[UUID]) -> dict[UUID, int]:
    """How many shops accept each programme now."""
    pairs = _accepting().where(Acceptance.programme_id.in_(programme_ids)).subquery()
    rows = session.execute(sa.select(pairs.c.programme_id, sa.func.count()).group_by(pairs.c.programme_id))
    return {row[0]: int(row[1]) for row in rows}


def accepting_towns(programme_id: UUID) -> list[str]:
    """The towns in which a programme is accepted now, by name."""
    pairs = _accepting().where(Acceptance.programme_id == programme_id).subquery()
    query = (
        sa.select(Municipality.name)
        .join(Outlet, Outlet.ags == Municipality.ags)
        .join(pairs, pairs.c.outlet_id == Outlet.id)
        .distinct()
        .order_by(Municipality.name)
    )
    return list(session.scalars(query))


def accepting_shops(programme_id: UUID) -> list[Outlet]:
    """The shops that accept a programme now, by town and name."""
    pairs = _accepting().where(Acceptance.programme_id == programme_id).subquery()
    query = (
        sa.select(Outlet)
        .join(pairs, pairs.c.outlet_id == Outlet.id)
        .join(Municipality, Municipality.ags == Outlet.ags)
        .order_by(Municipality.name, Outlet.name)
    )
    return list(session.scalars(query).unique())


def failed_payments(sale_id: UUID) -> int:
    """How many payments of a sale came to nothing."""
    query = sa.select(sa.func.count()).where(Payment.kind == KIND, Payment.ref_id == sale_id, Payment.state == ENDED)
    return int(session.scalar(query) or 0)


def waiting(sale: VoucherSale) -> bool:
    """Whether the payer has done their part and the money is on its way."""
    if sale.state != "ordered" or sale.payment_id is None:
        return False
    state = session.scalar(sa.select(Payment.state).where(Payment.id == sale.payment_id))
    return state not in {None, "open", ENDED}


def terms_hash(of: Programme) -> bytes:
    """What was agreed, as a hash: the programme's wording and limits at the time of the order (§ 312i BGB)."""
    text = f"{of.slug}|{of.name}|{of.wording}|{of.min_cents}|{of.max_cents}|{of.issuer.legal_name}"
    return hashlib.sha256(text.encode()).digest()


def last_day(voucher_id: UUID) -> date:
    """The last day on which something of a voucher can be redeemed, as its lots say."""
    return session.scalars(sa.select(sa.func.max(Lot.legal_end)).where(Lot.voucher_id == voucher_id)).one()


def design_of(voucher_id: UUID) -> str | None:
    """The face that the buyer chose for a voucher; nothing for vouchers that were not sold here."""
    return session.scalar(sa.select(VoucherSale.design).where(VoucherSale.voucher_id == voucher_id))


def town_of(postcode: str | None) -> str | None:
    """The official key of the town that a postcode belongs to; only the town is kept for statistics."""
    if not postcode:
        return None
    return session.scalar(sa.select(Postcode.ags).where(Postcode.postcode == postcode).order_by(Postcode.ags).limit(1))
