"""Two rails, never netted: sellers' card money stays in the memo accounts, whatever the code path."""

import ast
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DBAPIError, IntegrityError

from demo.stripe_standin.testing import Running
from foundation import clock
from foundation.config import settings
from foundation.database import session, uuid7
from money.bank.postings import BankPosting
from money.ledger import proof
from money.payments import calling, starting
from money.payments.models import PaymentEvent, Tender
from money.payments.postings import PaymentPosting
from money.payments.tendering import TenderRequest
from tests.builders.ledger import JournalDocument, JournalLine, write
from tests.builders.payments import mixed, opened, prepare, thing, token

ROOT = Path(__file__).resolve().parents[3]
OURS = {"TB", "OB", "PSP", "KZ", "VL", "VB", "VE", "VH", "KR", "GK"}


def test_money_from_outside_has_one_rule_for_provider_and_bank_each(context: Flask) -> None:
    rules = {row.kind: row.source for row in session.execute(sa.text("SELECT kind, source FROM posting_rule"))}
    assert {rules[kind] for kind in PaymentPosting} == {"payment_posting"}
    assert {rules[kind] for kind in BankPosting} == {"bank_posting"}


def test_the_sellers_rail_knows_no_account_of_ours(stripe: Running) -> None:
    payment, _ref, _token = mixed("card", rail="seller")
    stripe.pay(str(starting.start(payment).url))
    calling.advance(payment, force=True)
    lines = "SELECT debit_account, credit_account FROM {} WHERE aggregate_id = :id"
    for source in ("payment_posting()", "entry"):
        found = {tuple(row) for row in session.execute(sa.text(lines.format(source)), {"id": payment})}
        assert found == {("MP", "MV"), ("MF", "MP")}


def test_only_the_gateway_imports_stripe() -> None:
    importers = [
        str(path.relative_to(ROOT))
        for package in ("foundation", "people", "money", "vouchers", "marketplace")
        for path in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if (isinstance(node, ast.Import) and any(a.name.split(".")[0] == "stripe" for a in node.names))
        or (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "stripe")
    ]
    assert importers == ["money/stripe/gateway.py"]


def test_the_proof_finds_sellers_money_on_our_account(own_database: Flask) -> None:
    prepare()
    from_thing = thing(10_00, rail="seller")
    payment = opened(from_thing, TenderRequest("pickup", 10_00))
    starting.start(payment)
    assert "Z-08" not in {finding.code for finding in proof.prove()}
    ledger = session.scalar(sa.text("SELECT ledger_id FROM payment WHERE id = :id"), {"id": payment})
    write(
        JournalDocument(uuid7(), payment, ledger, "wrong"),
        [JournalLine("TB", "MV", 10_00, credit_party=uuid7())],
    )
    session.commit()
    assert "Z-08" in {finding.code for finding in proof.prove()}


def test_the_proof_finds_each_planted_error(own_database: Flask) -> None:
    def plant(statement: str) -> set[str]:
        with psycopg.connect(settings().database_url, autocommit=True) as owner:
            owner.execute("SET session_replication_role = replica")  # past every trigger, as no application could
            owner.execute(statement)  # type: ignore[call-overload]
        return {finding.code for finding in proof.prove()}

    prepare()
    payment = opened(thing(30_00), TenderRequest("test_token", 10_00, token(10_00)), TenderRequest("card", 20_00))
    where = f"payment_id = '{payment}'"
    assert plant("SELECT 1") == set()
    assert "Z-01" in plant(f"UPDATE tender SET cents = cents + 1 WHERE {where} AND external")
    assert "Z-01" not in plant(f"UPDATE tender SET cents = cents - 1 WHERE {where} AND external")
    assert "Z-06" in plant(f"UPDATE tender SET state = 'captured' WHERE {where} AND NOT external")
    assert "Z-06" not in plant(f"UPDATE tender SET state = 'held' WHERE {where} AND NOT external")
    late = f"created_at = '{clock.now() - timedelta(hours=2)}'"
    assert "Z-03" in plant(f"UPDATE provider_call SET {late} WHERE {where}")
    capture = f"UPDATE provider_call SET kind = 'capture', state = 'succeeded' WHERE {where}"
    assert "Z-02" in plant(capture)
    secured = f"UPDATE payment SET state = 'secured', decided_at = now() WHERE id = '{payment}'"
    assert {"Z-06", "Z-07", "Z-10"} <= plant(secured)
    refund = f"UPDATE tender SET refunded_cents = 1 WHERE {where} AND external"
    assert "Z-09" in plant(refund)
    message = (
        "INSERT INTO webhook_event (id, type, object_kind, object_id, raw, received_at, tries)"
        f" VALUES ('evt_old', 't', 'k', 'o', '', '{clock.now() - timedelta(minutes=20)}', 0)"
    )
    assert "Z-04" in plant(message)
    with psycopg.connect(settings().database_url, autocommit=True) as owner:
        owner.execute("DROP INDEX uq_tender_one_external")  # the database itself refuses a second one
    assert "Z-05" in plant(f"UPDATE tender SET external = true WHERE {where}")


def test_the_database_refuses_a_second_external_tender_and_changed_events(stripe: Running) -> None:
    payment, _ref, _voucher = mixed("card")
    row = session.scalars(sa.select(Tender).where(Tender.payment_id == payment, Tender.external)).one()
    session.add(Tender(payment_id=row.payment_id, position=9, method="pickup", external=True, cents=1, state="planned"))
    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()
    event = session.scalars(sa.select(PaymentEvent).where(PaymentEvent.payment_id == payment)).first()
    assert event is not None
    event.cause = "forged"
    with pytest.raises(DBAPIError):
        session.flush()
    session.rollback()
