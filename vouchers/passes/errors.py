"""What passes refuse: each code and its sentence once."""

from foundation.errors import NotFound, Refused
from foundation.languages import _
from vouchers.stored_value.holder_view import HolderView


def apple_not_offered() -> Refused:
    """Say that signing for Apple Wallet is not configured."""
    return Refused(_("Karten für Apple Wallet gibt es hier gerade nicht."), "apple_pass_not_offered")


def google_not_offered() -> Refused:
    """Say that signing for Google Wallet is not configured."""
    return Refused(_("Karten für Google Wallet gibt es hier gerade nicht."), "google_pass_not_offered")


def token_missing() -> NotFound:
    """Say that a pass is made for who shows the token: a typed code does not do."""
    return NotFound(_("Dafür brauchen wir den Link aus Ihrer E-Mail oder den QR-Code."), "no_token")


def not_spendable(view: HolderView) -> Refused:
    """Say why the voucher cannot be spent, as its holder reads it."""
    return Refused(view.sentence, "pass_voucher_not_spendable")
