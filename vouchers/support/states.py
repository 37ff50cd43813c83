"""What a lookup led to. Decision 0309."""

from enum import StrEnum


class LookupOutcome(StrEnum):
    """What somebody saw who looked for a voucher."""

    SEEN = "seen"  # one voucher
    LISTED = "listed"  # several to choose from, without value
    NOTHING = "nothing"  # there is no such voucher
    FOREIGN = "foreign"  # it is another issuer's: nothing was shown
