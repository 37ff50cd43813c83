"""Reading a bank's statement: CAMT.053 (of a day) and CAMT.054 (single credits), ISO 20022, of any version.

Only credits that are booked and in euro are taken. Everything else is counted, so that nothing is left out silently.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from money.bank import errors
from money.bank.receiving import MAX_NAME_CHARS, MAX_REFERENCE_CHARS, MAX_REMITTANCE_CHARS, BankCredit
from money.bank.states import LeftOutReason

MAX_FILE_BYTES = 10 * 1024 * 1024
MAX_FILE_ENTRIES = 20_000
AMOUNT = re.compile(r"([0-9]{1,11})(?:\.([0-9]{1,2})0*)?")  # ISO 20022 allows more places; cents are all there is
ROOTS = {"BkToCstmrStmt": "Stmt", "BkToCstmrDbtCdtNtfctn": "Ntfctn"}


@dataclass
class BankStatement:
    """What a file says about one account: its credits, and why others were left out (reason, bank's reference)."""

    iban: str
    credits: list[BankCredit] = field(default_factory=list)
    left_out: list[tuple[LeftOutReason, str]] = field(default_factory=list)


def read_statements(raw: bytes) -> list[BankStatement]:
    """Read the statements of a file. Refuses (`Invalid`) what is too large, no XML, or no CAMT.053 or CAMT.054."""
    if len(raw) > MAX_FILE_BYTES:
        raise errors.statement_too_large()
    try:
        root = fromstring(raw, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise errors.file_unreadable() from error
    top = next((child for child in root if _name(child) in ROOTS), None)
    if _name(root) != "Document" or top is None:
        raise errors.file_unknown()
    found = [_statement(part) for part in top if _name(part) == ROOTS[_name(top)]]
    if sum(len(each.credits) + len(each.left_out) for each in found) > MAX_FILE_ENTRIES:
        raise errors.file_too_long()
    return found


def _statement(part: Element) -> BankStatement:
    made = BankStatement(_text(part, "Acct", "Id", "IBAN").replace(" ", "").upper())
    for entry in _all(part, "Ntry"):
        for reference, item in _items(entry):
            taken = _credit(entry, item, reference)
            if isinstance(taken, BankCredit):
                made.credits.append(taken)
            else:
                made.left_out.append((taken, reference))
    return made


def _items(entry: Element) -> Iterator[tuple[str, Element | None]]:
    """The single credits of an entry, each with the bank's own reference; a collective one has several."""
    details = [item for group in _all(entry, "NtryDtls") for item in _all(group, "TxDtls")]
    own = _text(entry, "AcctSvcrRef") or _text(entry, "NtryRef")
    if len(details) <= 1:
        only = details[0] if details else None
        inner = _text(only, "Refs", "AcctSvcrRef") if only is not None else ""
        yield own or inner, only
        return
    for place, item in enumerate(details, 1):
        inner = _text(item, "Refs", "AcctSvcrRef")
        # Within a collective entry some banks repeat the entry's reference: its place then tells them apart.
        yield inner if inner and inner != own else f"{own}/{place}" if own else "", item


def _credit(entry: Element, item: Element | None, reference: str) -> BankCredit | LeftOutReason:
    """The credit, or why it is left out."""
    if (_text(item, "CdtDbtInd") or _text(entry, "CdtDbtInd")) != "CRDT":
        return LeftOutReason.DEBIT
    if (_text(entry, "Sts", "Cd") or _text(entry, "Sts")) != "BOOK":
        return LeftOutReason.NOT_BOOKED
    amount = _amount(entry, item)
    if amount is None:
        return LeftOutReason.NOT_IN_EURO
    booked = _day(entry)
    if booked is None:
        return LeftOutReason.WITHOUT_DAY
    if not reference or len(reference) > MAX_REFERENCE_CHARS:
        return LeftOutReason.WITHOUT_REFERENCE
    return BankCredit(
        bank_reference=reference,
        cents=amount,
        booked_on=booked,
        payer_name=(_text(item, "RltdPties", "Dbtr", "Nm") or _text(item, "RltdPties", "Dbtr", "Pty", "Nm"))[
            :MAX_NAME_CHARS
        ],
        payer_iban=_text(item, "RltdPties", "DbtrAcct", "Id", "IBAN").replace(" ", "") or None,
        remittance=_remittance(entry, item)[:MAX_REMITTANCE_CHARS],
    )


def _amount(entry: Element, item: Element | None) -> int | None:
    """Cents of euro; None for other currencies and what is no amount of money."""
    several = item is not None and len([1 for group in _all(entry, "NtryDtls") for _x in _all(group, "TxDtls")]) > 1
    places = [_at(item, "Amt"), _at(item, "AmtDtls", "TxAmt", "Amt")] if several else [_at(entry, "Amt")]
    found = next((place for place in places if place is not None), None)
    if found is None or found.get("Ccy") != "EUR":
        return None
    written = AMOUNT.fullmatch((found.text or "").strip())
    return int(written[1]) * 100 + int((written[2] or "").ljust(2, "0")) or None if written else None


def _day(entry: Element) -> date | None:
    written = _text(entry, "BookgDt", "Dt") or _text(entry, "BookgDt", "DtTm")
    try:
        return date.fromisoformat(written[:10])
    except ValueError:
        return None


def _remittance(entry: Element, item: Element | None) -> str:
    """Everything the payer wrote: banks cut it into lines in the middle of words, so lines are joined without space."""
    about = _at(item, "RmtInf")
    lines = [(line.text or "").strip("\r\n") for line in _all(about, "Ustrd")]
    lines += [_text(group, "CdtrRefInf", "Ref") for group in _all(about, "Strd")]
    end_to_end = _text(item, "Refs", "EndToEndId")
    words = "".join(lines)
    if end_to_end and end_to_end != "NOTPROVIDED":
        words = f"{words} {end_to_end}"
    return (words or _text(entry, "AddtlNtryInf")).strip()


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _all(element: Element | None, name: str) -> list[Element]:
    return [child for child in element if _name(child) == name] if element is not None else []


def _at(element: Element | None, *names: str) -> Element | None:
    for name in names:
        element = next(iter(_all(element, name)), None)
    return element


def _text(element: Element | None, *names: str) -> str:
    found = _at(element, *names)
    return (found.text or "").strip() if found is not None else ""
