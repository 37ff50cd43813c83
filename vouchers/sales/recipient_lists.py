"""Recipients from a list (CSV): read, checked line by line, shown, and only then written down; all or none.

Decision 0310.
"""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from foundation import clock, mail
from foundation.errors import Invalid, line_not_readable, no_rows
from foundation.languages import _, lazy
from foundation.uploads import decode_csv
from money import amount
from money.amount import euro
from money.law.queries import load_legal_value
from vouchers.sales import errors
from vouchers.sales.requests import VoucherRequest, normalise

MAX_FILE_BYTES = 200_000
MAX_LIST_LINES = 500
MAX_LIST_COLUMNS = 30
MAX_CELL_CHARACTERS = 2_000
DELIMITERS = (";", ",", "\t")
DELIVERY_HOUR = 8

# What spreadsheets call the columns, in both languages.
COLUMN_HEADINGS = {
    "name": ("name", "empfänger", "empfaenger", "recipient"),
    "email": ("e-mail", "email", "mail", "e-mail-adresse"),
    "amount": ("betrag", "wert", "amount", "value"),
    "message": ("gruß", "gruss", "text", "greeting", "message"),
    "language": ("sprache", "language"),
    "day": ("tag", "datum", "zustellung", "day", "date"),
}
COLUMN_LABELS = {
    "name": lazy("Name"),
    "email": lazy("E-Mail"),
    "amount": lazy("Betrag"),
    "message": lazy("Gruß"),
    "language": lazy("Sprache"),
    "day": lazy("Tag"),
}
REQUIRED_COLUMNS = ("email", "amount")
LANGUAGE_WORDS = {"": "de", "de": "de", "deutsch": "de", "german": "de", "en": "en", "englisch": "en", "english": "en"}


@dataclass(frozen=True)
class ListDefaults:
    """What all vouchers of a list share."""

    programme_id: UUID
    buyer_email: str
    buyer_name: str
    language: str
    design: str
    postcode: str | None = None


@dataclass(frozen=True)
class ListError:
    """What is wrong in which line of the file, as an editor counts, and in which column."""

    line: int
    column: str
    sentence: str


@dataclass(frozen=True)
class CheckedList:
    """What a list would order. With anything wrong nothing of it can be ordered."""

    requests: list[VoucherRequest]
    wrong: list[ListError]

    @property
    def cents(self) -> int:
        """The sum of the face values of all lines."""
        return sum(wanted.cents for wanted in self.requests)


def decode_file(data: bytes) -> str:
    """Decode a file, UTF-8 or Windows-1252. Refuses (`Invalid`) what is too big, empty, or no text."""
    if len(data) > MAX_FILE_BYTES:
        raise errors.list_too_large()
    return decode_csv(data, "list")


def check_list(text: str, common: ListDefaults) -> CheckedList:
    """Check what the list asks for, line by line, with everything that is wrong. Nothing is written.

    Refuses (`Invalid`, field `list`) what is no list with the needed columns, and more than 500 lines.
    """
    requests: list[VoucherRequest] = []
    wrong: list[ListError] = []
    for line, cells in _read_rows(text):
        found = _read_request(line, cells, common, wrong)
        if found:
            requests.append(found)
    if not requests and not wrong:
        raise no_rows("list")
    made = CheckedList(requests, wrong)
    maximum = load_legal_value("voucher.payer_30_days_cents")
    if made.cents > maximum:
        sentence = _("Ohne Prüfung verkaufen wir in 30 Tagen höchstens %(most)s an eine Person.", most=euro(maximum))
        wrong.append(ListError(0, "", sentence))
    return made


def _read_rows(text: str) -> list[tuple[int, dict[str, str]]]:
    first = text.lstrip("\ufeff").partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    csv.field_size_limit(MAX_CELL_CHARACTERS)
    reader = csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""), delimiter=delimiter, strict=True)
    rows: list[tuple[int, dict[str, str]]] = []
    line = 1
    try:
        places = _find_columns(next(reader, []))
        line = reader.line_num + 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((line, {name: cells[i].strip() if i < len(cells) else "" for name, i in places.items()}))
            if len(rows) > MAX_LIST_LINES:
                raise errors.list_too_long(MAX_LIST_LINES)
            line = reader.line_num + 1
    except csv.Error as error:
        raise line_not_readable(line, "list") from error
    return rows


def _find_columns(header: list[str]) -> dict[str, int]:
    names = [" ".join(name.split()).lower() for name in header[:MAX_LIST_COLUMNS]]
    places = {}
    for key, words in COLUMN_HEADINGS.items():
        found = next((place for place, name in enumerate(names) if name in words), None)
        if found is not None:
            places[key] = found
    missing = [str(COLUMN_LABELS[key]) for key in REQUIRED_COLUMNS if key not in places]
    if missing:
        raise errors.list_columns_missing(", ".join(missing))
    return places


def _read_request(
    line: int, cells: dict[str, str], common: ListDefaults, wrong: list[ListError]
) -> VoucherRequest | None:
    """Read the request of one line; what is wrong in it is added to `wrong`, every column of it."""
    before = len(wrong)

    def read(key: str, reader: Callable[[str], object]) -> object:
        try:
            return reader(cells.get(key, ""))
        except Invalid as error:
            wrong.append(ListError(line, str(COLUMN_LABELS[key]), str(error.sentence)))
            return None

    email, cents = read("email", mail.normalise_address), read("amount", amount.parse)
    language, deliver_at = read("language", _read_language), read("day", _read_day)
    if len(wrong) > before:
        return None
    assert isinstance(email, str)
    assert isinstance(cents, int)
    assert isinstance(language, str)
    assert deliver_at is None or isinstance(deliver_at, datetime)
    wanted = VoucherRequest(
        **vars(common),
        cents=cents,
        gift=True,
        recipient_email=email,
        recipient_name=cells.get("name", ""),
        recipient_language=language,
        message=cells.get("message", "").replace("\r\n", "\n"),
        deliver_at=deliver_at,
    )
    try:
        return normalise(wanted)
    except Invalid as error:
        column = {"recipient_name": "name", "deliver_on": "day", "recipient_email": "email"}.get(
            str(error.details.get("field")), str(error.details.get("field"))
        )
        wrong.append(ListError(line, str(COLUMN_LABELS.get(column, "")), str(error.sentence)))
        return None


def _read_language(text: str) -> str:
    found = LANGUAGE_WORDS.get(text.strip().lower())
    if found is None:
        raise errors.language_unknown()
    return found


def _read_day(text: str) -> datetime | None:
    """Read a day, "24.12.2026" or "2026-12-24", as eight in the morning; nothing means at once."""
    if not text:
        return None
    for form in ("%d.%m.%Y", "%Y-%m-%d"):
        try:
            day: date = datetime.strptime(text[:10], form).date()  # noqa: DTZ007 a day, not an instant
        except ValueError:
            continue
        if len(text) <= 10:
            return datetime.combine(day, time(DELIVERY_HOUR), tzinfo=clock.BERLIN)
    raise errors.day_unreadable()
