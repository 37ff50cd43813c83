"""Reading CAMT.053 (a day's statement), .052 (within the day) and .054 (details) of ISO 20022, versions .02 to .10.

Every entry becomes a line, credits and debits alike; what a collective entry is made of becomes lines of its own, whose
sum is the entry's.
"""

import re
from collections.abc import Iterator
from datetime import date
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from money.bank import errors
from money.bank.stated import (
    MAX_NAME_CHARS,
    MAX_REFERENCE_CHARS,
    MAX_REMITTANCE_CHARS,
    BankStatement,
    StatedBalance,
    StatedLine,
)
from money.bank.states import Direction, LeftOutReason, StatementKind

AMOUNT = re.compile(r"([0-9]{1,11})(?:\.([0-9]{1,2})0*)?")  # ISO 20022 allows more places; cents are all there is
ROOTS = {
    "BkToCstmrStmt": ("Stmt", StatementKind.CAMT_053),
    "BkToCstmrAcctRpt": ("Rpt", StatementKind.CAMT_052),
    "BkToCstmrDbtCdtNtfctn": ("Ntfctn", StatementKind.CAMT_054),
}
NOT_STATED = frozenset({"NOTPROVIDED", "NONREF", "NOTAVAIL"})
OPENING, CLOSING = ("OPBD", "PRCD", "ITBD"), ("CLBD", "ITBD")  # external balance types, the best first


def read_camt(raw: bytes) -> list[BankStatement]:
    """Read the statements of one XML document. Refuses (`Invalid`) what is no XML, or no CAMT of these three kinds."""
    try:
        root = fromstring(raw, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:  # LookupError: an unknown encoding
        raise errors.file_unreadable() from error
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]  # versions differ in their namespace and little else
    top = next((child for child in root if child.tag in ROOTS), None)
    if root.tag != "Document" or top is None:
        raise errors.file_unknown()
    name, kind = ROOTS[top.tag]
    return [_statement(part, kind) for part in top.findall(name)]


def _statement(part: Element, kind: StatementKind) -> BankStatement:
    sequence = _text(part, "ElctrncSeqNb") or _text(part, "LglSeqNb")
    page = _text(part, "StmtPgntn/PgNb") or _text(part, "RptPgntn/PgNb") or _text(part, "NtfctnPgntn/PgNb")
    made = BankStatement(_account(part), kind, "/".join([_text(part, "Id"), sequence, page])[:MAX_REFERENCE_CHARS])
    made.opening, made.closing = _balance(part, OPENING, 0), _balance(part, CLOSING, -1)
    for position, entry in enumerate(part.findall("Ntry"), 1):
        taken = _entry(entry, position)
        if isinstance(taken, LeftOutReason):
            made.left_out.append((taken, _reference(entry) or str(position)))
        else:
            made.lines += taken
    return made


def _account(part: Element) -> str:
    """The IBAN; else the bank's code, where it stands apart, and the account's number."""
    iban = _text(part, "Acct/Id/IBAN")
    if iban:
        return iban.replace(" ", "").upper()
    number = _text(part, "Acct/Id/Othr/Id")
    bank = _text(part, "Acct/Svcr/FinInstnId/ClrSysMmbId/MmbId")
    return f"{bank} {number}" if bank and len(re.sub(r"\D", "", number)) <= 10 else number


def _balance(part: Element, codes: tuple[str, ...], place: int) -> StatedBalance | None:
    found: dict[str, list[StatedBalance]] = {}
    for balance in part.findall("Bal"):
        cents, day = _cents(balance.find("Amt"), zero=True), _day(balance, "Dt/Dt", "Dt/DtTm")
        if cents is not None and day is not None:
            signed = cents if _text(balance, "CdtDbtInd") == "CRDT" else -cents
            found.setdefault(_text(balance, "Tp/CdOrPrtry/Cd"), []).append(StatedBalance(signed, day))
    return next((found[kind][place] for kind in codes if kind in found), None)


def _entry(entry: Element, position: int) -> list[StatedLine] | LeftOutReason:
    """The lines of an entry, or why it is none."""
    if (_text(entry, "Sts/Cd") or _text(entry, "Sts")) != "BOOK":
        return LeftOutReason.NOT_BOOKED
    cents = _cents(entry.find("Amt"), zero=True)
    if cents == 0:
        return LeftOutReason.NOTHING
    if cents is None:
        return LeftOutReason.NOT_IN_EURO
    booked = _day(entry, "BookgDt/Dt", "BookgDt/DtTm")
    if booked is None:
        return LeftOutReason.WITHOUT_DAY
    direction = _direction(entry)
    if direction is None:
        return LeftOutReason.WITHOUT_SIDE
    details = entry.findall("NtryDtls/TxDtls")
    whole = StatedLine(position, direction, cents, booked, 0, _text(entry, "RvslInd").lower() in {"true", "1"})
    if len(details) > 1:
        return list(_parts(entry, details, whole)) or [_describe(entry, None, whole, batch=len(details))]
    stated = _text(entry, "NtryDtls/Btch/NbOfTxs")
    batch = int(stated) if stated.isdecimal() and len(stated) < 7 and int(stated) > 1 and not details else 0
    return [_describe(entry, details[0] if details else None, whole, batch=batch)]


