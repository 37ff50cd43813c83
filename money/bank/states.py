"""The kinds of things at the bank, as the database and the pages know them. Decision 0205."""

from enum import StrEnum


class AccountPurpose(StrEnum):
    """What an issuer's account is for."""

    TRUST = "trust"  # the pool that vouchers are owed out of (TB)
    OPERATING = "operating"  # the issuer's own money (OB)


class Feed(StrEnum):
    """Which of a bank's files move an account in the books: one per account, the others are notices."""

    DAILY = "daily"  # the statement of a day: CAMT.053 or MT940, each beginning where the last one ended
    INTRADAY = "intraday"  # the reports within the day: CAMT.052; the day's statement then only explains it


class StatementKind(StrEnum):
    """What kind of file a statement came in."""

    CAMT_053 = "camt.053"  # the statement of a day
    CAMT_052 = "camt.052"  # the report within a day
    CAMT_054 = "camt.054"  # details of collective entries, advices: never moves an account
    MT940 = "mt940"  # the statement of a day, in the older form


FEEDS = {
    Feed.DAILY: frozenset({StatementKind.CAMT_053, StatementKind.MT940}),
    Feed.INTRADAY: frozenset({StatementKind.CAMT_052}),
}


class Direction(StrEnum):
    """The side of a line, seen from the account's holder."""

    CREDIT = "credit"  # money came
    DEBIT = "debit"  # money went


class ReceiptSource(StrEnum):
    """Who says that money has come."""

    FILE = "file"  # a line of the bank's own statement
    PERSON = "person"  # somebody typed it: another person decides about it


class AllocationPlace(StrEnum):
    """What a receipt's money was used for, and what a debit was."""

    PAYMENT = "payment"  # a receipt pays a payment that waits for a transfer
    CLAIM = "claim"  # it settles what somebody owes, such as a counter
    PROVIDER = "provider"  # a payout of the payment provider, or what it took back; no customer's money
    OWN = "own"  # the issuer's own funds
    DETAIL = "detail"  # a collective receipt whose parts are receipts of their own
    FEE = "fee"  # what the bank takes for its service, or gives back of it
    INTEREST = "interest"  # interest, either way
    RETURN = "return"  # a debit by which money that we owed went back
    TRANSFER = "own_transfer"  # between two accounts of the same issuer: receipt here, debit there
    REVERSAL = "reversal"  # a debit that takes back a receipt, or a receipt that takes back a debit
    TAKEN_BACK = "taken_back"  # a debit that takes back money which had paid a payment
    VALUE = "value"  # a receipt pays for vouchers that two people issue by hand or take over from elsewhere
    SETTLEMENT = "settlement"  # another issuer's transfer, decided by two of its people, for its vouchers
    CROSSED_OUT = "crossed_out"  # a receipt that a person typed and the bank never stated: there is no such money


class DebitPlace(StrEnum):
    """What two people may say that a debit was."""

    RETURN = AllocationPlace.RETURN  # it sent what we owed
    REVERSAL = AllocationPlace.REVERSAL  # it takes back the credit that fits
    FEE = AllocationPlace.FEE
    INTEREST = AllocationPlace.INTEREST
    OWN = AllocationPlace.OWN
    PROVIDER = AllocationPlace.PROVIDER


class OpenReason(StrEnum):
    """Why a receipt waits for a person."""

    UNKNOWN = "unknown"  # the payer's words name no payment
    OPENING = "opening"  # what lay on the account before its first statement
    CAME_BACK = "came_back"  # a debit of ours came back, and nobody knows which
    COLLECTIVE = "collective"  # several payments in one line, whose details are missing
    SEVERAL = "several"  # they name more than one
    OTHER_ACCOUNT = "other_account"  # the payment belongs to another issuer's account
    LATE = "late"  # the payment has ended
    AGAIN = "again"  # the payment waits for nothing any more
    EXACT = "exact"  # all fits, but a person typed it
    LESS = "less"  # it is less than what is missing
    MORE = "more"  # it is more than what is missing


class LeftOutReason(StrEnum):
    """Why an entry of a statement is no line."""

    NOT_BOOKED = "not_booked"  # announced only
    NOTHING = "nothing"  # of 0.00: a note of the bank
    NOT_IN_EURO = "not_in_euro"  # another currency, or no amount
    WITHOUT_DAY = "without_day"  # no business day
    WITHOUT_SIDE = "without_side"  # neither credit nor debit


HARMLESS = frozenset({LeftOutReason.NOT_BOOKED, LeftOutReason.NOTHING})  # nothing is lost with these
