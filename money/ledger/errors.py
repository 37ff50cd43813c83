"""What the books refuse: each code and its sentence once."""

from foundation.errors import Invalid, Refused
from foundation.languages import _


def kind_unknown() -> Refused:
    """Say that a document's kind is no short word."""
    return Refused(_("Die Buchung hat keine gültige Art."), "kind_unknown")


def lines_count() -> Refused:
    """Say how many lines a document may have."""
    return Refused(_("Eine Buchung braucht mindestens eine Zeile und höchstens tausend."), "lines_count")


def cents_wrong() -> Refused:
    """Say that a line needs whole cents above zero."""
    return Refused(_("Eine Buchung braucht einen Betrag größer als null, in ganzen Cent."), "cents_wrong")


def account_unknown(key: str) -> Refused:
    """Say that the plan holds no such account."""
    return Refused(_("Das Konto „%(key)s“ gibt es nicht.", key=key), "account_unknown")


def party_missing(key: str) -> Refused:
    """Say that an account is never posted without its party."""
    return Refused(_("Auf Konto „%(key)s“ fehlt, wessen Geld es ist.", key=key), "party_missing")


def sides_equal() -> Refused:
    """Say that a line has the same account and party on both sides."""
    return Refused(_("Soll und Haben sind dasselbe Konto."), "sides_equal")


def posted_differently() -> Refused:
    """Say that other lines stand under a document's id."""
    return Refused(_("Unter dieser Nummer ist schon etwas anderes gebucht."), "posted_differently")


def already_posted() -> Refused:
    """Say that a document is posted already (decision 0105)."""
    return Refused(_("Diese Buchung gibt es schon."), "already_posted")


def reference_missing() -> Invalid:
    """Ask for the reference of the transfer of own funds."""
    sentence = _("Bitte geben Sie den Verwendungszweck der Überweisung an, höchstens 200 Zeichen.")
    return Invalid(sentence, "reference_missing", field="reference")


def reference_used() -> Refused:
    """Say that another amount was booked under a reference."""
    return Refused(_("Unter diesem Verwendungszweck ist schon ein anderer Betrag gebucht."), "reference_used")


def mark_unknown() -> Invalid:
    """Say that no page of a list gave this mark."""
    return Invalid(_("Diese Seite der Liste gibt es nicht."), "mark_unknown", field="after")
