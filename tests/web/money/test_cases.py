"""The office's page of what waits at the provider: deadlines with what we hold, ways out, and two people for a loss."""

from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from demo.stripe_standin.testing import Running
from foundation import clock
from foundation.database import session, transact
from money.bank.models import BankReturn
from money.payments import applying, calling, cases, messages, refunding, starting
from money.payments.case_models import ProviderCase
from money.payments.models import Payment, PaymentLoss, ProviderCall, Tender, WebhookEvent
from money.payments.states import CaseKind
from money.payments.tendering import TenderRequest
from money.stripe.gateway import CallResult, ResultKind
from tests.builders.bank import account_of
from tests.builders.booking import balance, findings
from tests.builders.orders import organisation, sign_in, staff
from tests.builders.payments import opened, thing

PLACE = "/office/klaerung"


def signed_in(app: Flask, organisation_id: UUID, role: str = "issuer_clerk") -> FlaskClient:
    client = app.test_client()
    sign_in(client, staff(role, organisation_id))
    return client


@pytest.fixture
def payment(stripe: Running) -> UUID:
    """30.00 by card, all of it spent: the thing keeps nothing back."""
    made = opened(thing(30_00), TenderRequest("card", 30_00))
    stripe.pay(starting.start(made).url)
    calling.advance(made, force=True)
    return made


def ledger_of(payment: UUID) -> UUID:
    found = session.get_one(Payment, payment).ledger_id
    session.commit()
    return found


def page(client: FlaskClient) -> str:
    answer = client.get(PLACE)
    assert answer.status_code == 200
    return answer.text


def disputed(stripe: Running, payment: UUID) -> UUID:
    """Gives the loss."""
    tender = session.scalars(sa.select(Tender.provider_ref).where(Tender.payment_id == payment)).one()
    session.commit()
    stripe.call("POST", "/_disputes", {"payment_intent": tender})
    stripe.flush()
    for event in list(session.scalars(sa.select(WebhookEvent.id).where(WebhookEvent.done_at.is_(None)))):
        messages.read_message(event)
    found = session.scalars(sa.select(PaymentLoss.id).where(PaymentLoss.payment_id == payment)).one()
    session.commit()
    return found


def refused(payment: UUID) -> UUID:
    tender = session.scalars(sa.select(Tender.id).where(Tender.payment_id == payment)).one()
    session.commit()
    refund = transact(refunding.refund_tender, tender, 30_00, key=f"r {payment}", reason="withdrawal")
    call = session.scalars(sa.select(ProviderCall.id).where(ProviderCall.subject_id == refund)).one()
    session.commit()
    transact(applying.apply, call, CallResult(ResultKind.REFUSED, code="expired_card"), "test")
    return refund


def test_a_dispute_shows_its_deadline_and_what_we_hold_to_its_own_issuer_only(
    app: Flask, stripe: Running, payment: UUID
) -> None:
    disputed(stripe, payment)
    shown = page(signed_in(app, ledger_of(payment)))
    for words in ("Belege bis", "Wir haben einen Beleg.", "fraudulent (10.4)", "30,00"):
        assert words in shown
    other = page(signed_in(app, organisation("issuer").id))
    assert "Kein Einspruch ist offen." in other


def test_giving_up_a_claim_needs_two_people(app: Flask, stripe: Running, payment: UUID) -> None:
    loss, ledger = disputed(stripe, payment), ledger_of(payment)
    first, second = signed_in(app, ledger), signed_in(app, ledger)
    assert first.post(f"{PLACE}/forderung/{loss}/verzicht", data={"reason": ""}).status_code == 422
    assert first.post(f"{PLACE}/forderung/{loss}/zustimmen").status_code == 409
    assert first.post(f"{PLACE}/forderung/{loss}/verzicht", data={"reason": "Zahler unbekannt"}).status_code == 303
    assert first.post(f"{PLACE}/forderung/{loss}/verzicht", data={"reason": "noch einmal"}).status_code == 409
    answer = first.post(f"{PLACE}/forderung/{loss}/zustimmen")
    assert (answer.status_code, "Eine andere muss zustimmen" in answer.text) == (409, True)
    stranger = signed_in(app, organisation("issuer").id)
    assert stranger.post(f"{PLACE}/forderung/{loss}/zustimmen").status_code == 404
    assert balance("SF", payment) == -30_00
    session.commit()
    assert second.post(f"{PLACE}/forderung/{loss}/zustimmen").status_code == 303
    assert balance("SF", payment) == 0
    booked = sa.text("SELECT debit_account, credit_account, cents FROM entry WHERE kind = 'claim_written_off'")
    assert ("FV", "SF", 30_00) in [tuple(row) for row in session.execute(booked)]
    session.commit()
    assert second.post(f"{PLACE}/forderung/{loss}/zustimmen").status_code == 409
    assert findings() == []


