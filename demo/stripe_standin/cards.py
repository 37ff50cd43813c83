"""Stripe's documented test cards and test IBANs, and what each one does (docs.stripe.com/testing)."""

import re
from dataclasses import dataclass

from .errors import StripeError, declined


@dataclass(frozen=True)
class CardRefusal:
    """Why a payment fails: Stripe's code, decline code and sentence, and the German sentence of the page."""

    code: str
    decline_code: str | None
    message: str
    german: str

    def error(self, charge: str | None = None) -> StripeError:
        return declined(self.message, self.code, self.decline_code, charge)


_DECLINED = "Your card was declined."
_ABGELEHNT = "Ihre Karte wurde abgelehnt."
GENERIC = CardRefusal("card_declined", "generic_decline", _DECLINED, _ABGELEHNT)
FUNDS = CardRefusal(
    "card_declined",
    "insufficient_funds",
    "Your card has insufficient funds.",
    "Ihr Kartenguthaben reicht nicht aus.",
)
LOST = CardRefusal("card_declined", "lost_card", _DECLINED, _ABGELEHNT)
STOLEN = CardRefusal("card_declined", "stolen_card", _DECLINED, _ABGELEHNT)
FRAUD = CardRefusal("card_declined", "fraudulent", _DECLINED, _ABGELEHNT)
EXPIRED = CardRefusal("expired_card", None, "Your card has expired.", "Ihre Karte ist abgelaufen.")
CVC = CardRefusal(
    "incorrect_cvc",
    None,
    "Your card's security code is incorrect.",
    "Die Prüfziffer (CVC) Ihrer Karte ist falsch.",
)
PROCESSING = CardRefusal(
    "processing_error",
    None,
    "An error occurred while processing your card. Try again in a little bit.",
    "Bei der Verarbeitung Ihrer Karte ist ein Fehler aufgetreten. Bitte versuchen Sie es in Kürze noch einmal.",
)
NUMBER = CardRefusal("incorrect_number", None, "Your card number is incorrect.", "Die Kartennummer ist nicht richtig.")
NO_AUTHENTICATION = CardRefusal(
    "payment_intent_authentication_failure",
    None,
    "We are unable to authenticate your payment method. Please choose a different payment method and try again.",
    "Ihre Bank konnte die Zahlung nicht bestätigen. "
    "Bitte wählen Sie ein anderes Zahlungsmittel und versuchen Sie es noch einmal.",
)
DEBIT_FAILED = CardRefusal(
    "generic_decline",
    None,
    "The bank account's payment failed.",
    "Die Lastschrift wurde von der Bank zurückgegeben.",
)
DEBIT_LIMIT = CardRefusal(
    "charge_exceeds_source_limit",
    None,
    "This payment method exceeded the limit of payments processed over a certain amount of time.",
    "Der Betrag überschreitet die Grenze für dieses Konto.",
)


@dataclass(frozen=True)
class Card:
    """One test card. `refusal`: charging fails; `authenticate`: the bank asks first (3-D Secure)."""

    number: str
    does: str
    english: str
    brand: str = "visa"
    refusal: CardRefusal | None = None
    authenticate: bool = False
    dispute: str | None = None
    refund: str | None = None
    listed: bool = True

    @property
    def last4(self) -> str:
        return self.number[-4:]

    @property
    def spaced(self) -> str:
        return " ".join(self.number[place : place + 4] for place in range(0, len(self.number), 4))


CARDS = {
    card.number: card
    for card in (
        Card("4242424242424242", "Zahlung gelingt", "Payment succeeds"),
        Card("4000002500003155", "Bank fragt nach (3-D Secure)", "Bank asks first (3-D Secure)", authenticate=True),
        Card("4000000000003220", "Bank fragt immer nach (3-D Secure 2)", "Bank always asks", authenticate=True),
        Card("4000000000000002", "Karte wird abgelehnt", "Card is declined", refusal=GENERIC),
        Card("4000000000009995", "Guthaben reicht nicht", "Insufficient funds", refusal=FUNDS),
        Card("4000000000000069", "Karte abgelaufen", "Expired card", refusal=EXPIRED),
        Card("4000000000000127", "Prüfziffer falsch", "Incorrect CVC", refusal=CVC),
        Card("4000000000000119", "Fehler beim Verarbeiten", "Processing error", refusal=PROCESSING),
        Card("4000000000000341", "Karte annehmbar, Zahlung scheitert", "Attaches, then fails", refusal=GENERIC),
        Card("4000000000000259", "Zahlung wird später bestritten", "Disputed after payment", dispute="fraudulent"),
        Card("5555555555554444", "Mastercard gelingt", "Mastercard succeeds", brand="mastercard"),
        Card("4000000000000077", "gelingt", "succeeds", listed=False),
        Card("4000002760000016", "gelingt", "succeeds", listed=False),
        Card("4000000000009987", "verloren", "lost", refusal=LOST, listed=False),
        Card("4000000000009979", "gestohlen", "stolen", refusal=STOLEN, listed=False),
        Card("4100000000000019", "Betrug", "fraudulent", refusal=FRAUD, listed=False),
        Card("4000002760003184", "3-D Secure immer", "3-D Secure always", authenticate=True, listed=False),
        Card("4000008260003178", "3-D Secure", "3-D Secure", authenticate=True, refusal=FUNDS, listed=False),
        Card("4000008400001629", "3-D Secure", "3-D Secure", authenticate=True, refusal=GENERIC, listed=False),
        Card("4000000000002685", "bestritten", "disputed", dispute="product_not_received", listed=False),
        Card("4000000000007726", "Erstattung dauert", "refund pending", refund="pending", listed=False),
        Card("4000000000005126", "Erstattung scheitert", "refund fails", refund="failed", listed=False),
    )
}

