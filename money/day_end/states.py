"""The kinds of things at the end of a day, as the database and the pages know them. Decision 0213."""

from enum import StrEnum


class SourceKind(StrEnum):
    """Who says what is there, besides the books."""

    BANK = "bank"  # the closing balances of its statements
    PROVIDER = "provider"  # the balance of the payment provider


class Cause(StrEnum):
    """What a difference seems to come from."""

    NOT_STATED = "not_stated"  # no statement has come for the day
    TYPED = "typed"  # typed by hand, and no line of a statement has confirmed it
    BY_HAND = "by_hand"  # booked without a line of the bank
    UNKNOWN = "unknown"  # nothing of ours explains it


class DayState(StrEnum):
    """How a day stands, as its calendar draws it."""

    CLOSED = "closed"  # agreed, or two people have accepted what differs
    AGREES = "agrees"  # agrees, and waits for a day before it
    WAITS = "waits"  # its statement has not come yet, and need not have
    DIFFERS = "differs"  # something differs, and somebody has to find out