def test_a_declined_proposal_leaves_the_claim(app: Flask, stripe: Running, payment: UUID) -> None:
    loss, ledger = disputed(stripe, payment), ledger_of(payment)
    first, second = signed_in(app, ledger), signed_in(app, ledger)
    first.post(f"{PLACE}/forderung/{loss}/verzicht", data={"reason": "Zahler unbekannt"})
    assert second.post(f"{PLACE}/forderung/{loss}/ablehnen").status_code == 303
    assert (balance("SF", payment), "Verzicht vorschlagen" in page(first)) == (-30_00, True)
    session.commit()


def test_a_failed_refund_is_sent_to_the_account_that_the_payer_named(
    app: Flask, stripe: Running, payment: UUID
) -> None:
    refund, ledger = refused(payment), ledger_of(payment)
    transact(account_of, ledger)
    clerk = signed_in(app, ledger)
    assert "expired_card" in page(clerk)
    form = {"means": "bank_account", "note": "E-Mail vom 4. Mai", "name": "Paula", "iban": "DE89370400440532013000"}
    address = f"{PLACE}/erstattung/{refund}"
    for wrong in ({"means": "cash"}, {"note": "x"}, {"iban": "DE00"}, {"name": ""}):
        assert clerk.post(address, data=form | wrong).status_code == 422
    assert signed_in(app, organisation("issuer").id).post(address, data=form).status_code == 404
    assert clerk.post(address, data=form).status_code == 303
    owed = session.scalars(sa.select(BankReturn).where(BankReturn.payment_id == payment)).one()
    assert (owed.cents, owed.payer_iban) == (30_00, "DE89370400440532013000")
    session.commit()
    assert clerk.post(address, data=form).status_code == 409
    assert "Jede Erstattung ist angekommen" in page(clerk)
    sent, form = f"/office/bank/rueckgabe/{owed.id}", {"done_on": clock.today().isoformat()}
    refusal = clerk.post(sent, data=form)
    assert (refusal.status_code, session.get_one(BankReturn, owed.id, populate_existing=True).done_at) == (409, None)
    session.commit()
    assert signed_in(app, ledger).post(sent, data=form).status_code == 303
    assert session.get_one(BankReturn, owed.id, populate_existing=True).done_at is not None
    session.commit()


def test_a_case_is_the_operators_and_closed_with_a_note(app: Flask, stripe: Running, payment: UUID) -> None:
    ref = f"pi_{uuid4().hex}"
    assert [transact(cases.open_case, CaseKind.UNKNOWN_PAYMENT, ref, 42_50, "succeeded") for _n in range(2)] == [
        True,
        False,
    ]
    case = session.scalars(sa.select(ProviderCase.id).where(ProviderCase.provider_ref == ref)).one()
    session.commit()
    clerk, operator = signed_in(app, ledger_of(payment)), signed_in(app, organisation("operator").id, "operator")
    assert (ref in page(clerk), ref in page(operator)) == (False, True)
    assert clerk.post(f"{PLACE}/fall/{case}", data={"note": "geklärt"}).status_code == 404
    assert operator.post(f"{PLACE}/fall/{case}", data={"note": " "}).status_code == 422
    assert operator.post(f"{PLACE}/fall/{case}", data={"note": "nach der Sicherung erfasst"}).status_code == 303
    assert ref not in page(operator)
