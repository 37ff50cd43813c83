"""What a transfer means in the books of the account's issuer: the only place where the bank's money is posted."""

from uuid import UUID

from money.bank.models import BankAllocation, BankReceipt, BankReturn
from money.ledger.journal import Line, post

OTHER_SIDE = {"provider": "PSP", "own": "OB"}
PLACED = {"payment": "bank_placed", "provider": "bank_from_provider", "own": "bank_own_funds", "claim": "bank_claim"}


def received(receipt: BankReceipt, payment_id: UUID | None) -> None:
    """Dr TB / Cr KZ of the payment, or of the receipt itself while nobody knows what it is for."""
    party, lines = payment_id or receipt.id, [Line("TB", "KZ", receipt.cents, credit_party=payment_id or receipt.id)]
    post(receipt.id, party, ledger_of(receipt), "bank_received", lines, booked_on=receipt.booked_on)


def placed(receipt: BankReceipt, placement: BankAllocation) -> None:
    """Dr KZ of the receipt / Cr KZ of the payment; PSP for a provider's payout, OB for own funds, SF for a claim."""
    if placement.payment_id:
        line = Line("KZ", "KZ", placement.cents, receipt.id, placement.payment_id)
    elif placement.claim_id:
        line = Line("KZ", "SF", placement.cents, receipt.id, placement.claim_id)
    else:
        line = Line("KZ", OTHER_SIDE[placement.place], placement.cents, receipt.id)
    aggregate = placement.payment_id or receipt.id
    post(placement.journal_id, aggregate, ledger_of(receipt), PLACED[placement.place], [line])


def taken_back(receipt: BankReceipt, undoing: BankAllocation, placement: BankAllocation) -> None:
    """Dr KZ of the payment / Cr KZ of the receipt: the payment ended before it was complete."""
    line = Line("KZ", "KZ", undoing.cents, undoing.payment_id, receipt.id)
    aggregate = undoing.payment_id or receipt.id
    post(
        undoing.journal_id,
        aggregate,
        ledger_of(receipt),
        "bank_unplaced",
        [line],
        reverses=placement.journal_id,
    )


def returned(owed: BankReturn, corrects: UUID | None) -> None:
    """Dr KZ / Cr TB: a person has sent the money back. `corrects` is the receipt's document where there is just one."""
    party = owed.payment_id or owed.receipt_id
    assert party is not None
    line = Line("KZ", "TB", owed.cents, debit_party=party)
    ledger = owed.account.organisation_id
    post(owed.id, party, ledger, "bank_returned", [line], reverses=corrects, booked_on=owed.done_on)


def ledger_of(receipt: BankReceipt) -> UUID:
    """The books of the issuer whose account it is."""
    ledger: UUID = receipt.account.organisation_id
    return ledger
