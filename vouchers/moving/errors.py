"""What moving refuses: each code with its sentence, once."""

from foundation.errors import DomainError, Invalid, Refused
from foundation.languages import _
from money.amount import euro


def list_too_large() -> Invalid:
    """Say that the file holds more than 40 MB."""
    return Invalid(_("Die Datei ist zu groß."), "list_too_large")


def columns_missing() -> Invalid:
    """Say that the list does not say what each voucher is worth, since when, or how it is known."""
    return Invalid(_("Nötig sind die Spalten code oder sha256, balance und issued_on."), "columns_missing")


def list_not_valid(errors: list[str]) -> Invalid:
    """Say that some lines are wrong; `errors` says which and why."""
    return Invalid(_("Die Liste lässt sich so nicht übernehmen."), "list_not_valid", errors=errors)


def total_differs(found_cents: int, expected_cents: int) -> Invalid:
    """Say that the sum of the list is not the one that was expected."""
    sentence = _(
        "Die Liste ergibt %(found)s, erwartet wurden %(total)s.", found=euro(found_cents), total=euro(expected_cents)
    )
    return Invalid(sentence, "total_differs")


def line_above_programme(line: int, maximum_cents: int) -> Invalid:
    """Say that a voucher of the list holds more than the programme allows."""
    sentence = _(
        "Zeile %(line)s: mehr als %(most)s darf auf keinem Gutschein liegen.", line=line, most=euro(maximum_cents)
    )
    return Invalid(sentence, "line_above_programme")


def two_people_needed() -> Refused:
    """Say that two people stand for what comes in."""
    return Refused(_("Das müssen zwei verschiedene Personen sein."), "two_people_needed")


def moved_elsewhere() -> Refused:
    """Say that the list came into another programme before."""
    return Refused(_("Diese Liste wurde schon in ein anderes Programm übernommen."), "moved_elsewhere")


def archive_not_valid() -> Invalid:
    """Say that the file is no archive of an issuer."""
    return Invalid(_("Diese Datei ist kein Auszug eines Herausgebers."), "archive_not_valid")


def archive_format() -> Invalid:
    """Say that the archive was written by another version."""
    return Invalid(_("Dieser Auszug hat ein anderes Format."), "archive_format")


def archive_damaged(name: str) -> Invalid:
    """Say that a file of the archive is missing or was changed."""
    return Invalid(_("Der Auszug ist beschädigt: %(name)s.", name=name), "archive_damaged")


def revision_differs(revision: str) -> Refused:
    """Say that the archive was written with another schema of the database."""
    return Refused(_("Der Auszug gehört zu Stand %(theirs)s der Datenbank.", theirs=revision), "revision_differs")


def pepper_differs() -> Refused:
    """Say that with another CODE_PEPPER no code of the archive would work."""
    return Refused(_("CODE_PEPPER ist hier ein anderer: Kein alter Code würde gelten."), "pepper_differs")


def database_not_empty() -> Refused:
    """Say that an issuer is restored into an empty database only."""
    sentence = _("Hier gibt es schon Daten. Der Auszug braucht eine leere Datenbank.")
    return Refused(sentence, "database_not_empty")


def sums_differ() -> Refused:
    """Say that what was restored does not add up to the manifest's sums: nothing was written."""
    sentence = _("Die Summen stimmen nicht mit dem Auszug überein. Nichts wurde übernommen.")
    return Refused(sentence, "sums_differ")


def line_refused(line: int, refusal: DomainError) -> Refused:
    """Say which line of the list is refused, and why: the refusal is that of issuing, with its code."""
    return Refused(f"Zeile {line}: {refusal.sentence}", refusal.code)


def code_unreadable() -> Invalid:
    """Say what a code of another system looks like; a part of the sentence about its line, as all below."""
    return Invalid(_("der Code braucht 6 bis 64 Buchstaben und Ziffern"), "moved_code_unreadable")


def code_twice(line: int) -> Invalid:
    """Say in which line the same code stands already."""
    return Invalid(_("derselbe Code wie in Zeile %(other)s", other=line), "moved_code_twice")


def digest_unreadable() -> Invalid:
    """Say what the SHA-256 of a code looks like."""
    return Invalid(_("ein SHA-256 hat 64 Zeichen aus 0-9 und a-f"), "moved_digest_unreadable")


def balance_zero() -> Invalid:
    """Say that a voucher without value is not taken over."""
    return Invalid(_("ein Guthaben von null gibt es nicht zu übernehmen"), "moved_balance_zero")


def issue_day_wrong() -> Invalid:
    """Say on which days a voucher can have been issued."""
    return Invalid(_("der Tag der Ausgabe liegt in der Zukunft oder vor 2000"), "moved_issue_day_wrong")


def pin_unreadable() -> Invalid:
    """Say what the PIN of another system looks like."""
    return Invalid(_("die PIN braucht 4 bis 12 Ziffern"), "moved_pin_unreadable")


def day_unreadable() -> Invalid:
    """Say how the list writes a day."""
    return Invalid(_("ein Datum wird 2026-12-31 oder 31.12.2026 geschrieben"), "moved_day_unreadable")
