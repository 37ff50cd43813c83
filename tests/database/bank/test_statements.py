"""Statements of banks: what is read, what is left out and said, and that the same file twice is nothing new."""

from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from foundation.database import session
from foundation.errors import Invalid, NotFound
from money.bank import importing, statements
from money.bank.models import BankReceipt
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
    assert [(each.cents, each.payer_name, each.payer_iban) for each in found.credits] == [
        (1_05, "Paula Payer", bank.PAYER_IBAN)
    ]


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (bank.entry("5.00", "x", way="DBIT"), "debit"),
        (bank.entry("5.00", "x", status="<Sts><Cd>PDNG</Cd></Sts>"), "not_booked"),
        (bank.entry("5.00", "x", currency="CHF"), "not_in_euro"),
        (bank.entry("5.001", "x"), "not_in_euro"),
        (bank.entry("NaN", "x"), "not_in_euro"),
        (bank.entry("0.00", "x"), "not_in_euro"),
        (bank.entry("1e3", "x"), "not_in_euro"),
        (bank.entry("5.", "x"), "not_in_euro"),
        (bank.entry("-5.00", "x"), "not_in_euro"),
        (bank.entry("5.00", "x", day="gestern"), "without_day"),
        (bank.entry("5.00", "x", reference=""), "without_reference"),
    ],
)
def test_what_is_left_out_is_said(entry: str, reason: str) -> None:
    (found,) = statements.read_statements(bank.camt("DE00", entry, bank.entry("1.00", "y")))
    assert [why for why, _reference in found.left_out] == [reason]
    assert [each.cents for each in found.credits] == [1_00]


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
    assert [(c.bank_reference, c.cents, c.remittance) for c in found.credits] == [
        ("SUM1/1", 10_00, "RF1"),
        ("SUM1/2", 20_00, "RF2"),
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


def test_a_line_that_is_refused_stops_no_other_and_is_said() -> None:
    payment = bank.by_transfer(10_00)
    iban = bank.iban_of(payment)
    first = bank.entry("1.00", "x", reference="TWICE")
    other = bank.entry("2.00", "x", reference="TWICE")
    report = importing.import_file(bank.camt(iban, first, other, bank.entry("3.00", "x")))
    assert (report.new, [reference for reference, _why in report.refused], report.ok) == (2, ["TWICE"], False)
    assert receipts(iban) == 2


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
    file.write_bytes(bank.camt(bank.iban_of(payment), bank.entry("1.00", "x", reference="")))
    left = run.invoke(args=["money", "bank", "import", str(file)])
    assert (left.exit_code, "bitte von Hand erfassen" in left.output) == (1, True)
