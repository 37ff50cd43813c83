"""What transfers are posted as. The lines of each kind stand in `sql/bank_posting.sql`."""

from enum import StrEnum

from money.bank.states import AllocationPlace


class BankPosting(StrEnum):
    """What bank lines and decisions about them are posted as."""

    RECEIVED = "bank_received"  # paper: a receipt
    PLACED = "bank_placed"  # paper: an allocation to a payment
    UNPLACED = "bank_unplaced"  # paper: an allocation that undoes another
    FROM_PROVIDER = "bank_from_provider"  # paper: an allocation of a payout
    OWN_FUNDS = "bank_own_funds"  # paper: an allocation to the issuer's own funds
    CLAIM = "bank_claim"  # paper: an allocation to what somebody owes
    RETURNED = "bank_returned"  # paper: a return that was sent


ALLOCATED = {
    AllocationPlace.PAYMENT: BankPosting.PLACED,
    AllocationPlace.PROVIDER: BankPosting.FROM_PROVIDER,
    AllocationPlace.OWN: BankPosting.OWN_FUNDS,
    AllocationPlace.CLAIM: BankPosting.CLAIM,
}
