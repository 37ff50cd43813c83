"""The words for states and kinds of purchases. The database checks the same words."""

from enum import StrEnum

from foundation.languages import lazy


class VoucherOrderState(StrEnum):
    """How an order of vouchers stands."""

    DRAFT = "draft"  # filled in, nothing is owed yet
    ORDERED = "ordered"  # with obligation to pay
    PAID = "paid"  # its vouchers exist
    RETURNED = "returned"  # the money came when nothing could be sold for it any more, and goes back


class VoucherSaleState(StrEnum):
    """How one voucher of an order stands."""

    DRAFT = "draft"  # filled in, nothing is owed yet
    ORDERED = "ordered"  # with obligation to pay
    PAID = "paid"  # the voucher exists, nobody has its secrets yet
    DELIVERED = "delivered"  # mailed, or the letter is in the post
    WITHDRAWN = "withdrawn"  # the buyer stepped back, what was left is given back


class VoucherDelivery(StrEnum):
    """How a voucher reaches its recipient."""

    LETTER = "letter"  # printed and posted by the issuer's people
    MAIL = "mail"  # to the recipient of a gift, else to the buyer
    PRINT = "print"  # to the buyer, who prints it


class SaleEventKind(StrEnum):
    """What was done with a sale after it was paid."""

    RESENT = "resent"  # mailed once more, with new secrets
    ADDRESS_CORRECTED = "address_corrected"  # goes to another address
    LETTER_PRINTED = "letter_printed"  # its secrets exist since then
    LETTER_POSTED = "letter_posted"
    WITHDRAWAL_RECEIVED = "withdrawal_received"  # the buyer's statement is here
    WITHDRAWAL_WAITS = "withdrawal_waits"  # frozen, because something is reserved
    WITHDRAWN = "withdrawn"  # given back
    MONEY_LOST = "money_lost"  # the payer's bank took the money back: what was left is frozen
    MONEY_BACK = "money_back"  # and returned it: thawed


ORDER_DECIDED = (VoucherOrderState.PAID, VoucherOrderState.RETURNED)
DEFAULT_DESIGN = "feld"
# Names of the artwork, and what people call it.
DESIGNS = {DEFAULT_DESIGN: lazy("Feld"), "stadt": lazy("Stadt"), "allee": lazy("Allee"), "fest": lazy("Fest")}
