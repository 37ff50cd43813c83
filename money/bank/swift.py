"""Reading MT940, the older daily statement, by the library mt-940. Decision 0209."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import mt940

from money.bank import errors
from money.bank.camt import NOT_STATED
from money.bank.stated import (
    MAX_NAME_CHARS,
    MAX_REFERENCE_CHARS,
    MAX_REMITTANCE_CHARS,
    BankStatement,
    StatedBalance,
    StatedLine,
)
from money.bank.states import Direction, LeftOutReason, StatementKind

START = re.compile(r"(?m)^(?=:20:)")
IBAN_FIRST = re.compile(r"([A-Z]{2}[0-9]{2}[0-9A-Z]{11,30})")
GERMAN_IBAN_CHARS = 22
# Which way money went, and whether that takes back what was booked before: RC reverses a credit.
SIDES = {
    "C": (Direction.CREDIT, False),
    "D": (Direction.DEBIT, False),
    "RC": (Direction.DEBIT, True),
    "RD": (Direction.CREDIT, True),
}


def is_mt940(raw: bytes) -> bool:
    """Whether the file begins as an MT940 does, with or without the envelope of SWIFT."""
    return b":20:" in raw[:400] and not raw.lstrip().startswith(b"<")


def read_mt940(raw: bytes) -> list[BankStatement]:
    """Read the statements of a file. Refuses (`Invalid`) what cannot be read."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("iso-8859-1")  # as the older German banks write
    found = [_statement(part) for part in START.split(text.replace("\r\n", "\n"))[1:]]
    if not found:
        raise errors.file_unreadable()
    return found


def _statement(text: str) -> BankStatement:
    try:
        read = mt940.parse(text)
    except (ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError, TypeError, ValueError) as error:
        raise errors.file_unreadable() from error  # the library says so in many ways
    said: dict[str, Any] = read.data
    number = "/".join(str(said.get(name) or "") for name in ("transaction_reference", "statement_number"))
    made = BankStatement(
        str(said.get("account_identification") or ""),
        StatementKind.MT940,
        f"{number}/{said.get('sequence_number') or ''}"[:MAX_REFERENCE_CHARS],
        _balance(said, "final_opening_balance", "intermediate_opening_balance"),
        _balance(said, "final_closing_balance", "intermediate_closing_balance"),
    )
    for position, transaction in enumerate(read, 1):
        taken = _line(position, transaction.data)
        if isinstance(taken, LeftOutReason):
            made.left_out.append((taken, str(position)))
        else:
            made.lines.append(taken)
    return made


def _balance(said: dict[str, Any], *names: str) -> StatedBalance | None:
    found = next((said[name] for name in names if said.get(name)), None)
    if found is None or found.amount.currency != "EUR":
        return None
    cents = _cents(found.amount.amount)
    return None if cents is None else StatedBalance(cents, found.date)


def _cents(amount: Decimal) -> int | None:
    cents = amount * 100
    return int(cents) if cents == cents.to_integral_value() else None


def _line(position: int, said: dict[str, Any]) -> StatedLine | LeftOutReason:
    direction, is_reversal = SIDES.get(str(said.get("status")), (None, False))
    cents = _cents(said["amount"].amount) if said.get("amount") else None
    if direction is None:
        return LeftOutReason.WITHOUT_SIDE
    if cents is None or said.get("currency", "EUR") != "EUR":
        return LeftOutReason.NOT_IN_EURO
    if cents == 0:
        return LeftOutReason.NOTHING
    booked = said.get("entry_date") or said.get("guessed_entry_date") or said.get("date")
    if booked is None:
        return LeftOutReason.WITHOUT_DAY
    iban, name = _party(str(said.get("applicant_name") or ""))
    stated = str(said.get("end_to_end_reference") or "")
    return StatedLine(
        position,
        direction,
        abs(cents),
        booked,
        is_reversal=is_reversal,
        value_on=said.get("date"),
        bank_reference=str(said.get("bank_reference") or said.get("customer_reference") or "")[:MAX_REFERENCE_CHARS],
        end_to_end_id="" if stated in NOT_STATED else stated[:MAX_REFERENCE_CHARS],
        party_name=name[:MAX_NAME_CHARS],
        party_iban=iban,
        remittance=" ".join(_words(said))[:MAX_REMITTANCE_CHARS],
        code="+".join(str(said[key]) for key in ("id", "transaction_code") if said.get(key))[:MAX_REFERENCE_CHARS],
        reason=str(said.get("return_debit_notes") or "")[:35],
    )


def _party(text: str) -> tuple[str | None, str]:
    """IBAN and name: the library gives the fields 31 and 32 as one."""
    found = IBAN_FIRST.match(text)
    if not found:
        return None, text.strip()
    chars = GERMAN_IBAN_CHARS if text.startswith("DE") else len(found[1])
    return text[:chars], text[chars:].strip()


def _words(said: dict[str, Any]) -> Iterator[str]:
    structured = [said.get("purpose"), said.get("additional_purpose")]
    words = [str(part) for part in structured if part] or [str(said.get("transaction_details") or "")]
    yield "".join(words).replace("\n", "").strip()
    stated = str(said.get("end_to_end_reference") or "")
    if stated and stated not in NOT_STATED:
        yield stated
    if not any(words):
        yield str(said.get("posting_text") or said.get("extra_details") or "")
