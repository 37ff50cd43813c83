"""What the daily sums of vouchers count."""

from enum import StrEnum


class CountedKind(StrEnum):
    """What happened to value on a day, as the figures count it (column `voucher_day.verb`)."""

    ISSUED = "issued"  # issues and top-ups
    WITHDRAWN = "withdrawn"  # taken back from the buyer
    REDEEMED = "redeemed"  # redemptions and captures, less voids and refunds