def _parts(entry: Element, details: list[Element], whole: StatedLine) -> Iterator[StatedLine]:
    """The payments of a collective entry; none when not every one has its amount. Refuses a sum that is another."""
    found: list[StatedLine] = []
    for part, item in enumerate(details, 1):
        cents = next((c for name in ("Amt", "AmtDtls/TxAmt/Amt") if (c := _cents(item.find(name)))), None)
        if cents is None:
            return
        direction = _direction(item) or whole.direction
        found.append(_describe(entry, item, whole._replace(part=part, cents=cents, direction=direction)))
    total = sum(line.signed_cents for line in found)
    if total != whole.signed_cents:
        raise errors.details_differ(whole.position, total - whole.signed_cents)
    yield from found


def _describe(entry: Element, item: Element | None, line: StatedLine, batch: int = 0) -> StatedLine:
    """The line with what the bank says about it. A reversal keeps the parties of what it reverses."""
    pays_in = (line.direction == Direction.CREDIT) != line.is_reversal
    side, other = ("Dbtr", "Cdtr") if pays_in else ("Cdtr", "Dbtr")
    inner = _text(item, "Refs/AcctSvcrRef")
    stated = _text(item, "Refs/EndToEndId")
    return line._replace(
        value_on=_day(entry, "ValDt/Dt", "ValDt/DtTm"),
        bank_reference=(inner if line.part and inner else _reference(entry) or inner)[:MAX_REFERENCE_CHARS],
        end_to_end_id="" if stated in NOT_STATED else stated[:MAX_REFERENCE_CHARS],
        party_name=(_name(item, side) or _name(item, other))[:MAX_NAME_CHARS],
        party_iban=(_iban(item, side) or _iban(item, other))[:50] or None,
        remittance=_remittance(entry, item)[:MAX_REMITTANCE_CHARS],
        code=_code(item if _code(item) else entry)[:MAX_REFERENCE_CHARS],
        reason=(_text(item, "RtrInf/Rsn/Cd") or _text(item, "RtrInf/Rsn/Prtry"))[:35],
        batch=batch,
        batch_reference=_reference(entry)[:MAX_REFERENCE_CHARS] if line.part else "",
    )


def _reference(entry: Element) -> str:
    return _text(entry, "AcctSvcrRef") or _text(entry, "NtryRef")


def _name(item: Element | None, side: str) -> str:
    return _text(item, f"RltdPties/{side}/Nm") or _text(item, f"RltdPties/{side}/Pty/Nm")


def _iban(item: Element | None, side: str) -> str:
    return _text(item, f"RltdPties/{side}Acct/Id/IBAN").replace(" ", "")


def _code(element: Element | None) -> str:
    about = element.find("BkTxCd") if element is not None else None
    words = (_text(about, name) for name in ("Domn/Cd", "Domn/Fmly/Cd", "Domn/Fmly/SubFmlyCd", "Prtry/Cd"))
    return "-".join(word for word in words if word)


def _direction(element: Element) -> Direction | None:
    return {"CRDT": Direction.CREDIT, "DBIT": Direction.DEBIT}.get(_text(element, "CdtDbtInd"))


def _cents(found: Element | None, zero: bool = False) -> int | None:
    """Cents of euro; None for other currencies, for what is no amount of money, and for nothing unless `zero`."""
    if found is None or found.get("Ccy") != "EUR":
        return None
    written = AMOUNT.fullmatch((found.text or "").strip())
    if not written:
        return None
    cents = int(written[1]) * 100 + int((written[2] or "").ljust(2, "0"))
    return cents if cents or zero else None


def _day(element: Element, *paths: str) -> date | None:
    written = next((text for path in paths if (text := _text(element, path))), "")
    try:
        return date.fromisoformat(written[:10])
    except ValueError:
        return None


def _remittance(entry: Element, item: Element | None) -> str:
    """Everything the payer wrote: banks cut it into lines in the middle of words, so lines are joined without space."""
    about = item.find("RmtInf") if item is not None else None
    lines = [] if about is None else [(line.text or "").strip("\r\n") for line in about.findall("Ustrd")]
    lines += [] if about is None else [(ref.text or "").strip() for ref in about.findall("Strd/CdtrRefInf/Ref")]
    words, stated = "".join(lines), _text(item, "Refs/EndToEndId")
    if stated and stated not in NOT_STATED:
        words = f"{words} {stated}"
    return (words or _text(item, "AddtlTxInf") or _text(entry, "AddtlNtryInf")).strip()


def _text(element: Element | None, path: str) -> str:
    found = element.find(path) if element is not None else None
    return (found.text or "").strip() if found is not None else ""
