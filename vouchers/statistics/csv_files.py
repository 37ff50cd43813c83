"""The figures as CSV: German spreadsheets open it as it is (UTF-8 with mark, semicolons, decimal comma)."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC

from foundation.languages import lazy
from money.amount import plain
from money.ledger import explaining
from money.ledger.models import Entry

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def escape_formula(value: object) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA) and not text[1:].replace(",", "").isdigit() else text


def stream_csv(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Write a CSV file line by line, so that it can be streamed."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    yield "\ufeff"
    writer.writerow(head)
    for row in rows:
        writer.writerow([escape_formula(cell) for cell in row])
        if buffer.tell() > 16000:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


ENTRY_HEAD = (
    lazy("Buchungstag"),
    lazy("Aufgezeichnet (UTC)"),
    lazy("Art"),
    lazy("Soll"),
    lazy("Soll wessen"),
    lazy("Haben"),
    lazy("Haben wessen"),
    lazy("Betrag EUR"),
    lazy("Buchungsbeleg"),
    lazy("Zeile"),
    lazy("Zu"),
    lazy("Berichtigt"),
    lazy("Erklärung"),
)


def make_entry_row(entry: Entry) -> tuple[object, ...]:
    """Give one entry of the books as a row of a file."""
    return (
        entry.booked_on.isoformat(),
        entry.recorded_at.astimezone(UTC).isoformat(timespec="seconds"),
        entry.kind,
        entry.debit_account,
        entry.debit_party,
        entry.credit_account,
        entry.credit_party,
        plain(entry.cents),
        entry.journal_id,
        entry.line_no,
        entry.aggregate_id,
        entry.reverses,
        explaining.explain(entry),
    )
