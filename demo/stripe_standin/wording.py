"""What the pages say, in German and English, and how they choose."""

import json
from pathlib import Path

from .cards import (
    CVC,
    DEBIT_FAILED,
    DEBIT_LIMIT,
    EXPIRED,
    FUNDS,
    GENERIC,
    NO_AUTHENTICATION,
    NUMBER,
    PROCESSING,
)
from .errors import StripeError

GERMAN = {
    (refusal.code, refusal.decline_code): refusal.german
    for refusal in (CVC, DEBIT_FAILED, DEBIT_LIMIT, EXPIRED, FUNDS, GENERIC, NO_AUTHENTICATION, NUMBER, PROCESSING)
}
_BY_CODE = {
    "card_declined": GENERIC.german,
    "invalid_expiry_month": "Der Monat des Ablaufdatums ist nicht richtig.",
    "invalid_cvc": "Die Prüfziffer (CVC) besteht aus drei oder vier Ziffern.",
    "invalid_bank_account_iban": "Diese IBAN ist nicht richtig. Bitte prüfen Sie die Ziffern.",
}
_LIVE_CARD = "Das ist keine Testkarte. Bitte nehmen Sie eine Nummer aus der Liste."

TEXTS: dict[str, dict[str, str]] = json.loads(Path(__file__).with_name("wording.json").read_text("utf-8"))


def sentence(error: StripeError, language: str) -> str:
    """Stripe's message in the reader's language."""
    english = str(error.error["message"])
    if language != "de":
        return english
    code, decline = error.error.get("code"), error.error.get("decline_code")
    if decline == "test_mode_live_card":
        return _LIVE_CARD
    return GERMAN.get((str(code), decline)) or _BY_CODE.get(code or "", english)


def money(cents: int, language: str) -> str:
    """`1.234,50 €` in German, `€1,234.50` in English."""
    whole = f"{abs(cents) // 100:,}"
    sign = "-" if cents < 0 else ""
    if language == "de":
        return f"{sign}{whole.replace(',', '.')},{abs(cents) % 100:02d}\u202f€"
    return f"{sign}€{whole}.{abs(cents) % 100:02d}"
