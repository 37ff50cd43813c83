"""The closing of a day, for the till and the desk: the same lines as a page, as CSV and as 80 columns."""

import csv
import io
from datetime import date

from flask import Response

from foundation.languages import _, show_date
from money import amount
from vouchers.tills.receipts import NUMBERS, WIDTH
from vouchers.tills.redemption_log import DayTotal, merge_lines

SHORT = 26


def sum_lines(lines: list[DayTotal]) -> DayTotal:
    """Sum all lines of a day's closing into one."""
    return merge_lines(lines, programme=_("Summe"))


def group_by_till(lines: list[DayTotal]) -> dict[str, list[DayTotal]]:
    """The lines of each till, in their order; orders from the web have a name of their own."""
    found: dict[str, list[DayTotal]] = {}
    for line in lines:
        found.setdefault(line.till or _("Online-Bestellungen"), []).append(line)
    return found


def write_text(shop: str, day: date, lines: list[DayTotal], *, practice: bool = False) -> str:
    """For the printer, to lie beside the register's Z report."""
    head = [shop[:WIDTH], _("Gutscheine am %(day)s", day=show_date(day, NUMBERS))]
    head += [_("ÜBUNG")] if practice else []
    head += [
        "-" * WIDTH,
        _format_row(_("Gutschein"), _("Anzahl"), _("eingelöst"), _("storniert"), _("erstattet"), _("netto")),
    ]
    body: list[str] = []
    for till, here in group_by_till(lines).items():
        body += ["-" * WIDTH, till[:WIDTH], *map(_format_line, here)]
        body += [_format_line(sum_lines(here))] if len(here) > 1 else []
    return "\n".join([*head, *body, "=" * WIDTH, _format_line(sum_lines(lines)), "", *_list_notes()]) + "\n"


def write_csv(day: date, lines: list[DayTotal]) -> str:
    """For the accountant. Amounts in euro with a comma; no cell can become a formula."""
    sheet = io.StringIO()
    rows = csv.writer(sheet, delimiter=";", lineterminator="\r\n")
    rows.writerow(["tag", "kasse", "gutschein", "anzahl", "eingeloest", "storniert", "erstattet", "netto"])
    for line in lines:
        sums = [amount.plain(cents) for cents in (line.taken, line.voided, line.refunded, line.net)]
        rows.writerow(
            [day.isoformat(), _clean_cell(line.till or "online"), _clean_cell(line.programme), line.count, *sums]
        )
    return sheet.getvalue()


def answer_text(text: str) -> Response:
    """Plain text, shown in the browser."""
    return Response(text, content_type="text/plain; charset=utf-8")


def answer_csv(text: str, name: str) -> Response:
    """A file to keep. The mark at its start tells spreadsheets that it is UTF-8."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response("\ufeff" + text, content_type="text/csv; charset=utf-8", headers=headers)


def _clean_cell(text: str) -> str:
    return f"'{text}" if text[:1] in "=+-@\t\r" else text


def _format_line(line: DayTotal) -> str:
    sums = (amount.plain(cents) for cents in (line.taken, line.voided, line.refunded, line.net))
    return _format_row(line.programme, str(line.count), *sums)


def _format_row(name: str, *cells: str) -> str:
    widths = (8, 12, 11, 11, 12)
    return f"{name[:SHORT]:<{SHORT}}" + "".join(
        f"{cell[:width]:>{width}}" for cell, width in zip(cells, widths, strict=True)
    )


def _list_notes() -> tuple[str, ...]:
    return (
        _("Gutscheine sind ein Zahlungsmittel: ohne Steuer, wie Bargeld zu verbuchen."),
        _("Netto ist, was der Gutscheintopf Ihnen für diesen Tag schuldet."),
    )
