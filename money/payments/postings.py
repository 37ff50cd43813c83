"""What provider money is posted as. The lines of each kind stand in `sql/payment_posting.sql`; who bears how many cents
of an amount stands at its paper.
"""

from enum import StrEnum
from uuid import UUID

from foundation.database import uuid7
from money.ledger import journal
from money.payments.case_models import DisputeMove
from money.payments.models import ClaimMove, ProviderCall, Refund, Tender
from money.payments.payables import Rail
from money.payments.states import CallKind, ClaimKind, DisputeMoveKind
from money.splitting import split_in_proportion


class PaymentPosting(StrEnum):
    """What calls to the provider and movements of disputes are posted as. They are the papers."""

    CAPTURED = "payment_captured"  # an authorised card was charged
    COLLECTED = "payment_collected"  # a debit came in
    REFUNDED = "payment_refunded"  # money went back to the payer
    REFUND_FAILED = "payment_refund_failed"  # the payer's bank sent it back: the provider holds it again
    FEE = "provider_fee"  # what the provider keeps for taking money
    DISPUTED = "payment_disputed"  # the payer's bank took it back
    REINSTATED = "payment_reinstated"  # the payer's bank gave it back again
    DISPUTE_FEE = "dispute_fee"  # what the provider charges for that, or gives back of it


CLAIMS = {
    ClaimKind.RAISED: "claim_raised",
    ClaimKind.SETTLED: "claim_settled",
    ClaimKind.WRITTEN_OFF: "claim_written_off",
    ClaimKind.RECOVERED: "claim_recovered",
}
DISPUTES = {
    DisputeMoveKind.WITHDRAWN: PaymentPosting.DISPUTED,
    DisputeMoveKind.REINSTATED: PaymentPosting.REINSTATED,
}
TAKING = {CallKind.CAPTURE: PaymentPosting.CAPTURED, CallKind.COLLECT: PaymentPosting.COLLECTED}


def post_receipt(call: ProviderCall) -> None:
    """Post that the provider took money. The call has succeeded."""
    journal.post(TAKING[CallKind(call.kind)], call.id)


def post_refund(call: ProviderCall) -> None:
    """Post that money went back. The call has succeeded."""
    journal.post(PaymentPosting.REFUNDED, call.id)


def post_failed_refund(refund: Refund, call: ProviderCall) -> None:
    """Post that the bank sent a refund back. The refund has failed after its call had succeeded."""
    refund.failed_journal_id = refund.failed_journal_id or uuid7()
    journal.post(PaymentPosting.REFUND_FAILED, call.id)


def post_fee(tender: Tender, call: ProviderCall) -> None:
    """Post what the provider keeps, `call.fee_cents`."""
    if call.fee_cents:
        call.fee_journal_id = call.fee_journal_id or uuid7()
        call.fee_split = split_fee(tender, call.fee_cents)
        journal.post(PaymentPosting.FEE, call.id)


def split_fee(tender: Tender, cents: int) -> dict[str, int]:
    """Split a fee by the books that bear it: the issuers in proportion to their shares, to the cent (decision 0204).

    The fee on sellers' money is no cost of ours: it is noted on memo accounts of one book (decision 0203).
    """
    payment = tender.payment
    if payment.rail != Rail.ISSUER or not cents:
        return {str(payment.ledger_id): cents} if cents else {}
    weights: dict[UUID, int] = {}
    for part in tender.parts:
        weights[part.share.organisation_id] = weights.get(part.share.organisation_id, 0) + part.cents
    return {str(ledger): part for ledger, part in split_in_proportion(cents, weights).items()}


def post_dispute(move: DisputeMove) -> None:
    """Post what a dispute took or brought back, and what the provider charged for it or gave back of that."""
    if move.cents:
        journal.post(DISPUTES[DisputeMoveKind(move.kind)], move.id)
    if move.fee_cents:
        journal.post(PaymentPosting.DISPUTE_FEE, move.id)


def post_claim(move: ClaimMove) -> None:
    """Post what became of what a payer owes. The lines stand in `sql/claim_posting.sql`."""
    journal.post(CLAIMS[ClaimKind(move.kind)], move.id)
