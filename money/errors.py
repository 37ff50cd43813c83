"""What is refused of amounts, accounts and orders alike: each code and its sentence once."""

from foundation.errors import Invalid, NotFound
from foundation.languages import _


def amount_missing(field: str) -> Invalid:
    """Ask for an amount where none was typed."""
    return Invalid(_("Bitte geben Sie einen Betrag ein."), "amount_missing", field=field)


def amount_not_positive(field: str) -> Invalid:
    """Say that an amount of money must be above zero."""
    return Invalid(_("Der Betrag muss größer als null sein."), "amount_not_positive", field=field)


def amount_unreadable(text: str, field: str) -> Invalid:
    """Say how an amount is written; `text` is what was typed."""
    sentence = _("„%(text)s“ ist kein Betrag. Bitte schreiben Sie ihn so: 12,50", text=text)
    return Invalid(sentence, "amount_unreadable", field=field)


def amount_out_of_range(minimum: str, maximum: str, field: str, minimum_cents: int, maximum_cents: int) -> Invalid:
    """Say between which amounts one must lie: `minimum` and `maximum` as people read them, the others for machines."""
    return Invalid(
        _("Der Betrag muss zwischen %(least)s und %(most)s liegen.", least=minimum, most=maximum),
        "amount_out_of_range",
        field=field,
        minimum_cents=minimum_cents,
        maximum_cents=maximum_cents,
    )


def account_holder_missing() -> Invalid:
    """Ask for the holder of a bank account, of at most 70 letters (EPC069-12)."""
    return Invalid(_("Bitte geben Sie den Kontoinhaber an, höchstens 70 Zeichen."), "holder_missing", field="holder")


def order_unknown() -> NotFound:
    """Say that there is no such order, or no such part of it."""
    return NotFound(_("Diese Bestellung gibt es nicht."), "order_unknown")
