"""What is wrong with transfers is found: each error planted past every guard, on a database of its own."""

from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa
from flask import Flask

from foundation import clock
from foundation.config import settings
from foundation.database import session, transact
from money.bank import allocation, importing, returning
from money.bank.models import BankLine, BankReturn
from money.bank.stated import BankStatement
from money.bank.states import StatementKind
from money.ledger import proof
from money.payments import refunding
from tests.builders import bank, payments

CLERK = uuid4()


def plant(*statements: str) -> set[str]:
    with psycopg.connect(settings().database_url, autocommit=True) as owner:
        owner.execute("SET session_replication_role = replica")
        for statement in statements:
            owner.execute(statement)  # type: ignore[call-overload]
    return {finding.code for finding in proof.prove()}


@pytest.fixture
def ground(own_database: Flask) -> dict[str, object]:
    """A paid transfer with an open refund, one with a part placed, a receipt given back in part."""
    payments.prepare()
    paid, partly = bank.by_transfer(50_00), bank.by_transfer(50_00)
    bank.came(paid, 50_00)
    part = bank.came(partly, 30_00)
    stray = bank.came(partly, 7_00, "ohne")
    back = transact(allocation.request_return, stray.receipt_id, person_id=CLERK)
    transact(returning.record_return, back, person_id=uuid4(), done_on=clock.today())
    account = bank.expected(partly)[0]
    bank.states(account, bank.line(-7_00, session.get_one(BankReturn, back).remittance))
    bank.states(account, bank.line(-1_00, "Kontofuehrung", party_iban=None), bank.line(-2_00, "unklar", position=2))
    bank.states(account, bank.line(30_00, "Sammler", batch=2, bank_reference="SUM"))
    parts = [bank.line(n * 10_00, f"Teil {n}", part=n, batch_reference="SUM") for n in (1, 2)]
    importing.take([(account, BankStatement("x", StatementKind.CAMT_054, "advice", lines=parts))])
    unclear = session.scalars(sa.select(BankLine.id).where(BankLine.remittance == "unklar")).one()
    tender = bank.payment(paid).tenders[0].id
    session.commit()
    transact(refunding.refund_tender, tender, 5_00, key=f"r {paid}", reason="x")
    return {
        "paid": paid,
        "partly": partly,
        "part": part.receipt_id,
        "stray": stray.receipt_id,
        "back": back,
        "unclear": unclear,
    }


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE bank_receipt SET cents = cents + 1 WHERE id = '{part}'", "Z-12"),
        ("DELETE FROM bank_receipt WHERE id = '{stray}'", "Z-12"),
        ("UPDATE entry SET ledger_id = gen_random_uuid() WHERE journal_id = '{part}'", "Z-12"),
        ("DELETE FROM entry WHERE kind = 'bank_received' AND journal_id = '{stray}'", "Z-12"),
        ("UPDATE bank_placement SET cents = 3001 WHERE receipt_id = '{part}'", "Z-13"),
        ("UPDATE bank_return SET done_at = NULL, done_on = NULL WHERE id = '{back}'", "Z-13"),
        ("UPDATE bank_return SET cents = 1 WHERE id = '{back}'", "Z-12"),
        ("DELETE FROM entry WHERE kind = 'bank_fee'", "Z-12"),
        ("UPDATE bank_placement SET place = 'interest' WHERE place = 'fee'", "Z-12"),
        ("DELETE FROM entry WHERE kind = 'bank_debited' AND journal_id = '{unclear}'", "Z-12"),
        ("UPDATE bank_line SET cents = cents + 1 WHERE id = '{unclear}'", "Z-12"),
        ("UPDATE entry SET credit_account = 'OB' WHERE journal_id = '{unclear}'", "Z-12"),
        ("DELETE FROM bank_line WHERE id = '{unclear}'", "Z-12"),
        ("UPDATE bank_receipt SET cents = 999 WHERE detail_id IS NOT NULL AND cents = 1000", "Z-14"),
        ("DELETE FROM bank_placement WHERE place = 'detail' AND cents = 1000", "Z-14"),
        ("DELETE FROM bank_line WHERE part = 1", "Z-14"),
        ("DELETE FROM bank_line WHERE receipt_id = '{stray}'", "Z-31"),
        ("UPDATE bank_line SET moves = false WHERE receipt_id = '{stray}'", "Z-31"),
        ("UPDATE bank_statement SET opening_cents = opening_cents + 1", "Z-32"),
        ("DELETE FROM bank_line WHERE id = '{unclear}'", "Z-32"),
        ("UPDATE bank_statement SET closing_cents = closing_cents + 1 WHERE follows IS NULL", "Z-32"),
        ("UPDATE bank_placement SET cents = 699 WHERE return_id = '{back}'", "Z-33"),
        ("DELETE FROM bank_placement WHERE return_id = '{back}'", "Z-33"),
        ("UPDATE entry SET debit_party = gen_random_uuid() WHERE journal_id = '{unclear}'", "Z-33"),
        ("UPDATE entry SET kind = 'payment_captured' WHERE journal_id = '{unclear}'", "Z-38"),
        ("UPDATE entry SET kind = 'voucher.issue' WHERE kind = 'bank_fee'", "Z-12"),
        ("UPDATE entry SET kind = 'voucher.load' WHERE kind = 'bank_received' AND journal_id = '{part}'", "Z-38"),
        ("DELETE FROM entry WHERE kind = 'bank_placed'", "Z-12"),
        ("UPDATE entry SET ledger_id = gen_random_uuid() WHERE kind = 'bank_returned'", "Z-12"),
        ("DELETE FROM bank_return WHERE payment_id = '{paid}'", "Z-15"),
        ("UPDATE bank_return SET done_at = now(), done_on = now() WHERE payment_id = '{paid}'", "Z-15"),
        ("UPDATE refund SET state = 'failed' WHERE payment_id = '{paid}'", "Z-15"),
        ("UPDATE tender SET state = 'captured' WHERE payment_id = '{partly}'", "Z-16"),
        ("UPDATE payment SET state = 'failed' WHERE id = '{partly}'", "Z-16"),
        ("DELETE FROM expected_transfer WHERE payment_id = '{partly}'", "Z-16"),
        ("DELETE FROM bank_placement WHERE payment_id = '{paid}'", "Z-16"),
    ],
)
def test_each_planted_error_is_found(ground: dict[str, object], statement: str, code: str) -> None:
    assert plant("SELECT 1") == set()
    assert code in plant(statement.format(**ground))
