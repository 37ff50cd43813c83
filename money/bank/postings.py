"""What the bank's lines are posted as. The lines of each kind stand in `sql/bank_posting.sql`.

A bank account moves by a line of its statement, or by what a person typed before it: against KZ, whose party is the
receipt or the debit until somebody knows what it was.
"""

from enum import StrEnum

from money.bank.states import AllocationPlace


class BankPosting(StrEnum):
    """What bank lines and decisions about them are posted as."""

    RECEIVED = "bank_received"  # paper: a receipt
    DETAIL = "bank_detail"  # paper: a receipt that is a part of a collective one
    DEBITED = "bank_debited"  # paper: a line by which money went
    PLACED = "bank_placed"  # paper: an allocation to a payment
    UNPLACED = "bank_unplaced"  # paper: an allocation that undoes another
    FROM_PROVIDER = "bank_from_provider"  # paper: an allocation of a payout, or of what the provider took
    OWN_FUNDS = "bank_own_funds"  # paper: an allocation to the issuer's own funds
    CLAIM = "bank_claim"  # paper: an allocation to what somebody owes
    FEE = "bank_fee"  # paper: an allocation of what the bank takes for its service
    INTEREST = "bank_interest"  # paper: an allocation of interest, either way
    OWN_TRANSFER = "bank_own_transfer"  # paper: an allocation of a receipt and a debit against each other
    REVERSAL = "bank_reversal"  # paper: the same, where the bank took one of them back
    TAKEN_BACK = "bank_taken_back"  # paper: an allocation of a debit to the payment whose money it took
    RETURN_SENT = "bank_return_sent"  # paper: an allocation of a debit to the return that it carried out
    VALUE = "bank_value"  # paper: an allocation to vouchers that two people issue against it
    SETTLED = "bank_settled"  # paper: an allocation to the settlement by which another issuer pays
    CROSSED_OUT = "bank_crossed_out"  # paper: an allocation that takes a typed receipt off the bank account again
    RETURNED = "bank_returned"  # paper: a return that was sent


ALLOCATED = {
    AllocationPlace.PAYMENT: BankPosting.PLACED,
    AllocationPlace.PROVIDER: BankPosting.FROM_PROVIDER,
    AllocationPlace.OWN: BankPosting.OWN_FUNDS,
    AllocationPlace.CLAIM: BankPosting.CLAIM,
    AllocationPlace.FEE: BankPosting.FEE,
    AllocationPlace.INTEREST: BankPosting.INTEREST,
    AllocationPlace.TRANSFER: BankPosting.OWN_TRANSFER,
    AllocationPlace.REVERSAL: BankPosting.REVERSAL,
    AllocationPlace.TAKEN_BACK: BankPosting.TAKEN_BACK,
    AllocationPlace.RETURN: BankPosting.RETURN_SENT,
    AllocationPlace.VALUE: BankPosting.VALUE,
    AllocationPlace.SETTLEMENT: BankPosting.SETTLED,
    AllocationPlace.CROSSED_OUT: BankPosting.CROSSED_OUT,
}
