"""What provider money is posted as. The lines of each kind stand in `sql/payment_posting.sql`.

Disputes: `sql/dispute_posting.sql`.
"""

from enum import StrEnum

from foundation.database import uuid7
from money.ledger import journal
from money.payments.case_models import DisputeMove
from money.payments.models import ClaimMove, ProviderCall, Refund
from money.payments.states import CallKind, ClaimKind, DisputeMoveKind


class PaymentPosting(StrEnum):
    """What calls to the provider are posted as. The paper of each is the call."""

    CAPTURED = "payment_captured"  # an authorised card was charged
    COLLECTED = "payment_collected"  # a debit came in
    REFUNDED = "payment_refunded"  # money went back to the payer
    REFUND_FAILED = "payment_refund_failed"  # the payer's bank sent it back: the provider holds it again
    FEE = "provider_fee"  # what the provider keeps for taking money


CLAIMS = {
    ClaimKind.RAISED: "claim_raised",
    ClaimKind.SETTLED: "claim_settled",
    ClaimKind.WRITTEN_OFF: "claim_written_off",
    ClaimKind.RECOVERED: "claim_recovered",
}
DISPUTES = {
    DisputeMoveKind.WITHDRAWN: "payment_disputed",
    DisputeMoveKind.REINSTATED: "payment_reinstated",
}
DISPUTE_FEE = "dispute_fee"
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


def post_fee(call: ProviderCall) -> None:
    """Post what the provider keeps, `call.fee_cents`, split over the issuers in proportion to their shares.

    The fee on sellers' money is no cost of ours: it is noted on memo accounts (decision 0203).
    """
    if call.fee_cents:
        call.fee_journal_id = call.fee_journal_id or uuid7()
        journal.post(PaymentPosting.FEE, call.id)


def post_dispute(move: DisputeMove) -> None:
    """Post what a dispute took or brought back, and what the provider charged for it or gave back of that."""
    if move.cents:
        journal.post(DISPUTES[DisputeMoveKind(move.kind)], move.id)
    if move.fee_cents:
        journal.post(DISPUTE_FEE, move.id)


def post_claim(move: ClaimMove) -> None:
    """Post what became of what a payer owes. The lines stand in `sql/claim_posting.sql`."""
    journal.post(CLAIMS[ClaimKind(move.kind)], move.id)
