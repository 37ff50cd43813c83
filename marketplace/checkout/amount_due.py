"""What a draft or a group owes, to whom, and which vouchers were laid down for it."""

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa

from foundation.database import session
from foundation.errors import Invalid, NotEnough, Refused
from foundation.languages import _
from marketplace.cart.models import CheckoutVoucher
from marketplace.orders.models import Order, OrderGroup
from marketplace.shops.models import Storefront
from money.payments import methods
from money.payments.methods import MethodOffer
from money.payments.opening import TenderRequest, allocate
from money.payments.payables import AmountDue, Share
from people.models import Organisation, Outlet

KIND_OF = {"card": "card", "sepa_debit": "sepa", "pickup": "pickup", "voucher": "voucher"}  # method: what a shop takes
MAX_VOUCHERS = 10


def calculate_amount_due(
    parts: Iterable[tuple[UUID, Outlet, int, bool]], *, title: str, email: str, language: str, kinds: list[set[str]]
) -> AmountDue:
    """What is owed for parts (order id, shop, cents, at a pick-up point). `kinds`: what each shop accepts.

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
    """What a group of orders owes."""
    orders = list(session.scalars(sa.select(Order).where(Order.group_id == group.id).order_by(Order.number)).unique())
    return calculate_amount_due(
        [(order.id, order.outlet, order.total_cents, order.point_id is not None) for order in orders],
        title=_("Bestellung %(number)s", number=group.number),
        email=group.email,
        language=group.language,
        kinds=list_accepted_kinds(order.outlet_id for order in orders),
    )


def list_accepted_kinds(outlet_ids: Iterable[UUID]) -> list[set[str]]:
    """Which ways to pay each shop takes."""
    query = sa.select(Storefront.payment_kinds).where(Storefront.outlet_id.in_(list(outlet_ids)))
    return [set(kinds) for kinds in session.scalars(query)]


def find_operator_id() -> UUID:
    """The organisation that runs the marketplace: in its ledger the sellers' money at the provider is noted."""
    query = sa.select(Organisation.id).where(Organisation.kind == "operator").order_by(Organisation.id).limit(1)
    found: UUID | None = session.scalar(query)
    if found is None:
        raise Refused(_("Der Marktplatz ist noch nicht fertig eingerichtet."), "no_operator")
    return found


def add_voucher_row(checkout_id: UUID, owes: AmountDue, given: str) -> CheckoutVoucher:
    """Add a voucher to a draft: what the voucher service says it can pay here. Token and code are not kept.

    Refuses what the service refuses, a voucher that pays nothing here, one already laid down, and an eleventh.
    """
    if "voucher" in owes.excluded_methods:
        raise Refused(_("Diese Läden nehmen keinen Gutschein."), "method_not_offered")
    offer = methods.of("voucher").offer(owes, given)
    if offer is None or offer.reference is None:
        raise Invalid(_("Diesen Gutschein kennen wir nicht. Bitte prüfen Sie Code und PIN."), field="voucher")
    rows = list_applied_vouchers(checkout_id)
    if any(row.reference == offer.reference for row in rows):
        raise Invalid(_("Diesen Gutschein haben Sie schon eingegeben."), "voucher_twice", field="voucher")
    if len(rows) >= MAX_VOUCHERS:
        raise Invalid(_("Auf einmal gehen höchstens zehn Gutscheine."), "too_many", field="voucher")
    row = _row(checkout_id, owes, offer)
    if row.available_cents <= 0:
        raise Invalid(_("Auf diesem Gutschein ist kein Guthaben mehr."), "voucher_empty", field="voucher")
    if all(limit == 0 for limit in row.per_outlet.values()):
        raise Invalid(_("Mit diesem Gutschein lässt sich in diesen Läden nichts bezahlen."), field="voucher")
    session.add(row)
    session.flush()
    return row


def _row(checkout_id: UUID, owes: AmountDue, offer: MethodOffer) -> CheckoutVoucher:
    taking = {
        front.outlet_id
        for front in session.scalars(
            sa.select(Storefront).where(Storefront.outlet_id.in_([share.outlet_id for share in owes.shares]))
        ).unique()
        if "voucher" in front.payment_kinds
    }
    limits = offer.per_share or {share.ref_id: share.cents for share in owes.shares}
    per_outlet = {
        str(share.outlet_id): None if limits.get(share.ref_id, 0) >= share.cents else limits.get(share.ref_id, 0)
        for share in owes.shares
        if share.outlet_id in taking
    }
    return CheckoutVoucher(
        checkout_id=checkout_id,
        reference=offer.reference,
        label=str(offer.label),
        available_cents=owes.cents if offer.available_cents is None else offer.available_cents,
        per_outlet=per_outlet,
    )


def remove_renewed_voucher(method: str, reference: UUID) -> None:
    """Take a voucher off every draft: its code was renewed, who laid it down may not be its holder."""
    if method == "voucher":
        session.execute(sa.delete(CheckoutVoucher).where(CheckoutVoucher.reference == reference))


def list_applied_vouchers(checkout_id: UUID) -> list[CheckoutVoucher]:
    """The vouchers of a draft, in the order they were entered."""
    query = sa.select(CheckoutVoucher).where(CheckoutVoucher.checkout_id == checkout_id)
    return list(session.scalars(query.order_by(CheckoutVoucher.entered_at, CheckoutVoucher.reference)))


def list_voucher_offers(checkout_id: UUID, owes: AmountDue) -> list[MethodOffer]:
    """The draft's vouchers as offers for what is owed now."""
    return [
        MethodOffer(
            "voucher",
            row.label,
            reference=row.reference,
            available_cents=row.available_cents,
            per_share={share.ref_id: _limit(row, share) for share in owes.shares},
        )
        for row in list_applied_vouchers(checkout_id)
    ]


def _limit(row: CheckoutVoucher, share: Share) -> int:
    limit = row.per_outlet.get(str(share.outlet_id), 0)
    return share.cents if limit is None else int(limit)


def split_amount_due(owes: AmountDue, offers: list[MethodOffer], method: str | None) -> tuple[dict[UUID, int], int]:
    """What each voucher pays (by reference) and what is left for `method`, in cents. Without a method the vouchers
    pay all they can."""
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
    """What the vouchers pay while nothing is chosen for the rest: the rest is laid down as one more voucher."""
    rest = MethodOffer("voucher", "", reference=None, available_cents=None)
    return [wish for wish in allocate(owes, [*offers, rest], None) if wish.reference]
