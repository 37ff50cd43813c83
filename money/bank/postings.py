"""What a transfer means in the books of the account's issuer: the only place where the bank's money is posted."""

from uuid import UUID

from money.bank.models import BankAllocation, BankReceipt, BankReturn
from money.ledger.journal import JournalDocument, JournalLine, post

OTHER_SIDE = {"provider": "PSP", "own": "OB"}
ALLOCATION_KINDS = {
    "payment": "bank_placed",
    "provider": "bank_from_provider",
    "own": "bank_own_funds",
    "claim": "bank_claim",
}


def post_receipt(receipt: BankReceipt, payment_id: UUID | None) -> None:
    """Dr TB / Cr KZ of the payment, or of the receipt itself while nobody knows what it is for."""
    party, lines = (
        payment_id or receipt.id,
        [JournalLine("TB", "KZ", receipt.cents, credit_party=payment_id or receipt.id)],
    )
    post(JournalDocument(receipt.id, party, find_ledger(receipt), "bank_received", booked_on=receipt.booked_on), lines)


def post_allocation(receipt: BankReceipt, placement: BankAllocation) -> None:
    """Dr KZ of the receipt / Cr KZ of the payment; PSP for a provider's payout, OB for own funds, SF for a claim."""
    if placement.payment_id:
        line = JournalLine("KZ", "KZ", placement.cents, receipt.id, placement.payment_id)
    elif placement.claim_id:
        line = JournalLine("KZ", "SF", placement.cents, receipt.id, placement.claim_id)
    else:
        line = JournalLine("KZ", OTHER_SIDE[placement.place], placement.cents, receipt.id)
    aggregate = placement.payment_id or receipt.id
    post(
        JournalDocument(placement.journal_id, aggregate, find_ledger(receipt), ALLOCATION_KINDS[placement.place]),
        [line],
    )


def post_release(receipt: BankReceipt, undoing: BankAllocation, placement: BankAllocation) -> None:
    """Dr KZ of the payment / Cr KZ of the receipt: the payment ended before it was complete."""
    line = JournalLine("KZ", "KZ", undoing.cents, undoing.payment_id, receipt.id)
    aggregate = undoing.payment_id or receipt.id
    post(
        JournalDocument(
            undoing.journal_id, aggregate, find_ledger(receipt), "bank_unplaced", reverses=placement.journal_id
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
    """The books of the issuer whose account it is."""
    ledger: UUID = receipt.account.organisation_id
    return ledger
