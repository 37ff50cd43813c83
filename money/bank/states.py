"""The kinds of things at the bank, as the database and the pages know them. Decision 0205."""

from enum import StrEnum


class AccountPurpose(StrEnum):
    """What an issuer's account is for."""

    TRUST = "trust"  # the pool that vouchers are owed out of


class ReceiptSource(StrEnum):
    """Who says that money has come."""

    FILE = "file"  # a line of the bank's own statement
    PERSON = "person"  # somebody typed it: another person decides about it


class AllocationPlace(StrEnum):
    """What a receipt's money was used for."""

    PAYMENT = "payment"  # it pays a payment that waits for a transfer
    CLAIM = "claim"  # it settles what somebody owes, such as a counter
    PROVIDER = "provider"  # a payout of the payment provider, no customer's money
    OWN = "own"  # the issuer's own funds


class OpenReason(StrEnum):
    """Why a receipt waits for a person."""

    UNKNOWN = "unknown"  # the payer's words name no payment
    SEVERAL = "several"  # they name more than one
    OTHER_ACCOUNT = "other_account"  # the payment belongs to another issuer's account
    LATE = "late"  # the payment has ended
    AGAIN = "again"  # the payment waits for nothing any more
    EXACT = "exact"  # all fits, but a person typed it
    LESS = "less"  # it is less than what is missing
    MORE = "more"  # it is more than what is missing


class LeftOutReason(StrEnum):
    """Why an entry of a statement is no receipt."""

    DEBIT = "debit"  # money that went out
    NOT_BOOKED = "not_booked"  # announced only
    NOT_IN_EURO = "not_in_euro"  # another currency, or no amount
    WITHOUT_DAY = "without_day"  # no business day
    WITHOUT_REFERENCE = "without_reference"  # the bank does not name it: nothing would tell it from another


HARMLESS = frozenset({LeftOutReason.DEBIT, LeftOutReason.NOT_BOOKED})  # nothing is lost with these
