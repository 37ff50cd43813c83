"""What a draft or a group of orders owes, and to whom; how vouchers and one other method share it. Decision 0504."""

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa

from foundation.database import session
from foundation.errors import NotEnough
from foundation.languages import _
from marketplace.checkout import errors
from marketplace.orders.models import Order, OrderGroup
from marketplace.shops.models import Storefront
from money.payments.methods import MethodOffer
from money.payments.opening import TenderRequest, allocate
from money.payments.payables import AmountDue, Share
from people.models import Organisation, OrganisationKind, Outlet

KIND_OF = {"card": "card", "sepa_debit": "sepa", "pickup": "pickup", "voucher": "voucher"}  # method: what a shop takes


def calculate_amount_due(
    parts: Iterable[tuple[UUID, Outlet, int, bool]], *, title: str, email: str, language: str, kinds: list[set[str]]
) -> AmountDue:
    """Work out what is due for parts (order id, shop, cents, at a pick-up point). `kinds`: what each shop accepts.

    A method is excluded unless every shop takes it; a voucher unless one does. Paying at pick-up is excluded as soon
    as a point hands over: points take no money for shops.
    """
    listed = list(parts)
    excluded = {
        method
        for method, kind in KIND_OF.items()
        if not (any if method == "voucher" else all)(kind in taken for taken in kinds)
    }
    if any(at_point for _id, _outlet, _cents, at_point in listed):
        excluded.add("pickup")
    shares = tuple(
        Share(order_id, outlet.id, outlet.organisation_id, cents, outlet.name)
        for order_id, outlet, cents, _at_point in listed
    )
    return AmountDue(
        cents=sum(share.cents for share in shares),
        title=title,
        shares=shares,
        rail="seller",
        ledger_id=find_operator_id(),
        email=email,
        language=language,
        excluded_methods=frozenset(excluded),
    )


def calculate_group_due(group: OrderGroup) -> AmountDue:
    """Work out what a group of orders owes."""
    orders = list(session.scalars(sa.select(Order).where(Order.group_id == group.id).order_by(Order.number)).unique())
    return calculate_amount_due(
        [(order.id, order.outlet, order.total_cents, order.point_id is not None) for order in orders],
        title=_("Bestellung %(number)s", number=group.number),
        email=group.email,
        language=group.language,
        kinds=list_accepted_kinds(order.outlet_id for order in orders),
    )


def list_accepted_kinds(outlet_ids: Iterable[UUID]) -> list[set[str]]:
    """List which ways to pay each shop takes."""
    query = sa.select(Storefront.payment_kinds).where(Storefront.outlet_id.in_(list(outlet_ids)))
    return [set(kinds) for kinds in session.scalars(query)]


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
        wishes = allocate(owes, offers, method)
    except NotEnough:
        wishes = _vouchers_alone(owes, offers)
    pays: dict[UUID, int] = {}
    for wish in wishes:
        if wish.reference:
            pays[wish.reference] = pays.get(wish.reference, 0) + wish.cents
    return pays, owes.cents - sum(pays.values())


def _vouchers_alone(owes: AmountDue, offers: list[MethodOffer]) -> list[TenderRequest]:
    """What the vouchers pay while nothing is chosen for the rest: the rest counts as one more voucher."""
    rest = MethodOffer("voucher", "", reference=None, available_cents=None)
    return [wish for wish in allocate(owes, [*offers, rest], None) if wish.reference]
