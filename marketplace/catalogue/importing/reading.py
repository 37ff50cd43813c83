"""Reads a file into rows. Spreadsheets write many dialects: UTF-8 or Windows, commas, semicolons or tabs."""

import csv
import io
from dataclasses import dataclass

from foundation.errors import line_not_readable, no_rows
from foundation.uploads import decode_csv
from marketplace.catalogue import errors

MAX_FILE_BYTES = 2 * 1024 * 1024
MAX_ROWS = 5000
MAX_COLUMNS = 300
MAX_CELL_CHARS = 100_000
DELIMITERS = (",", ";", "\t")


@dataclass(frozen=True)
class CsvRow:
    """One row with the number of the line it begins on, as an editor counts."""

    line: int
    cells: dict[str, str]


def decode(data: bytes) -> str:
    """Decode the text of a file. Refuses what is too big, empty, or no text at all."""
    if len(data) > MAX_FILE_BYTES:
        raise errors.file_too_large()
    return decode_csv(data)


def _delimiter(header: str) -> str:
    return max(DELIMITERS, key=header.count)


def read_rows(data: bytes) -> list[CsvRow]:
    """Read the rows under the header, column names in lower case; empty rows are left out.

    Refuses more than 5,000 rows, and what is no CSV.
    """
    text = decode(data)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text.partition("\n")[0]), strict=True)
    csv.field_size_limit(MAX_CELL_CHARS)
    rows: list[CsvRow] = []
    line = 1
    try:
        header = [" ".join(name.split()).lower() for name in next(reader)]
        if len(header) < 2 or len(header) > MAX_COLUMNS:
            raise errors.header_missing()
        line = reader.line_num + 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append(CsvRow(line, dict(zip(header, (c.strip() for c in cells), strict=False))))
            if len(rows) > MAX_ROWS:
                raise errors.too_many_rows()
            line = reader.line_num + 1
    except (csv.Error, StopIteration) as error:
        raise line_not_readable(line, "file") from error
    if not rows:
        raise no_rows("file")
    return rows
