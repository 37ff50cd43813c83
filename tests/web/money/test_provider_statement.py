"""The office's view of the provider's statement: figures, lines that nobody has booked, and two people who say so."""

from datetime import timedelta

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from demo.stripe_standin.testing import Running
from foundation import clock
from foundation.database import session
from money.ledger import balances
from money.payments import calling, comparing, starting
from money.payments.models import Payment
from money.payments.statement_models import LineProposal, ProviderFeed
from money.payments.tendering import TenderRequest
from tests.builders.booking import findings
from tests.builders.orders import organisation, sign_in, staff
from tests.builders.payments import opened, thing

PLACE = "/office/klaerung"


def operator(app: Flask, role: str = "operator") -> FlaskClient:
    client = app.test_client()
    kind = "operator" if role == "operator" else "issuer"
    sign_in(client, staff(role, organisation(kind).id))
    return client


def test_two_operators_say_what_a_line_was_and_the_difference_ends(alone: Running, own_database: Flask) -> None:
    payment = opened(thing(30_00), TenderRequest("card", 30_00))
    alone.pay(starting.start(payment).url)
    calling.advance(payment, force=True)
    ledger = session.get_one(Payment, payment).ledger_id
    session.commit()
    comparing.compare()
    one, other, issuer = operator(own_database), operator(own_database), operator(own_database, "issuer_clerk")
    assert "Beide stimmen überein" in one.get(PLACE).text
    assert "Zahlungsdienst und Bücher" not in issuer.get(PLACE).text
    ref = alone.line("adjustment", -5_00, description="Korrektur")
    comparing.compare()
    shown = one.get(PLACE).text
    for words in ("Beide stimmen nicht überein", "adjustment: Korrektur", ref, "5,00"):
        assert words in shown
    address = f"{PLACE}/bewegung/{ref}"
    form = {"kind": "fee", "ledger": str(ledger), "reason": "Rechnung vom 4. Mai"}
    for wrong in ({"kind": "gift"}, {"ledger": "x"}, {"ledger": str(payment)}, {"reason": " "}, {"reason": "x" * 501}):
        assert one.post(f"{address}/vorschlag", data=form | wrong).status_code == 422
    assert issuer.post(f"{address}/vorschlag", data=form).status_code == 404
    assert one.post(f"{PLACE}/bewegung/txn_none/vorschlag", data=form).status_code == 404
    assert one.post(f"{address}/vorschlag", data=form).status_code == 303
    proposal = session.scalars(sa.select(LineProposal.id)).one()
    session.commit()
    assert "Das haben Sie vorgeschlagen" in one.get(PLACE).text
    refused = one.post(f"{address}/{proposal}/zustimmen")
    assert (refused.status_code, "Eine andere muss zustimmen" in refused.text) == (409, True)
    assert issuer.post(f"{address}/{proposal}/zustimmen").status_code == 404
    assert other.post(f"{address}/{proposal}/zustimmen").status_code == 303
    assert other.post(f"{address}/{proposal}/ablehnen").status_code == 409
    comparing.compare()
    assert "Beide stimmen überein" in one.get(PLACE).text
    assert (balances.load_balance(ledger, "GK") > 5_00, findings()) == (True, [])
    session.commit()


def test_a_statement_that_was_not_read_for_hours_says_so(alone: Running, own_database: Flask) -> None:
    payment = opened(thing(30_00), TenderRequest("card", 30_00))
    alone.pay(starting.start(payment).url)
    calling.advance(payment, force=True)
    comparing.compare()
    desk = operator(own_database)
    shown = desk.get(PLACE).text
    assert ("Vollständig gelesen bis" in shown, "Der Auszug ist überfällig" in shown) == (True, False)
    session.execute(sa.update(ProviderFeed).values(complete_until=clock.now() - timedelta(hours=4)))
    session.commit()
    assert "Der Auszug ist überfällig" in desk.get(PLACE).text
