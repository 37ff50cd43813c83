"""Questions about payments."""

from uuid import UUID

import sqlalchemy as sa

from foundation.database import session
from money.payments import breaker, errors
from money.payments.models import Payment, PaymentShare, ProviderCall, Refund, Tender, TenderPart
from money.payments.states import ORIGINS, UNANSWERED, PaymentState, TenderState


def load_payment(payment_id: UUID) -> Payment:
    """Load the payment as it is now. Refuses with `NotFound`."""
    found = session.get(Payment, payment_id, populate_existing=True)
    if found is None:
        raise errors.payment_unknown()
    return found


def is_provider_awaited(payment_id: UUID) -> bool:
    """Whether the provider's page should be open by now and is not: it did not answer, or is not asked at present."""
    query = sa.select(ProviderCall.attempts).where(
        ProviderCall.payment_id == payment_id,
        ProviderCall.kind.in_(ORIGINS),
        ProviderCall.state.in_(UNANSWERED),
    )
    return any(attempts or breaker.provider.is_silent() for attempts in session.scalars(query))


def find_live_payment(kind: str, ref_id: UUID) -> Payment | None:
    """Find the one payment of this thing that has not failed, or nothing."""
    query = sa.select(Payment).where(
        Payment.kind == kind, Payment.ref_id == ref_id, Payment.state != PaymentState.FAILED
    )
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def list_tenders_of_share(payment_id: UUID, share_ref: UUID) -> list[tuple[Tender, int, int]]:
    """List how a share was paid: the tender, its cents for this share, and how many of them were given back."""
    return list_tenders_by_share(payment_id).get(share_ref, [])


def list_tenders_by_share(payment_id: UUID) -> dict[UUID, list[tuple[Tender, int, int]]]:
    """List the same for all shares of a payment, by what each share is for."""
    found: dict[UUID, list[tuple[Tender, int, int]]] = {}
    for tender in load_payment(payment_id).tenders:
        for part in tender.parts:
            found.setdefault(part.share.ref_id, []).append((tender, part.cents, part.refunded_cents))
    return found


def list_promised_cents(payment_id: UUID) -> dict[UUID, int]:
    """List the cents that each share still has to be paid at the shop's till at hand-over."""
    query = (
        sa.select(PaymentShare.ref_id, TenderPart.cents)
        .join(TenderPart, TenderPart.share_id == PaymentShare.id)
        .join(Tender, Tender.id == TenderPart.tender_id)
        .where(PaymentShare.payment_id == payment_id, Tender.state == TenderState.PROMISED)
    )
    return {row.ref_id: int(row.cents) for row in session.execute(query)}


def list_refunds(payment_id: UUID) -> list[Refund]:
    """List what was given back or is on its way, oldest first."""
    return list(session.scalars(sa.select(Refund).where(Refund.payment_id == payment_id).order_by(Refund.id)))


def list_recent(limit: int = 50) -> list[Payment]:
    """List the newest payments of all kinds, for operators."""
    return list(session.scalars(sa.select(Payment).order_by(Payment.id.desc()).limit(limit)))
