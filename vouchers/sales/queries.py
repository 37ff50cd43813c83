"""What the voucher shop asks: who accepts what, and how an order and its payment stand."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa

from foundation.clock import now
from foundation.database import lock, session
from foundation.errors import NotFound
from foundation.languages import _
from money.payments.models import Payment
from people.models import Municipality, Outlet, Postcode
from vouchers.sales import addresses
from vouchers.sales.models import SaleEvent, VoucherOrder, VoucherPicture, VoucherSale
from vouchers.stored_value.models import Acceptance, Lot, Programme, VoucherOperation

KIND, OLD_KIND = "voucher_order", "voucher_sale"
ENDED = "failed"
USED = ("redeem", "hold", "capture", "renew", "merge_out", "merge_in")


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


def accepting_by_town(programme_id: UUID) -> dict[str, int]:
    """How many shops accept a programme now, by the official key of their town."""
    pairs = _accepting().where(Acceptance.programme_id == programme_id).subquery()
    query = sa.select(Outlet.ags, sa.func.count()).join(pairs, pairs.c.outlet_id == Outlet.id).group_by(Outlet.ags)
    return {str(ags): int(count) for ags, count in session.execute(query)}


def order(order_id: UUID) -> VoucherOrder:
    """One order. Refuses with `NotFound`."""
    found = session.get(VoucherOrder, order_id)
    if found is None:
        raise NotFound(_("Diese Bestellung gibt es nicht."))
    return found


def sale(sale_id: UUID) -> VoucherSale:
    """One sale. Refuses with `NotFound`."""
    found = session.get(VoucherSale, sale_id)
    if found is None:
        raise NotFound(_("Diese Bestellung gibt es nicht."))
    return found


def sales_of(order_id: UUID, *, lock: bool = False) -> list[VoucherSale]:
    """The lines of an order in the order of the buyer; locked when they are about to change."""
    query = sa.select(VoucherSale).where(VoucherSale.order_id == order_id).order_by(VoucherSale.position)
    if not lock:
        return list(session.scalars(query))
    ids = session.scalars(sa.select(VoucherSale.id).where(VoucherSale.order_id == order_id))
    return sorted(_locked(list(ids)), key=lambda sale: sale.position)


def _locked(ids: Sequence[UUID]) -> list[VoucherSale]:
    return lock(VoucherSale, ids)


def orders_of(person_id: UUID, limit: int = 50) -> list[VoucherOrder]:
    """What a person bought, the newest first; drafts are left out."""
    query = sa.select(VoucherOrder).where(VoucherOrder.person_id == person_id, VoucherOrder.state != "draft")
    return list(session.scalars(query.order_by(VoucherOrder.id.desc()).limit(limit)))


def payment_kind(order_id: UUID) -> str:
    """As what an order is paid: one that was begun before there were orders goes on as it began."""
    query = sa.select(Payment.id).where(Payment.kind == OLD_KIND, Payment.ref_id == order_id).limit(1)
    return OLD_KIND if session.scalar(query) else KIND


def failed_payments(order_id: UUID) -> int:
    """How many payments of an order came to nothing."""
    query = sa.select(sa.func.count()).where(
        Payment.kind.in_((KIND, OLD_KIND)), Payment.ref_id == order_id, Payment.state == ENDED
    )
    return int(session.scalar(query) or 0)


def payment_of(placed: VoucherOrder) -> Payment | None:
    """The payment that was opened last for an order."""
    return session.get(Payment, placed.payment_id) if placed.payment_id else None


def waiting(placed: VoucherOrder) -> bool:
    """Whether the payer has done their part and the money is on its way."""
    if placed.state != "ordered" or placed.payment_id is None:
        return False
    state = session.scalar(sa.select(Payment.state).where(Payment.id == placed.payment_id))
    return state not in {None, "open", ENDED}


def used(sale: VoucherSale) -> bool:
    """Whether somebody else has done something with the voucher: redeemed, claimed, merged."""
    query = sa.select(VoucherOperation.id).where(
        VoucherOperation.voucher_id == sale.voucher_id,
        VoucherOperation.outcome == "done",
        VoucherOperation.kind.in_(USED),
        VoucherOperation.actor_id != sale.id,
    )
    return sale.voucher_id is not None and session.scalar(query.limit(1)) is not None


def events(sale_ids: Sequence[UUID]) -> dict[UUID, list[SaleEvent]]:
    """What was done with sales, by sale, the oldest first."""
    found: dict[UUID, list[SaleEvent]] = {}
    query = sa.select(SaleEvent).where(SaleEvent.sale_id.in_(sale_ids)).order_by(SaleEvent.id)
    for event in session.scalars(query):
        found.setdefault(event.sale_id, []).append(event)
    return found


def picture(picture_id: UUID | None) -> VoucherPicture | None:
    """A buyer's own picture."""
    return session.get(VoucherPicture, picture_id) if picture_id else None


def letters_due(until: datetime) -> list[VoucherSale]:
    """Paid letters that should be posted by then, the most urgent first."""
    due = sa.func.coalesce(VoucherSale.deliver_at, VoucherSale.paid_at)
    query = sa.select(VoucherSale).where(
        VoucherSale.way == "letter", VoucherSale.state == "paid", VoucherSale.withdrawal_id.is_(None), due <= until
    )
    return list(session.scalars(query.order_by(due, VoucherSale.id).limit(200)))


def last_day(voucher_id: UUID) -> date:
    """The last day on which something of a voucher can be redeemed, as its lots say."""
    return session.scalars(sa.select(sa.func.max(Lot.legal_end)).where(Lot.voucher_id == voucher_id)).one()


def design_of(voucher_id: UUID) -> str | None:
    """The face that the buyer chose for a voucher; nothing for vouchers that were not sold here."""
    return session.scalar(sa.select(VoucherSale.design).where(VoucherSale.voucher_id == voucher_id))


def picture_id_of(voucher_id: UUID) -> UUID | None:
    """The buyer's own picture of a voucher that was sold here, if there is one."""
    return session.scalar(sa.select(VoucherSale.picture_id).where(VoucherSale.voucher_id == voucher_id))


def picture_path_of(voucher_id: UUID) -> str | None:
    """Where it is shown, to whoever may see the voucher."""
    picture_id = picture_id_of(voucher_id)
    return addresses.picture_path(picture_id) if picture_id else None


def town_of(postcode: str | None) -> str | None:
    """The official key of the town that a postcode belongs to; only the town is kept for statistics."""
    if not postcode:
        return None
    return session.scalar(sa.select(Postcode.ags).where(Postcode.postcode == postcode).order_by(Postcode.ags).limit(1))
