"""What the interface for tills refuses before a room is asked: each code and its sentence once.

Codes are read by cash systems (`docs/api/README.md`); `invalid` and `key_missing` are the kinds' own.
"""

from foundation.errors import Invalid, KeyMissing, NotFound, NotSignedIn
from foundation.languages import _


def till_unknown() -> NotSignedIn:
    """Say that a call brought no bearer token that could be a till's."""
    return NotSignedIn(_("Diese Kasse ist nicht angemeldet."), "till_unknown")


def key_missing() -> KeyMissing:
    """Say that a call that can be repeated needs an idempotency key."""
    return KeyMissing(_("Es fehlt der Schlüssel (Idempotency-Key), an dem eine Wiederholung erkannt wird."))


def key_not_valid() -> Invalid:
    """Say which form an idempotency key has."""
    sentence = _("Der Schlüssel (Idempotency-Key) braucht 8 bis 64 Zeichen, am besten eine UUID.")
    return Invalid(sentence, "key_not_valid")


def body_not_an_object() -> Invalid:
    """Say that the body of a call is a JSON object."""
    return Invalid(_("Erwartet wird ein JSON-Objekt."))


def fields_not_valid(faults: object) -> Invalid:
    """Say that the call is wrong; `faults` names the fields and what is wrong with each."""
    return Invalid(_("Bitte prüfen Sie die Angaben."), fields=faults)


def day_not_readable(field: str) -> Invalid:
    """Say how a day is written in an address or a body (ISO 8601)."""
    return Invalid(_("Erwartet wird ein Tag wie 2026-11-23."), "day_not_valid", field=field)


def voucher_header_missing() -> Invalid:
    """Say that a voucher's secret travels in exactly one header, never in an address that servers log."""
    sentence = _(
        "Token oder Code gehören in den Kopf der Anfrage (Voucher-Token oder Voucher-Code), nie in die Adresse."
    )
    return Invalid(sentence, "voucher_header_missing")


def guide_unknown() -> NotFound:
    """Say that there is no such guide or example."""
    return NotFound(_("Diese Anleitung gibt es nicht."))
