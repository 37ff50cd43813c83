"""Read a list of another system: CSV, checked line by line, all errors at once, nothing written. Decision 0317."""

import csv
import hashlib
import io
import re
from dataclasses import dataclass
from datetime import date

from foundation import clock
from foundation.errors import Invalid
from foundation.languages import _
from money import amount
from vouchers.moving import errors, foreign_codes

MAX_LINES, MAX_FILE_BYTES, MAX_ERRORS = 200_000, 40_000_000, 50
COLUMNS = ("code", "sha256", "balance", "issued_on", "ends_on", "pin")
_GERMAN = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")


@dataclass(frozen=True)
class ListedVoucher:
    """One voucher of the list. `code` is in its usual form; else `digest` is the SHA-256 of it."""

    number: int
    code: str | None
    digest: bytes | None
    cents: int
    issued_on: date
    ends_on: date | None
    pin: str | None

    @property
    def mark(self) -> str:
        """What distinguishes this voucher from all others of its list."""
        return self.code or (self.digest or b"").hex()


@dataclass(frozen=True)
class VoucherList:
    """The whole list, with the digest of its file."""

    lines: list[ListedVoucher]
    digest: bytes

    @property
    def cents(self) -> int:
        """What all vouchers of the list are worth."""
        return sum(line.cents for line in self.lines)


def read_list(data: bytes) -> VoucherList:
    """Read the list in a CSV file (UTF-8 or Windows-1252, comma or semicolon). Columns: code or sha256, balance (euro),
    issued_on; if known ends_on and pin.

    Refuses (`Invalid`, `errors`: sentences with line numbers) wrong lines, codes that appear twice, more than 200,000
    lines, and files of more than 40 MB.
    """
    if len(data) > MAX_FILE_BYTES:
        raise errors.list_too_large()
    rows = csv.DictReader(io.StringIO(_text(data)), delimiter=_separator(data))
    names = [str(name or "").strip().lower() for name in rows.fieldnames or []]
    if not {"balance", "issued_on"} <= set(names) or not {"code", "sha256"} & set(names):
        raise errors.columns_missing()
    rows.fieldnames = names
    return _check_rows(rows, hashlib.sha256(data).digest())


def _check_rows(rows: "csv.DictReader[str]", digest: bytes) -> VoucherList:
    lines: list[ListedVoucher] = []
    sentences: list[str] = []
    seen: dict[str, int] = {}
    for number, row in enumerate(rows, start=2):
        if len(lines) > MAX_LINES or len(sentences) >= MAX_ERRORS:
            break
        try:
            line = _line(number, {name: (row.get(name) or "").strip() for name in COLUMNS})
            if line.mark in seen:
                raise errors.code_twice(seen[line.mark])
        except Invalid as error:
            sentences.append(_("Zeile %(number)s: %(what)s.", number=number, what=str(error.sentence).rstrip(".")))
            continue
        seen[line.mark] = number
        lines.append(line)
    if len(lines) > MAX_LINES:
        sentences.append(_("Mehr als %(most)s Zeilen sind auf einmal nicht möglich.", most=MAX_LINES))
    if sentences or not lines:
        raise errors.list_not_valid(sentences)
    return VoucherList(lines, digest)


def _line(number: int, row: dict[str, str]) -> ListedVoucher:
    code = foreign_codes.normalise(row["code"]) if row["code"] else None
    if row["code"] and code is None:
        raise errors.code_unreadable()
    digest = _digest(row["sha256"]) if not code else None
    cents = amount.parse(row["balance"])
    if cents < 1:
        raise errors.balance_zero()
    issued_on = _date(row["issued_on"])
    if not date(2000, 1, 1) <= issued_on <= clock.today():
        raise errors.issue_day_wrong()
    pin = row["pin"] or None
    if pin and not re.fullmatch(r"\d{4,12}", pin):
        raise errors.pin_unreadable()
    return ListedVoucher(number, code, digest, cents, issued_on, _date(row["ends_on"]) if row["ends_on"] else None, pin)


def _digest(text: str) -> bytes:
    if not re.fullmatch(r"[0-9a-fA-F]{64}", text):
        raise errors.digest_unreadable()
    return bytes.fromhex(text)


def _date(text: str) -> date:
    german = _GERMAN.fullmatch(text)
    try:
        return date(int(german[3]), int(german[2]), int(german[1])) if german else date.fromisoformat(text)
    except ValueError as error:
        raise errors.day_unreadable() from error


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _separator(data: bytes) -> str:
    head = data.split(b"\n", 1)[0]
    return ";" if head.count(b";") >= head.count(b",") else ","
