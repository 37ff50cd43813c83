"""What a bearer token of a till may do, and who stands at a till. The database checks the same words."""

from enum import StrEnum


class TokenScope(StrEnum):
    """What a token may be used for. A till's own token has all of them."""

    LOOK = "look"  # read balances and earlier redemptions
    REDEEM = "redeem"  # take value
    RETURN = "return"  # void and refund
    HOLD = "hold"  # set value aside, capture and release it
    REPORT = "report"  # day totals and exports


class PauseReason(StrEnum):
    """Why a till stands still for a while."""

    MISSES = "misses"  # most codes do not exist
    VOIDS = "voids"  # most of what it takes it gives straight back
    REPEATS = "repeats"  # one voucher again and again


class StaffRole(StrEnum):
    """What somebody does at the tills of a shop."""

    CASHIER = "cashier"  # redeems, and voids on the same day
    LEAD = "lead"  # also refunds later, and switches practice mode on


class PinCheck(StrEnum):
    """What became of a PIN that was typed at a till."""

    RIGHT = "right"
    WRONG = "wrong"
    LOCKED = "locked"  # too many wrong ones: the right one is refused, too
