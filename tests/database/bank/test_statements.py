"""Statements of banks: what is read, what is left out and said, and that the same file twice is nothing new."""

import io
import re
import zipfile
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from foundation.clock import today
from foundation.database import session
from foundation.errors import Invalid, NotFound, Refused
from money.bank import accounts, importing, queries, statements
from money.bank.models import BankReceipt
from money.bank.states import AccountPurpose
from money.ledger import balances
from tests.builders import bank
from tests.builders.booking import findings
from tests.builders.payments import told
from tests.builders.threads import at_once

OLD = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"
SINGLE = "urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"
BOMB = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><Document><BkToCstmrStmt>&a;</BkToCstmrStmt></Document>'


def receipts(iban: str) -> int:
    query = sa.text("SELECT count(*) FROM bank_receipt r JOIN bank_account a ON a.id = r.account_id WHERE a.iban = :i")
    found = session.scalar(query, {"i": iban})
    session.commit()
    return int(found or 0)


def test_a_statement_pays_what_it_names_and_the_same_file_again_is_nothing_new() -> None:
    payment = bank.by_transfer(42_50)
    own = bank.expected(payment)[1]
    iban = bank.iban_of(payment)
    raw = bank.camt(iban, bank.entry("42.50", f"GUTSCHEIN {own[:6]}\n{own[6:]}"), bank.entry("7.00", "ohne"))
    report = importing.import_file(raw)
    assert (report.new, report.new_cents, report.paid, report.to_decide, report.ok) == (2, 49_50, 1, 1, True)
    assert told(payment).state == "secured"
    again = importing.import_file(raw)
    assert (again.new, again.known, again.ok) == (0, 2, True)
    assert receipts(iban) == 2
    assert findings() == []


@pytest.mark.parametrize(("kind", "namespace"), [("053", OLD), ("054", SINGLE), ("053", "urn:of:our:bank")])
def test_any_version_and_both_kinds_are_read(kind: str, namespace: str) -> None:
    status = "<Sts>BOOK</Sts>" if namespace == OLD else "<Sts><Cd>BOOK</Cd></Sts>"
    raw = bank.camt("DE00", bank.entry("1.05", "x", status=status), kind=kind, namespace=namespace)
    (found,) = statements.read_statements(raw)
    assert [(each.cents, each.party_name, each.party_iban) for each in found.credits] == [
        (1_05, "Paula Payer", bank.PAYER_IBAN)
    ]


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (bank.entry("5.00", "x", status="<Sts><Cd>PDNG</Cd></Sts>"), "not_booked"),
        (bank.entry("5.00", "x", currency="CHF"), "not_in_euro"),
        (bank.entry("5.001", "x"), "not_in_euro"),
        (bank.entry("NaN", "x"), "not_in_euro"),
        (bank.entry("0.00", "x"), "nothing"),
        (bank.entry("1e3", "x"), "not_in_euro"),
        (bank.entry("5.", "x"), "not_in_euro"),
        (bank.entry("-5.00", "x"), "not_in_euro"),
        (bank.entry("5.00", "x", day="gestern"), "without_day"),
        (bank.entry("5.00", "x", way="beides"), "without_side"),
    ],
)
def test_what_is_left_out_is_said(entry: str, reason: str) -> None:
    (found,) = statements.read_statements(bank.camt("DE00", entry, bank.entry("1.00", "y")))
    assert [why for why, _reference in found.left_out] == [reason]
    assert [each.cents for each in found.credits] == [1_00]


def test_debits_and_lines_without_the_banks_reference_are_lines_like_others() -> None:
    raw = bank.camt("DE00", bank.entry("5.00", "x", way="DBIT"), bank.entry("1.00", "y", reference=""))
    (found,) = statements.read_statements(raw)
    assert [(line.direction, line.cents, line.position) for line in found.lines] == [
        ("debit", 5_00, 1),
        ("credit", 1_00, 2),
    ]
    assert found.left_out == []


