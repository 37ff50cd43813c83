"""What Flask-Security says to people, in our words: which event it is, the sentence, and whether it is good news."""

from typing import Any

from foundation.languages import lazy

GONE = lazy("Dieser Link gilt nicht (mehr). Bitte fordern Sie einen neuen an.")
ON_ITS_WAY = lazy("Wenn es zu dieser Adresse einen Zugang gibt, ist eine E-Mail mit einem Link unterwegs.")
TOO_LONG = lazy("Das hat zu lange gedauert. Bitte beginnen Sie noch einmal.")
UNEQUAL = lazy("Die beiden Passwörter sind nicht gleich.")
WRONG_CODE = lazy("Der Code stimmt nicht. Bitte nehmen Sie den neuesten aus Ihrer App.")

BAD: dict[str, Any] = {
    "ANONYMOUS_USER_REQUIRED": lazy("Sie sind schon angemeldet."),
    "DISABLED_ACCOUNT": lazy("Dieser Zugang ist gesperrt."),
    "EMAIL_NOT_PROVIDED": lazy("Bitte geben Sie Ihre E-Mail-Adresse an."),
    "GENERIC_AUTHN_FAILED": lazy("E-Mail-Adresse und Passwort passen nicht zusammen. Bitte prüfen Sie beides."),
    "INVALID_CODE": WRONG_CODE,
    "INVALID_EMAIL_ADDRESS": lazy("Bitte prüfen Sie die E-Mail-Adresse."),
    "INVALID_PASSWORD": lazy("Das Passwort stimmt nicht."),
    "INVALID_PASSWORD_CODE": lazy("Das Passwort stimmt nicht."),
    "INVALID_RECOVERY_CODE": lazy("Dieser Notfallcode gilt nicht (mehr)."),
    "INVALID_RESET_PASSWORD_TOKEN": GONE,
    "NO_RECOVERY_CODES_SETUP": lazy("Es gibt noch keine Notfallcodes."),
    "PASSWORD_INVALID_LENGTH": lazy("Das Passwort braucht mindestens %(length)s Zeichen."),
    "PASSWORD_IS_THE_SAME": lazy("Das neue Passwort muss ein anderes sein als das bisherige."),
    "PASSWORD_MISMATCH": UNEQUAL,
    "PASSWORD_NOT_PROVIDED": lazy("Bitte geben Sie ein Passwort ein."),
    "PASSWORD_RESET_EXPIRED": GONE,
    "RETYPE_PASSWORD_MISMATCH": UNEQUAL,
    "TWO_FACTOR_INVALID_TOKEN": WRONG_CODE,
    "TWO_FACTOR_METHOD_NOT_AVAILABLE": lazy("Bitte wählen Sie eine der Möglichkeiten."),
    "TWO_FACTOR_SETUP_EXPIRED": TOO_LONG,
    "WEBAUTHN_EXPIRED": TOO_LONG,
    "WEBAUTHN_NAME_INUSE": lazy("Diesen Namen hat schon ein anderer Passkey."),
    "WEBAUTHN_NAME_REQUIRED": lazy("Bitte geben Sie dem Gerät einen Namen."),
    "WEBAUTHN_NO_VERIFY": lazy("Der Passkey ließ sich nicht prüfen. Bitte versuchen Sie es noch einmal."),
    "WEBAUTHN_UNKNOWN_CREDENTIAL_ID": lazy("Diesen Passkey kennen wir nicht."),
}
GOOD: dict[str, Any] = {
    "GENERIC_RECOVERY": ON_ITS_WAY,
    "PASSWORD_CHANGE": lazy("Ihr Passwort ist geändert."),
    "PASSWORD_RESET": lazy("Ihr Passwort ist geändert, und Sie sind angemeldet."),
    "PASSWORD_RESET_NO_LOGIN": lazy("Ihr Passwort ist geändert. Bitte melden Sie sich jetzt damit an."),
    "PASSWORD_RESET_REQUEST": ON_ITS_WAY,
    "REAUTHENTICATION_SUCCESSFUL": lazy("Danke, das Passwort stimmt."),
    "TWO_FACTOR_CHANGE_METHOD_SUCCESSFUL": lazy("Der zweite Faktor ist eingerichtet."),
    "TWO_FACTOR_DISABLED": lazy("Der zweite Faktor ist abgeschaltet."),
    "TWO_FACTOR_LOGIN_SUCCESSFUL": lazy("Der Code stimmt. Sie sind angemeldet."),
    "WEBAUTHN_CREDENTIAL_DELETED": lazy("Der Passkey „%(name)s“ ist entfernt."),
    "WEBAUTHN_REGISTER_SUCCESSFUL": lazy("Der Passkey „%(name)s“ ist eingerichtet."),
}


SUBJECTS: dict[str, Any] = {
    "PASSWORD_RESET": lazy("Ihr Link für ein neues Passwort"),
    "PASSWORD_NOTICE": lazy("Ihr Passwort ist geändert"),
    "PASSWORD_CHANGE_NOTICE": lazy("Ihr Passwort ist geändert"),
}


def settings() -> dict[str, Any]:
    """All of it as Flask-Security's configuration takes it: a message is a sentence and its kind."""
    bad = {f"MSG_{event}": (sentence, "error") for event, sentence in BAD.items()}
    good = {f"MSG_{event}": (sentence, "success") for event, sentence in GOOD.items()}
    return bad | good | {f"EMAIL_SUBJECT_{event}": subject for event, subject in SUBJECTS.items()}
