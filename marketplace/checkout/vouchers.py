"""Vouchers that were entered for a draft: applied, removed, offered for what is due. Decision 0504."""

from uuid import UUID

import sqlalchemy as sa

from foundation.database import session
from marketplace.checkout import errors
from marketplace.checkout.draft import load_draft
from marketplace.checkout.models import CheckoutVoucher
from marketplace.shops.models import Storefront
from marketplace.shops.states import PaymentKind
from money.payments import methods
from money.payments.methods import MethodOffer
from money.payments.payables import AmountDue, Share

MAX_VOUCHERS = 10


def apply_voucher(checkout_id: UUID, given: str, language: str) -> CheckoutVoucher:
    """Add a voucher to a draft: what the voucher service says it can pay here. Token and code are not kept.

    Refuses what the service refuses, a voucher that pays nothing here, one already applied, and an eleventh.
    """
    owes = load_draft(checkout_id).calculate_amount_due(language)
    if "voucher" in owes.excluded_methods:
        raise errors.vouchers_not_taken()
    offer = methods.of("voucher").offer(owes, given)
    if offer is None or offer.reference is None:
        raise errors.voucher_unknown()
    rows = list_applied_vouchers(checkout_id)
    if any(row.reference == offer.reference for row in rows):
        raise errors.voucher_twice()
    if len(rows) >= MAX_VOUCHERS:
        raise errors.too_many_vouchers()
    row = _make_row(checkout_id, owes, offer)
    if row.available_cents <= 0:
        raise errors.voucher_empty()
    if all(limit == 0 for limit in row.per_outlet.values()):
        raise errors.voucher_not_taken_here()
    session.add(row)
    session.flush()
    return row


def remove_voucher(checkout_id: UUID, reference: UUID) -> None:
    """Take a voucher off the draft."""
    session.execute(
        sa.delete(CheckoutVoucher).where(
            CheckoutVoucher.checkout_id == checkout_id, CheckoutVoucher.reference == reference
        )
    )


def remove_renewed_voucher(method: str, reference: UUID) -> None:
    """Take a voucher off every draft: its code was renewed, who applied it may not be its holder."""
    if method == "voucher":
        session.execute(sa.delete(CheckoutVoucher).where(CheckoutVoucher.reference == reference))


def list_applied_vouchers(checkout_id: UUID) -> list[CheckoutVoucher]:
    """List the vouchers of a draft, in the order they were entered."""
    query = sa.select(CheckoutVoucher).where(CheckoutVoucher.checkout_id == checkout_id)
    return list(session.scalars(query.order_by(CheckoutVoucher.entered_at, CheckoutVoucher.reference)))


def list_voucher_offers(checkout_id: UUID, owes: AmountDue) -> list[MethodOffer]:
    """List the draft's vouchers as offers for what is due now."""
    return [
        MethodOffer(
            "voucher",
            row.label,
            reference=row.reference,
            available_cents=row.available_cents,
            per_share={share.ref_id: _limit_of(row, share) for share in owes.shares},
        )
        for row in list_applied_vouchers(checkout_id)
    ]


def _make_row(checkout_id: UUID, owes: AmountDue, offer: MethodOffer) -> CheckoutVoucher:
    taking = _outlets_taking_vouchers(owes)
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


def _outlets_taking_vouchers(owes: AmountDue) -> set[UUID]:
    query = sa.select(Storefront.outlet_id).where(
        Storefront.outlet_id.in_([share.outlet_id for share in owes.shares]),
        Storefront.payment_kinds.contains([PaymentKind.VOUCHER.value]),
    )
    return set(session.scalars(query))


def _limit_of(row: CheckoutVoucher, share: Share) -> int:
    limit = row.per_outlet.get(str(share.outlet_id), 0)
    return share.cents if limit is None else int(limit)
