"""What is due for a draft or a group of orders, to whom, and how vouchers and one other method split it.

Decisions 0504, 0206.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from foundation.database import session
from foundation.errors import NotEnough
from foundation.languages import _
from marketplace.checkout import errors
from marketplace.orders.models import Order, OrderGroup
from marketplace.shops.models import Storefront
from money.payments.methods import MethodOffer
from money.payments.payables import Allowance, AmountDue, MoneyKind, Rail, Share
from money.payments.tendering import allocate, spread_vouchers
from people.models import Organisation, OrganisationKind, Outlet

MONEY = frozenset({MoneyKind.CARD, MoneyKind.DIRECT_DEBIT, MoneyKind.STORED_VALUE, MoneyKind.SHOP_TILL})


@dataclass(frozen=True)
class DuePart:
    """One shop's part of an order: what it costs, who hands it over, and which ways to pay the shop takes."""

    order_id: UUID
    outlet: Outlet
    cents: int
    is_at_point: bool
    payment_kinds: frozenset[str]


def calculate_amount_due(parts: Iterable[DuePart], *, title: str, email: str, language: str) -> AmountDue:
    """Work out what is due for parts. Every shop must take what pays for all of it; a voucher only what it pays for.

    A promise to pay at hand-over is not allowed as soon as a pick-up point hands over: points take no money for shops.
    """
    listed = list(parts)
    shares = tuple(
        Share(p.order_id, p.outlet.id, p.outlet.organisation_id, p.cents, p.outlet.name, shop_kinds=p.payment_kinds)
        for p in listed
    )
    return AmountDue(
        cents=sum(share.cents for share in shares),
        title=title,
        shares=shares,
        rail=Rail.SELLER,
        ledger_id=find_operator_id(),
        email=email,
        language=language,
        allows=Allowance(MONEY, promises=not any(part.is_at_point for part in listed)),
    )


def calculate_group_due(group: OrderGroup) -> AmountDue:
    """Work out what a group of orders owes."""
    orders = list(session.scalars(sa.select(Order).where(Order.group_id == group.id).order_by(Order.number)).unique())
    kinds = list_payment_kinds(order.outlet_id for order in orders)
    parts = [
        DuePart(
            order.id,
            order.outlet,
            order.total_cents,
            order.point_id is not None,
            kinds.get(order.outlet_id, frozenset()),
        )
        for order in orders
    ]
    title = _("Bestellung %(number)s", number=group.number)
    return calculate_amount_due(parts, title=title, email=group.email, language=group.language)


def list_payment_kinds(outlet_ids: Iterable[UUID]) -> dict[UUID, frozenset[str]]:
    """List which ways to pay each shop takes."""
    query = sa.select(Storefront.outlet_id, Storefront.payment_kinds).where(Storefront.outlet_id.in_(list(outlet_ids)))
    return {row.outlet_id: frozenset(row.payment_kinds) for row in session.execute(query)}


def find_operator_id() -> UUID:
    """Find the organisation that runs the marketplace: in its ledger the sellers' money at the provider is noted.

    Refuses (`no_operator`) while there is none.
    """
    query = (
        sa.select(Organisation.id)
        .where(Organisation.kind == OrganisationKind.OPERATOR)
        .order_by(Organisation.id)
        .limit(1)
    )
    found: UUID | None = session.scalar(query)
    if found is None:
        raise errors.no_operator()
    return found


def split_amount_due(owes: AmountDue, offers: list[MethodOffer], method: str | None) -> tuple[dict[UUID, int], int]:
    """Split what is due: what each voucher pays (by reference) and what is left for `method`, in cents.

    Without a method the vouchers pay all they can.
    """
    try:
        requests = allocate(owes, offers, method)
    except NotEnough:
        requests = spread_vouchers(owes, offers)
    pays: dict[UUID, int] = {}
    for request in requests:
        if request.reference:
            pays[request.reference] = pays.get(request.reference, 0) + request.cents
    return pays, owes.cents - sum(pays.values())
