"""What can go wrong, as kinds with a sentence for people, and the refusals that have no word of the trade.

`foundation.http` alone knows the kinds' numbers. Every room above has an `errors.py` with its own refusals.

`code` is for machines and stays the same in every language; `details` are shown to machines too: no secrets in them.
"""

from flask_babel import lazy_gettext as lazy  # languages.py stands above: it needs paths of ours


class DomainError(Exception):
    """A refusal that was foreseen. Nothing was changed when it leaves a transaction.

    `decided`: whether something stands under the idempotency key of the call; nothing where that is not known.
    """

    default_code = "refused"
    decided: bool | None = None

    def __init__(self, sentence: object, code: str | None = None, **details: object) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code or self.default_code
        self.details = details


class Invalid(DomainError):
    """What came in cannot be right: wrong amount, wrong form. `field=` names the place."""

    default_code = "invalid"


class NotSignedIn(DomainError):
    """Nobody is signed in, or the token is not known."""

    default_code = "not_signed_in"


class NotEnough(DomainError):
    """There is less than was asked for."""

    default_code = "not_enough"


class NotAllowed(DomainError):
    """Somebody is signed in who may not do this."""

    default_code = "not_allowed"


class NotFound(DomainError):
    """It does not exist, or whoever asks must not learn that it does."""

    default_code = "not_found"


class Refused(DomainError):
    """The state of things forbids it."""

    default_code = "refused"


class KeyMissing(DomainError):
    """A call that can be repeated came without its idempotency key."""

    default_code = "key_missing"


class TooMany(DomainError):
    """There were too many attempts in a short time."""

    default_code = "too_many"


class Busy(DomainError):
    """Not now: locks, outages. Trying again is right."""

    default_code = "busy"


def gone() -> NotFound:
    """Say that what was asked for does not exist, or not any more."""
    return NotFound(lazy("Das gibt es nicht (mehr)."), "gone")


def document_not_here() -> NotFound:
    """Say that there is no such document or receipt, or that it is another's; it does not exist for who asks."""
    return NotFound(lazy("Diesen Beleg gibt es hier nicht."), "document_unknown")


def contended() -> Busy:
    """Say that others held the same rows for too long; nothing was changed."""
    return Busy(lazy("Gerade arbeiten viele zugleich daran. Bitte versuchen Sie es noch einmal."), "contended")


def database_away() -> Busy:
    """Say that the database does not answer; nothing was changed that was not confirmed."""
    return Busy(lazy("Gerade geht es nicht. Bitte versuchen Sie es in einer Minute noch einmal."), "database_away")


def link_not_valid() -> NotFound:
    """Say that a signed link was changed, is too old or was made for something else."""
    sentence = lazy("Dieser Link gilt nicht (mehr). Bitte öffnen Sie ihn noch einmal aus Ihrer E-Mail.")
    return NotFound(sentence, "link_not_valid")


def address_not_valid() -> Invalid:
    """Say that a mail address cannot be right."""
    return Invalid(lazy("Bitte prüfen Sie die E-Mail-Adresse."), "address_not_valid", field="email")


def figures_not_public() -> NotAllowed:
    """Say that the figures for Prometheus are not for everybody."""
    return NotAllowed(lazy("Diese Zahlen sind nicht öffentlich."), "figures_not_public")


def link_unknown() -> NotFound:
    """Say that an address without an end was not signed by us."""
    return NotFound(lazy("Diesen Link gibt es nicht."), "link_unknown")


def link_used_up() -> NotFound:
    """Say that a link that works once was used or is too old; a new one can be asked for."""
    return NotFound(lazy("Dieser Link gilt nicht (mehr). Bitte fordern Sie einen neuen an."), "link_used_up")


def date_not_valid() -> Invalid:
    """Say that what was chosen is no day of the calendar."""
    return Invalid(lazy("Bitte wählen Sie einen gültigen Tag."), "date_not_valid")


def file_missing() -> Invalid:
    """Say that no file was sent with the form."""
    return Invalid(lazy("Bitte wählen Sie eine Datei."), "file_missing", field="file")


def file_empty(field: str) -> Invalid:
    """Say that nothing is in the file."""
    return Invalid(lazy("Die Datei ist leer."), "file_empty", field=field)


def file_is_excel(field: str) -> Invalid:
    """Ask for CSV instead of a workbook."""
    sentence = lazy("Das ist eine Excel-Datei. Bitte speichern Sie sie in Excel als „CSV (Trennzeichen-getrennt)“.")
    return Invalid(sentence, "file_is_excel", field=field)


def file_not_csv(field: str) -> Invalid:
    """Say that the file is no text."""
    return Invalid(lazy("Diese Datei ist keine CSV-Datei."), "file_not_csv", field=field)


def file_encoding_unknown(field: str) -> Invalid:
    """Say how the file has to be saved."""
    sentence = lazy("Die Umlaute dieser Datei können wir nicht lesen. Bitte speichern Sie sie als „CSV UTF-8“.")
    return Invalid(sentence, "file_encoding_unknown", field=field)


def line_not_readable(line: int, field: str) -> Invalid:
    """Say from which line on the file cannot be read."""
    sentence = lazy(
        "Ab Zeile %(line)s ist die Datei nicht lesbar: Ein Anführungszeichen fehlt oder ein Feld ist zu lang.",
        line=line,
    )
    return Invalid(sentence, "line_not_readable", line=line, field=field)


def no_rows(field: str) -> Invalid:
    """Say that there is a header and nothing under it."""
    return Invalid(lazy("Unter der Kopfzeile steht keine einzige Zeile."), "no_rows", field=field)


def field_too_many(name: str) -> Invalid:
    """Say that a form brought a field that its page does not have; nothing was done."""
    sentence = lazy(
        "Das Formular enthielt ein Feld, das es hier nicht gibt („%(name)s“). Es ist nichts geschehen. "
        "Bitte laden Sie die Seite neu und versuchen Sie es noch einmal.",
        name=name[:40],
    )
    return Invalid(sentence, "field_too_many")