@pytest.mark.parametrize(
    "entry",
    [
        bank.entry("5.00", "x", currency="CHF"),
        bank.entry("5.001", "x"),
        bank.entry("5.00", "x", day="gestern"),
        bank.entry("5.00", "x", way="beides"),
    ],
)
def test_a_file_with_a_booked_line_that_nobody_can_read_is_not_taken(entry: str) -> None:
    payment = bank.by_transfer(10_00)
    iban = bank.iban_of(payment)
    raw = bank.camt(iban, bank.entry("10.00", bank.expected(payment)[1]), entry)
    with pytest.raises(Invalid) as refusal:
        importing.import_file(raw)
    assert refusal.value.code == "line_unreadable"
    assert (receipts(iban), told(payment).state) == (0, "open")


@pytest.mark.parametrize(("written", "cents"), [("5", 5_00), ("5.1", 5_10), ("5.12000", 5_12), ("0.01", 1)])
def test_amounts_are_read_to_the_cent(written: str, cents: int) -> None:
    (found,) = statements.read_statements(bank.camt("DE00", bank.entry(written, "x")))
    assert [each.cents for each in found.credits] == [cents]


def test_a_collective_entry_is_taken_apart() -> None:
    items = "".join(
        f'<TxDtls><Refs><AcctSvcrRef>SUM1</AcctSvcrRef></Refs><Amt Ccy="EUR">{amount}</Amt>'
        f"<CdtDbtInd>CRDT</CdtDbtInd><RmtInf><Strd><CdtrRefInf><Ref>{ref}</Ref></CdtrRefInf></Strd></RmtInf></TxDtls>"
        for amount, ref in (("10.00", "RF1"), ("20.00", "RF2"))
    )
    entry = (
        '<Ntry><Amt Ccy="EUR">30.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>'
        f"<BookgDt><Dt>2026-05-04</Dt></BookgDt><AcctSvcrRef>SUM1</AcctSvcrRef><NtryDtls>{items}</NtryDtls></Ntry>"
    )
    (found,) = statements.read_statements(bank.camt("DE00", entry))
    assert [(c.part, c.bank_reference, c.cents, c.remittance) for c in found.credits] == [
        (1, "SUM1", 10_00, "RF1"),
        (2, "SUM1", 20_00, "RF2"),
    ]


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "file_unreadable"),
        (b"MT940 :20:", "file_unreadable"),
        (BOMB, "file_unreadable"),
        (b"<Document/>", "file_unknown"),
        (b"<html><body/></html>", "file_unknown"),
        (b"x" * (statements.MAX_FILE_BYTES + 1), "statement_too_large"),
    ],
)
def test_files_that_are_no_statement_are_refused(raw: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        statements.read_statements(raw)
    assert refusal.value.code == code


def test_accounts_that_nobody_recorded_or_may_see_are_refused_before_anything_is_taken() -> None:
    payment = bank.by_transfer(10_00)
    iban = bank.iban_of(payment)
    raw = bank.camt(iban, bank.entry("10.00", bank.expected(payment)[1]))
    with pytest.raises(NotFound):
        importing.import_file(bank.camt(bank.iban(), bank.entry("1.00", "x")))
    with pytest.raises(NotFound):
        importing.import_file(raw, allowed=lambda organisation_id: False)
    assert (receipts(iban), told(payment).state) == (0, "open")


def test_a_dry_run_says_the_same_and_writes_nothing() -> None:
    payment = bank.by_transfer(10_00)
    iban = bank.iban_of(payment)
    raw = bank.camt(iban, bank.entry("10.00", bank.expected(payment)[1]), bank.entry("3.00", "ohne"))
    report = importing.import_file(raw, dry_run=True)
    assert (report.new, report.paid, report.to_decide) == (2, 1, 1)
    assert (receipts(iban), told(payment).state) == (0, "open")


def test_the_banks_reference_tells_no_lines_apart() -> None:
    payment = bank.by_transfer(10_00)
    iban = bank.iban_of(payment)
    first = bank.entry("1.00", "x", reference="TWICE")
    other = bank.entry("2.00", "x", reference="TWICE")
    report = importing.import_file(bank.camt(iban, first, other, first, bank.entry("3.00", "x")))
    assert (report.new, report.new_cents, report.refused, report.ok) == (4, 7_00, [], True)
    assert receipts(iban) == 4


def test_two_imports_of_one_file_at_once_take_it_once(app: Flask) -> None:
    payment = bank.by_transfer(10_00)
    iban = bank.iban_of(payment)
    raw = bank.camt(iban, bank.entry("10.00", bank.expected(payment)[1]), *(bank.entry("1.00", "x") for _n in range(8)))
    reports = at_once(app, lambda _n: importing.import_file(raw), range(3))
    assert [each for each in reports if isinstance(each, Exception)] == []
    assert sum(each.new for each in reports) == 9
    assert (receipts(iban), told(payment).secured) == (9, 1)
    assert findings() == []


def test_a_payers_iban_that_is_none_is_left_out_and_the_money_taken() -> None:
    payment = bank.by_transfer(10_00)
    raw = bank.camt(bank.iban_of(payment), bank.entry("9.00", "x", reference=(own := f"R{uuid4().hex}")))
    importing.import_file(raw.replace(bank.PAYER_IBAN.encode(), b"XX12NOIBAN"))
    row = session.scalars(sa.select(BankReceipt).where(BankReceipt.bank_reference == own)).one()
    assert (row.cents, row.payer_iban) == (9_00, None)
    session.commit()


def test_the_command_reports_and_ends_with_one_when_something_is_left(app: Flask, tmp_path: Path) -> None:
    payment = bank.by_transfer(10_00)
    file = tmp_path / "camt.xml"
    file.write_bytes(bank.camt(bank.iban_of(payment), bank.entry("10.00", bank.expected(payment)[1])))
    run = app.test_cli_runner()
    tried = run.invoke(args=["money", "bank", "import", str(file), "--dry-run"])
    assert (tried.exit_code, "Probelauf" in tried.output) == (0, True)
    done = run.invoke(args=["money", "bank", "import", str(file)])
    assert done.exit_code == 0
    assert "1 neue Eingänge" in done.output
    assert told(payment).state == "secured"
    good = bank.camt(bank.iban_of(payment), bank.entry("1.00", "x", reference=""))
    file.write_bytes(good.replace(b'<Amt Ccy="EUR">1.00<', b'<Amt Ccy="EUR">1.50<'))
    left = run.invoke(args=["money", "bank", "import", str(file)])
    assert (left.exit_code, "Unterschied −0,50" in left.output) == (1, True)
    file.write_bytes(good)
    assert run.invoke(args=["money", "bank", "import", str(file)]).exit_code == 0


def packed(*files: bytes) -> bytes:
    """An archive as EBICS delivers it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for place, raw in enumerate(files):
            archive.writestr(zipfile.ZipInfo(f"{place}.xml"), raw, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def chained(payment: UUID, *remittances: str) -> list[bytes]:
    """Statements of consecutive days of 1.00 each, none of them taken yet."""
    account, _own = bank.expected(payment)
    iban, files = bank.iban_of(payment), []
    for place, words in enumerate(remittances):
        raw = bank.camt(iban, bank.entry("1.00", words), opening=bank.last_balance(account) + place * 1_00)
        day = (today() - timedelta(days=len(remittances) - place)).isoformat()
        files.append(raw.replace(today().isoformat().encode(), day.encode()))
    return files


def test_an_archive_is_taken_whole_in_the_order_of_its_days() -> None:
    payment = bank.by_transfer(10_00)
    first, second, third = chained(payment, "a", "b", "c")
    report = importing.import_file(packed(third, first, second))
    assert (report.new, receipts(bank.iban_of(payment))) == (3, 3)
    assert importing.import_file(packed(second, first)).known == 2


def test_an_archive_with_one_bad_statement_is_not_taken_at_all() -> None:
    payment = bank.by_transfer(10_00)
    first, second, third = chained(payment, "a", "b", "c")
    with pytest.raises(Refused) as refusal:
        importing.import_file(packed(first, third))
    assert (refusal.value.code, receipts(bank.iban_of(payment))) == ("statement_not_next", 0)
    importing.import_file(packed(first, second))
    assert receipts(bank.iban_of(payment)) == 2


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (packed(), "file_unreadable"),
        (packed(b"x"), "file_unreadable"),
        (packed(b" " * (statements.MAX_UNPACKED_BYTES + 1)), "archive_too_large"),
        (packed(*[b"<a/>"] * (statements.MAX_ARCHIVE_FILES + 1)), "archive_too_large"),
        (packed(packed(b"<a/>")), "file_unreadable"),
        (packed(b"<Document/>")[:-30], "file_unreadable"),
        (b"PK\x03\x04" + b"x" * 90, "file_unreadable"),
    ],
    ids=["empty", "no_statement", "bomb", "too_many", "nested", "cut_off", "torn"],
)
def test_archives_that_hold_no_statement_or_a_bomb_are_refused(raw: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        statements.read_statements(raw)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("mark", "direction", "is_reversal"),
    [("C", "credit", False), ("D", "debit", False), ("RC", "debit", True), ("RD", "credit", True)],
)
def test_mt940_tells_credits_debits_and_what_takes_them_back(mark: str, direction: str, is_reversal: bool) -> None:
    sign = 1 if direction == "credit" else -1
    closing = 100_00 + sign * 12_34
    raw = (
        ":20:STARTUMSE\n:25:37040044/0532013000\n:28C:00049/001\n:60F:C261130EUR100,00\n"
        f":61:2612011201{mark}R12,34NTRFNONREF//B4711\n:86:166?00UEBERWEISUNG?20EREF+E2E1?21SVWZ+Miete\n"
        f":62F:C261201EUR{closing // 100},{closing % 100:02}\n-\n"
    )
    (found,) = statements.read_statements(raw.encode())
    (line,) = found.lines
    assert (line.direction, line.is_reversal, line.cents, found.difference_cents) == (direction, is_reversal, 12_34, 0)
    assert (line.end_to_end_id, line.remittance) == ("E2E1", "Miete E2E1")


def test_a_statement_is_taken_once_whatever_its_number_and_never_out_of_turn() -> None:
    payment = bank.by_transfer(10_00)
    iban = bank.iban_of(payment)
    raw = bank.camt(iban, bank.entry("1.00", "x"), bank.entry("1.00", "y", way="DBIT"))
    importing.import_file(raw)
    renamed = re.sub(rb"<Id>[0-9a-f]{12}</Id>", b"<Id>anders</Id>", raw)
    with pytest.raises(Refused) as refusal:
        importing.import_file(renamed)
    assert refusal.value.code == "statement_repeated"
    with pytest.raises(Refused) as refusal:
        importing.import_file(raw.replace(b">y<", b">z<"))
    assert refusal.value.code == "statement_differs"
    with pytest.raises(Refused) as refusal:
        importing.import_file(bank.camt(iban, bank.entry("1.00", "x"), opening=5_00))
    assert refusal.value.code == "statement_not_next"
    assert receipts(iban) == 1
    assert findings() == []


def test_a_statement_without_balances_is_not_taken() -> None:
    payment = bank.by_transfer(10_00)
    raw = bank.camt(bank.iban_of(payment), bank.entry("1.00", "x"))
    with pytest.raises(Invalid) as refusal:
        importing.import_file(re.sub(rb"<Bal>.*</Bal>", b"", raw))
    assert refusal.value.code == "balances_missing"


def test_a_transfer_between_own_accounts_stands_against_itself_whichever_comes_first() -> None:
    payment = bank.by_transfer(10_00)
    trust, _own = bank.expected(payment)
    ledger = bank.payment(payment).ledger_id
    session.commit()
    operating = bank.account_of(ledger, purpose=AccountPurpose.OPERATING)
    ibans = {account: accounts.load_account(account).iban for account in (trust, operating)}
    session.commit()
    for first, second, cents in ((trust, operating, 25_00), (operating, trust, 30_00)):
        bank.states(first, bank.line(cents, "Umbuchung", party_iban=ibans[second]))
        bank.states(second, bank.line(-cents, "Umbuchung", party_iban=ibans[first]))
        importing.decide(first, importing.StatementReport())
    found = [balances.load_balance(ledger, key) for key in ("TB", "OB", "KZ")]
    session.commit()
    assert found == [100_00 - 5_00, -100_00 + 5_00, 0]
    assert (queries.list_open_debits([ledger]), queries.list_open_receipts([ledger])) == ([], [])
    session.commit()
    assert findings() == []
