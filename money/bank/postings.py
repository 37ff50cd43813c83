"""What a transfer means in the books of the account's issuer: the only place where the bank's money is posted."""

from uuid import UUID

from money.bank.models import BankAllocation, BankReceipt, BankReturn
from money.bank.states import AllocationPlace
from money.ledger.journal import JournalDocument, JournalLine, post

OTHER_SIDE = {AllocationPlace.PROVIDER: "PSP", AllocationPlace.OWN: "OB"}
ALLOCATION_KINDS = {
    AllocationPlace.PAYMENT: "bank_placed",
    AllocationPlace.PROVIDER: "bank_from_provider",
    AllocationPlace.OWN: "bank_own_funds",
    AllocationPlace.CLAIM: "bank_claim",
}


def post_receipt(receipt: BankReceipt, payment_id: UUID | None) -> None:
    """Dr TB / Cr KZ of the payment, or of the receipt itself while nobody knows what it is for."""
    party, lines = (
        payment_id or receipt.id,
        [JournalLine("TB", "KZ", receipt.cents, credit_party=payment_id or receipt.id)],
    )
    post(JournalDocument(receipt.id, party, find_ledger(receipt), "bank_received", booked_on=receipt.booked_on), lines)


def post_allocation(receipt: BankReceipt, allocation: BankAllocation) -> None:
    """Dr KZ of the receipt / Cr KZ of the payment; PSP for a provider's payout, OB for own funds, SF for a claim."""
    if allocation.payment_id:
        line = JournalLine("KZ", "KZ", allocation.cents, receipt.id, allocation.payment_id)
    elif allocation.claim_id:
        line = JournalLine("KZ", "SF", allocation.cents, receipt.id, allocation.claim_id)
    else:
        line = JournalLine("KZ", OTHER_SIDE[AllocationPlace(allocation.place)], allocation.cents, receipt.id)
    aggregate = allocation.payment_id or receipt.id
    post(
        JournalDocument(
            allocation.journal_id, aggregate, find_ledger(receipt), ALLOCATION_KINDS[AllocationPlace(allocation.place)]
        ),
        [line],
    )


def post_release(receipt: BankReceipt, undoing: BankAllocation, allocation: BankAllocation) -> None:
    """Dr KZ of the payment / Cr KZ of the receipt: the payment ended before it was complete."""
    line = JournalLine("KZ", "KZ", undoing.cents, undoing.payment_id, receipt.id)
    aggregate = undoing.payment_id or receipt.id
    post(
        JournalDocument(
            undoing.journal_id, aggregate, find_ledger(receipt), "bank_unplaced", reverses=allocation.journal_id
        ),
        [line],
    )


def post_return(owed: BankReturn, corrects: UUID | None) -> None:
    """Dr KZ / Cr TB: a person has sent the money back. `corrects` is the receipt's document where there is just one."""
    party = owed.payment_id or owed.receipt_id
    assert party is not None
    line = JournalLine("KZ", "TB", owed.cents, debit_party=party)
    ledger = owed.account.organisation_id
    post(JournalDocument(owed.id, party, ledger, "bank_returned", reverses=corrects, booked_on=owed.done_on), [line])


def find_ledger(receipt: BankReceipt) -> UUID:
    """Find the books of the issuer whose account it is."""
    ledger: UUID = receipt.account.organisation_id
    return ledger
