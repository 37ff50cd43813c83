"""Vouchers that were entered for a draft: applied, removed, offered for what is due. Decisions 0504 and 0206."""

from uuid import UUID

import sqlalchemy as sa

from foundation.database import session
from marketplace.checkout import errors
from marketplace.checkout.draft import load_draft
from marketplace.checkout.models import CheckoutVoucher
from money.payments import methods
from money.payments.methods import MethodOffer
from money.payments.payables import AmountDue, Share

MAX_VOUCHERS = 10


def apply_voucher(checkout_id: UUID, presented: str, language: str) -> CheckoutVoucher:
    """Add a voucher to a draft: what the voucher service says it can pay here. Token and code are not kept.

    Refuses what the service refuses, a voucher that pays nothing here, one already applied, and an eleventh.
    """
    owes = load_draft(checkout_id).calculate_amount_due(language)
    method = methods.find_stored_value(owes)
    if method is None:
        raise errors.vouchers_not_taken()
    if not presented:
        raise errors.voucher_not_known()
    offer = method.offer(owes, presented)
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


def remove_renewed_voucher(reference: UUID) -> None:
    """Take a voucher off every draft: its code was renewed, who applied it may not be its holder."""
    session.execute(sa.delete(CheckoutVoucher).where(CheckoutVoucher.reference == reference))


def list_applied_vouchers(checkout_id: UUID) -> list[CheckoutVoucher]:
    """List the vouchers of a draft, in the order they were entered."""
    query = sa.select(CheckoutVoucher).where(CheckoutVoucher.checkout_id == checkout_id)
    return list(session.scalars(query.order_by(CheckoutVoucher.entered_at, CheckoutVoucher.reference)))


def list_voucher_offers(checkout_id: UUID, owes: AmountDue) -> list[MethodOffer]:
    """List the draft's vouchers as offers for what is due now; none when no shop takes vouchers any more."""
    method = methods.find_stored_value(owes)
    if method is None:
        return []
    return [
        MethodOffer(
            method.key,
            row.label,
            reference=row.reference,
            available_cents=row.available_cents,
            per_share={share.ref_id: _limit_of(row, share) for share in owes.shares if share.takes(method.traits)},
        )
        for row in list_applied_vouchers(checkout_id)
    ]


def _make_row(checkout_id: UUID, owes: AmountDue, offer: MethodOffer) -> CheckoutVoucher:
    taking = [share for share in owes.shares if share.takes(methods.of(offer.method).traits)]
    limits = offer.per_share or {share.ref_id: share.cents for share in owes.shares}
    per_outlet = {
        str(share.outlet_id): None if limits.get(share.ref_id, 0) >= share.cents else limits.get(share.ref_id, 0)
        for share in taking
    }
    return CheckoutVoucher(
        checkout_id=checkout_id,
        reference=offer.reference,
        label=str(offer.label),
        available_cents=owes.cents if offer.available_cents is None else offer.available_cents,
        per_outlet=per_outlet,
    )


def _limit_of(row: CheckoutVoucher, share: Share) -> int:
    limit = row.per_outlet.get(str(share.outlet_id), 0)
    return share.cents if limit is None else int(limit)
