"""What the pages say, in German and English, and how they choose."""

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

TEXTS: dict[str, dict[str, str]] = {
    "de": {
        "test": "Testzahlung – kein echtes Geld",
        "test_more": "Diese Seite spielt die Bezahlseite von Stripe nach. Geben Sie keine echten Karten- oder Kontodaten ein.",
        "pay_title": "Bezahlen",
        "summary": "Sie bezahlen",
        "total": "Summe",
        "method": "Zahlungsart",
        "card": "Karte",
        "sepa_debit": "SEPA-Lastschrift",
        "number": "Kartennummer",
        "expiry": "Gültig bis (MM/JJ)",
        "cvc": "Prüfziffer (CVC)",
        "name": "Name",
        "holder": "Name auf der Karte",
        "account_holder": "Kontoinhaberin oder Kontoinhaber",
        "email": "E-Mail-Adresse",
        "iban": "IBAN",
        "mandate": "Ich ermächtige den Händler und Stripe (beides nur zum Test), den Betrag von meinem Konto einzuziehen. Ich kann innerhalb von acht Wochen die Erstattung verlangen.",
        "pay": "bezahlen",
        "cancel": "Abbrechen und zurück zum Händler",
        "cards_title": "Testkarten",
        "ibans_title": "Test-IBANs",
        "cards_help": "Wählen Sie eine Nummer: sie wird mit Ablaufdatum und Prüfziffer eingetragen.",
        "ibans_help": "Wählen Sie eine IBAN: sie wird mit einem Namen eingetragen.",
        "error": "Die Zahlung hat nicht geklappt",
        "missing": "Bitte füllen Sie dieses Feld aus.",
        "expiry_wrong": "Bitte geben Sie Monat und Jahr ein, zum Beispiel 12/40.",
        "mandate_missing": "Bitte stimmen Sie dem Lastschriftmandat zu.",
        "email_wrong": "Bitte geben Sie eine E-Mail-Adresse ein.",
        "expired_title": "Diese Bezahlseite ist abgelaufen",
        "expired": "Es wurde nichts abgebucht. Bitte gehen Sie zurück zum Händler und beginnen Sie die Bezahlung neu.",
        "done_title": "Diese Zahlung ist erledigt",
        "done": "Sie müssen hier nichts mehr tun.",
        "back": "Zurück zum Händler",
        "unknown_title": "Diese Bezahlseite gibt es nicht",
        "unknown": "Bitte prüfen Sie die Adresse oder beginnen Sie die Bezahlung beim Händler neu.",
        "bank_title": "Ihre Bank fragt nach",
        "bank": "So sieht die Bestätigung (3-D Secure) Ihrer Bank im Test aus. Möchten Sie die Zahlung freigeben?",
        "bank_yes": "Zahlung freigeben",
        "bank_no": "Ablehnen",
        "bank_over_title": "Hier ist nichts zu bestätigen",
        "setup_title": "Konto für Auszahlungen",
        "setup": "Hier würde Stripe nach Firma, Bankverbindung und Ausweis fragen. Im Test genügt ein Klick.",
        "setup_yes": "Angaben bestätigen",
        "setup_ready": "Dieses Konto ist freigeschaltet.",
        "other_language": "English",
        "home_title": "Stripe-Ersatz für Vorführung und Test",
        "home": "Dieser kleine Server verhält sich wie Stripe. Es fließt kein Geld.",
        "mail_link": "Postfach: alle verschickten E-Mails",
        "state_link": "Stand der Zahlungen (JSON)",
        "mandate_title": "Lastschriftmandat (Test)",
        "mandate_page": "Hier zeigt Stripe den Wortlaut des erteilten Mandats.",
    },
    "en": {
        "test": "Test payment – no real money",
        "test_more": "This page plays the part of Stripe's payment page. Do not enter real card or account details.",
        "pay_title": "Pay",
        "summary": "You pay",
        "total": "Total",
        "method": "Payment method",
        "card": "Card",
        "sepa_debit": "SEPA Direct Debit",
        "number": "Card number",
        "expiry": "Expiry (MM/YY)",
        "cvc": "Security code (CVC)",
        "name": "Name",
        "holder": "Name on card",
        "account_holder": "Account holder",
        "email": "Email address",
        "iban": "IBAN",
        "mandate": "I authorise the merchant and Stripe (both for testing only) to debit my account. I may ask for a refund within eight weeks.",
        "pay": "pay",
        "cancel": "Cancel and go back to the merchant",
        "cards_title": "Test cards",
        "ibans_title": "Test IBANs",
        "cards_help": "Choose a number: it is filled in with an expiry date and a security code.",
        "ibans_help": "Choose an IBAN: it is filled in with a name.",
        "error": "The payment did not go through",
        "missing": "Please fill in this field.",
        "expiry_wrong": "Please enter month and year, for example 12/40.",
        "mandate_missing": "Please agree to the direct debit mandate.",
        "email_wrong": "Please enter an email address.",
        "expired_title": "This payment page has expired",
        "expired": "Nothing was charged. Please go back to the merchant and start the payment again.",
        "done_title": "This payment is done",
        "done": "There is nothing more to do here.",
        "back": "Back to the merchant",
        "unknown_title": "This payment page does not exist",
        "unknown": "Please check the address or start the payment again at the merchant.",
        "bank_title": "Your bank asks you to confirm",
        "bank": "This is what your bank's confirmation (3-D Secure) looks like in a test. Do you want to approve the payment?",
        "bank_yes": "Approve payment",
        "bank_no": "Decline",
        "bank_over_title": "There is nothing to confirm here",
        "setup_title": "Account for payouts",
        "setup": "Here Stripe would ask for company, bank account and identity. In a test one click is enough.",
        "setup_yes": "Confirm details",
        "setup_ready": "This account is enabled.",
        "other_language": "Deutsch",
        "home_title": "Stripe stand-in for demo and tests",
        "home": "This small server behaves like Stripe. No money moves.",
        "mail_link": "Post box: every mail that was sent",
        "state_link": "State of payments (JSON)",
        "mandate_title": "Direct debit mandate (test)",
        "mandate_page": "Here Stripe shows the wording of the mandate.",
    },
}


def sentence(error: StripeError, language: str) -> str:
    """Stripe's message in the reader's language."""
    english = str(error.error["message"])
    if language != "de":
        return english
    code, decline = error.error.get("code"), error.error.get("decline_code")
    if decline == "test_mode_live_card":
        return _LIVE_CARD
    return GERMAN.get((code, decline)) or _BY_CODE.get(code or "", english)


def money(cents: int, language: str) -> str:
    """`1.234,50 €` in German, `€1,234.50` in English."""
    whole = f"{abs(cents) // 100:,}"
    sign = "-" if cents < 0 else ""
    if language == "de":
        return f"{sign}{whole.replace(',', '.')},{abs(cents) % 100:02d}\u202f€"
    return f"{sign}€{whole}.{abs(cents) % 100:02d}"
