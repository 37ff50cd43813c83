"""What the wallet refuses: each code and its sentence once."""

from foundation.errors import Invalid, NotFound, Refused
from foundation.languages import _
from vouchers.stored_value.codes import CredentialHash
from vouchers.stored_value.credentials import Expired


def code_expired(credential: CredentialHash | None = None) -> Expired:
    """Say that a rotating code is too old or wrong. `credential`: what it stood for."""
    refusal = Expired(_("Der gezeigte Code ist abgelaufen. Bitte neu anzeigen lassen."))
    refusal.secret = credential
    return refusal


def not_claimable() -> Refused:
    """Say that the voucher is blocked or has ended."""
    return Refused(_("Dieser Gutschein ist gesperrt oder gilt nicht mehr."), "voucher_not_claimable")


def wallet_full() -> Refused:
    """Say how many vouchers a wallet holds."""
    return Refused(_("Mehr als 100 Gutscheine passen nicht in eine Geldbörse."), "wallet_full")


def label_too_long() -> Invalid:
    """Say how long the holder's own name for a voucher may be."""
    return Invalid(_("Der Name darf höchstens 60 Zeichen haben."), "label_too_long", field="label")


def not_in_wallet() -> NotFound:
    """Say that the voucher is not in this wallet, or not any more."""
    return NotFound(_("Dieser Gutschein liegt nicht (mehr) in Ihrer Geldbörse."), "not_in_wallet")


def left_wallet() -> Refused:
    """Say that the voucher got other secrets while its holder acted."""
    return Refused(_("Dieser Gutschein liegt nicht mehr in Ihrer Geldbörse."), "left_wallet")


def blocked_by_issuer() -> Refused:
    """Say that the holder cannot unblock what somebody else has blocked."""
    return Refused(
        _("Diesen Gutschein hat der Herausgeber gesperrt. Die Nummer unten auf der Seite hilft weiter."),
        "blocked_by_issuer",
    )


def greeting_too_long() -> Invalid:
    """Say how long a greeting may be."""
    return Invalid(_("Der Gruß darf höchstens 400 Zeichen haben."), "greeting_too_long", field="greeting")


def language_unknown() -> Invalid:
    """Say that we do not write in this language."""
    return Invalid(_("Diese Sprache gibt es hier nicht."), "wallet_language_unknown", field="language")


def not_passable() -> Refused:
    """Say that nothing can be spent on the voucher."""
    return Refused(_("Diesen Gutschein können Sie nicht weitergeben."), "voucher_not_passable")


def sheet_needs_link() -> NotFound:
    """Say that the sheet to print is only made for who presents the token."""
    return NotFound(_("Dieses Blatt gibt es nur mit dem Link aus Ihrer E-Mail."), "sheet_needs_link")


def receipt_not_yet() -> NotFound:
    """Say when there is a receipt that a voucher's value is in the books."""
    return NotFound(
        _("Einen Nachweis gibt es nach dem ersten Tag, der mit Guthaben auf diesem Gutschein zu Ende ging."),
        "receipt_not_yet",
    )