TOKENS = {
    "pm_card_visa": "4242424242424242",
    "pm_card_mastercard": "5555555555554444",
    "pm_card_de": "4000002760000016",
    "pm_card_bypassPending": "4000000000000077",
    "pm_card_visa_chargeDeclined": "4000000000000002",
    "pm_card_chargeDeclined": "4000000000000002",
    "pm_card_visa_chargeDeclinedInsufficientFunds": "4000000000009995",
    "pm_card_chargeDeclinedInsufficientFunds": "4000000000009995",
    "pm_card_chargeDeclinedExpiredCard": "4000000000000069",
    "pm_card_chargeDeclinedIncorrectCvc": "4000000000000127",
    "pm_card_chargeDeclinedProcessingError": "4000000000000119",
    "pm_card_chargeCustomerFail": "4000000000000341",
    "pm_card_authenticationRequired": "4000002500003155",
    "pm_card_threeDSecure2Required": "4000000000003220",
    "pm_card_createDispute": "4000000000000259",
    "pm_card_pendingRefund": "4000000000007726",
    "pm_card_refundFail": "4000000000005126",
}


@dataclass(frozen=True)
class Iban:
    """One test IBAN. `slow`: final only after the longer delay; `refusal`: comes back; `dispute`: then disputed."""

    number: str
    does: str
    english: str
    slow: bool = False
    refusal: CardRefusal | None = None
    dispute: bool = False

    @property
    def spaced(self) -> str:
        return " ".join(self.number[place : place + 4] for place in range(0, len(self.number), 4))


IBANS = {
    iban.number: iban
    for iban in (
        Iban("DE89370400440532013000", "gelingt nach der Bearbeitung", "succeeds after processing"),
        Iban("DE62370400440532013001", "wird zurückgegeben", "fails", refusal=DEBIT_FAILED),
        Iban("DE08370400440532013003", "gelingt nach längerer Zeit", "succeeds after a delay", slow=True),
        Iban("DE78370400440532013004", "scheitert später", "fails after a delay", slow=True, refusal=DEBIT_FAILED),
        Iban("DE35370400440532013002", "gelingt, dann bestritten", "succeeds, then disputed", dispute=True),
        Iban("DE65370400440000343434", "Grenze überschritten", "exceeds limit", refusal=DEBIT_LIMIT),
    )
}
# Named in our issue; its check digits are wrong, so a real bank would refuse it.
IBANS["DE18370400440532013002"] = Iban("DE18370400440532013002", "gelingt später", "succeeds later", slow=True)


def find_card(text: str) -> Card:
    """The test card of a typed number. Refuses a number that is none, like Stripe's test mode does."""
    number = re.sub(r"[\s-]", "", text)
    if number in CARDS:
        return CARDS[number]
    if not re.fullmatch(r"[0-9]{12,19}", number) or not _luhn(number):
        raise NUMBER.error()
    raise CardRefusal(
        "card_declined",
        "test_mode_live_card",
        "Your card was declined. Your request was in test mode, but used a non test card.",
        "Das ist keine Testkarte. Bitte nehmen Sie eine Nummer aus der Liste.",
    ).error()


def find_iban(text: str) -> Iban:
    """The test IBAN, or any IBAN with right check digits (it succeeds). Refuses others."""
    number = re.sub(r"\s", "", text).upper()
    if number in IBANS:
        return IBANS[number]
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", number) or _remainder(number) != 1:
        raise StripeError(
            "The IBAN you provided is invalid.", code="invalid_bank_account_iban", param="sepa_debit[iban]"
        )
    return Iban(number, "", "")


def _luhn(number: str) -> bool:
    digits = [int(digit) for digit in reversed(number)]
    doubled = [digit * 2 - 9 if digit > 4 else digit * 2 for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _remainder(iban: str) -> int:
    return int("".join(str(int(symbol, 36)) for symbol in iban[4:] + iban[:4])) % 97
