"""A counter's account as a file: every sale with clerk and time, every taking back, every payment. Decision 0315."""

import csv
import io
from datetime import date, datetime, timedelta

from foundation import clock
from foundation.languages import _
from money.amount import plain
from vouchers.cards import numbers
from vouchers.cards.models import Counter
from vouchers.cards.statements import CounterStatement

MAX_PERIOD = timedelta(days=366)
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def read_period(since: str, until: str) -> tuple[date, date]:
    """Read the days that were asked for, at most a year; this month when nothing sensible was."""
    today = clock.today()
    first, last = _read_day(since) or today.replace(day=1), _read_day(until) or today
    if last < first:
        first, last = last, first
    return max(first, last - MAX_PERIOD), last


def build_filename(counter: Counter, since: date, until: date) -> str:
    """Build the name of the file: counter, first and last day."""
    return f"verkaufsstelle-{counter.code.lower()}-{since.isoformat()}-{until.isoformat()}.csv"


def write_account(counter: Counter, statement: CounterStatement) -> str:
    """Write the account as CSV with semicolons; amounts as spreadsheets read them in German, signed."""
    out = io.StringIO()
    sheet = csv.writer(out, delimiter=";", lineterminator="\r\n")
    sheet.writerow([_("Zeit"), _("Was"), _("Beleg"), _("Karte"), _("Wer"), _("Bezahlt"), _("Betrag")])
    sheet.writerow([statement.since.isoformat(), _("Übertrag"), "", "", "", "", plain(statement.open_before)])
    rows: list[tuple[str, list[str]]] = []
    for sale in statement.sales:
        number, clerk = numbers.format_number(sale.serial), _escape_formula(sale.clerk)
        cells = [sale.receipt_no, number, clerk, str(sale.tender_name)]
        if _is_within(statement, sale.at):
            rows.append(_format_row(sale.at, [_("verkauft"), *cells], sale.cents))
        if sale.undone_at and _is_within(statement, sale.undone_at):
            rows.append(_format_row(sale.undone_at, [_("zurückgenommen"), *cells], -sale.cents))
    for payment in statement.payments:
        reference = _escape_formula(payment.reference)
        rows.append(_format_row(payment.recorded_at, [_("gezahlt"), reference, "", "", ""], -payment.cents))
    sheet.writerows(row for _when, row in sorted(rows))
    sheet.writerow([statement.until.isoformat(), _("offen"), "", "", "", "", plain(statement.open_after)])
    return "\ufeff" + out.getvalue()


def _is_within(statement: CounterStatement, at: datetime) -> bool:
    return statement.since <= clock.berlin(at).date() <= statement.until


def _format_row(at: datetime, cells: list[str], cents: int) -> tuple[str, list[str]]:
    when = clock.berlin(at).strftime("%Y-%m-%d %H:%M:%S")
    return when, [when, *cells, plain(cents)]


def _escape_formula(text: str) -> str:
    """Make a cell that spreadsheets take for text, whatever somebody wrote."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _read_day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        return None
    return day if date(2020, 1, 1) <= day <= date(2200, 1, 1) else None
