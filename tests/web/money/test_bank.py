"""The office's bank: who sees what, what a clerk decides, and that every refusal changes nothing."""

import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from demo.stripe_standin.testing import Running
from foundation import clock
from foundation.database import session, transact
from money.bank import allocation, queries
from money.ledger import balances
from money.payments import refunding, starting
from tests.builders import bank, orders
from tests.builders.booking import findings
from tests.builders.orders import sign_in
from tests.builders.organisations import organisation
from tests.builders.payments import told

PLACE = "/office/bank"


def staff(app: Flask, organisation_id: UUID, role: str = "issuer_clerk") -> FlaskClient:
    """A signed-in person of the organisation."""
    client = app.test_client()
    sign_in(client, orders.staff(role, organisation_id))
    return client


@dataclass(frozen=True)
class Desk:
    """A payment that waits for a transfer, and the issuer's clerk."""

    payment: UUID
    account: UUID
    reference: str
    clerk: FlaskClient


@pytest.fixture
def desk(app: Flask, stripe: Running) -> Desk:
    payment = bank.by_transfer(20_00)
    ledger = bank.payment(payment).ledger_id
    return Desk(payment, *bank.expected(payment), staff(app, ledger))


def form(desk: Desk, **changes: str) -> dict[str, str]:
    return {
        "account": str(desk.account),
        "amount": "20,00",
        "booked_on": clock.today().isoformat(),
        "bank_reference": f"PAPER{uuid4().hex[:8]}",
        "payer_name": "Paula Payer",
        "payer_iban": bank.PAYER_IBAN,
        "remittance": desk.reference,
    } | changes


def waiting(desk: Desk) -> list[queries.OpenReceipt]:
    found = queries.list_open_receipts([bank.payment(desk.payment).ledger_id])
    session.commit()
    return found


def test_a_receipt_typed_by_one_clerk_pays_the_order_when_another_assigns_it(app: Flask, desk: Desk) -> None:
    typed = form(desk)
    first = desk.clerk.post(f"{PLACE}/eingang", data=typed, follow_redirects=True)
    assert "Nun entscheidet eine andere Person" in first.text
    (open,) = waiting(desk)
    assert (told(desk.payment).state, open.why, open.missing_cents) == ("open", "exact", 20_00)
    address, wanted = f"{PLACE}/eingang/{open.receipt.id}", {"reference": desk.reference}
    mine = desk.clerk.get(PLACE).text
    assert ("Darum fehlen hier die Knöpfe" in mine, f"{address}/zuordnen" in mine) == (True, False)
    for rest, data in (
        ("zuordnen", wanted),
        ("zuruecksenden", {}),
        ("ablegen", {"where": "own", "note": "Polster"}),
        ("annehmen", {}),
    ):
        refused = desk.clerk.post(f"{address}/{rest}", data=data)
        assert (refused.status_code, "Darüber entscheidet eine andere Person" in refused.text) == (409, True)
    assert (told(desk.payment).state, told(desk.payment).secured) == ("open", 0)
    other = staff(app, bank.payment(desk.payment).ledger_id)
    page = other.get(PLACE).text
    assert ("Von Hand erfasst von" in page, "Darum fehlen hier die Knöpfe" in page) == (True, False)
    assert other.post(f"{address}/zuordnen", data=wanted).status_code == 303
    assert (told(desk.payment).state, told(desk.payment).secured) == ("secured", 1)
    again = desk.clerk.post(f"{PLACE}/eingang", data=typed, follow_redirects=True)
    assert "war schon erfasst" in again.text
    assert waiting(desk) == []
    assert findings() == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"amount": "zwanzig"}, "ist kein Betrag"),
        ({"amount": "0"}, "muss zwischen"),
        ({"booked_on": "gestern"}, "Bitte geben Sie einen Tag an"),
        ({"booked_on": "1999-01-01"}, "mehr als 400 Tage"),
        ({"bank_reference": ""}, "Referenz der Bank"),
        ({"bank_reference": "x" * 141}, "zu lang"),
        ({"payer_iban": "DE12"}, "Diese IBAN stimmt nicht"),
        ({"remittance": "x" * 2001}, "zu lang"),
        ({"account": "x"}, "Bitte wählen Sie ein Konto"),
    ],
)
def test_what_cannot_be_right_is_said_at_its_place(desk: Desk, changes: dict[str, str], sentence: str) -> None:
    answer = desk.clerk.post(f"{PLACE}/eingang", data=form(desk, **changes))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert (told(desk.payment).state, waiting(desk)) == ("open", [])


def test_a_clerk_sees_and_decides_only_about_the_own_issuers_money(app: Flask, desk: Desk) -> None:
    taken = bank.came(desk.payment, 7_00, "ohne")
    foreign = staff(app, organisation("issuer").id)
    assert "Paula Payer" not in foreign.get(PLACE).text
    for rest, data in (
        ("zuordnen", {"reference": desk.reference}),
        ("annehmen", {}),
        ("zuruecksenden", {}),
        ("ablegen", {"where": "own", "note": "meins"}),
    ):
        assert foreign.post(f"{PLACE}/eingang/{taken.receipt_id}/{rest}", data=data).status_code == 404
    assert foreign.post(f"{PLACE}/eingang", data=form(desk)).status_code == 404
    file = {"file": (io.BytesIO(bank.camt(bank.iban_of(desk.payment), bank.entry("1.00", "x"))), "a.xml")}
    assert foreign.post(f"{PLACE}/auszug", data=file).status_code == 422
    assert [open.rest_cents for open in waiting(desk)] == [7_00]
    operator = staff(app, organisation("operator").id, "operator")
    assert "Paula Payer" in operator.get(PLACE).text


def test_nobody_else_comes_in_and_the_sign_in_must_be_fresh(app: Flask, client: FlaskClient, desk: Desk) -> None:
    assert client.get(PLACE).status_code in {302, 401}
    assert staff(app, organisation().id, "retailer_owner").get(PLACE).status_code == 403
    with clock.at(datetime.now(UTC) + timedelta(minutes=16)):
        assert desk.clerk.get(PLACE).status_code in {302, 401}


def test_a_part_is_assigned_by_its_reference_and_wrong_ones_are_refused(desk: Desk) -> None:
    first, second = bank.typed(desk.payment, 12_00, uuid4()), bank.came(desk.payment, 8_00, "ohne")
    page = desk.clerk.get(PLACE).text
    assert "Es fehlt etwas." in page
    assert "Kein Verwendungszweck, den wir kennen." in page
    wrong = desk.clerk.post(f"{PLACE}/eingang/{first.receipt_id}/zuordnen", data={"reference": "RF00AAAA"})
    assert (wrong.status_code, "Bitte prüfen Sie die Zeichen" in wrong.text) == (422, True)
    for taken in (first, second):
        answer = desk.clerk.post(f"{PLACE}/eingang/{taken.receipt_id}/zuordnen", data={"reference": desk.reference})
        assert answer.status_code == 303
    assert (told(desk.payment).state, waiting(desk)) == ("secured", [])
    late = desk.clerk.post(f"{PLACE}/eingang/{first.receipt_id}/zuordnen", data={"reference": desk.reference})
    assert late.status_code == 409
    assert findings() == []


def test_late_money_is_accepted_with_one_press(desk: Desk) -> None:
    starting.abandon(desk.payment, "expired")
    taken = bank.came(desk.payment, 20_00)
    assert "Trotzdem annehmen" in desk.clerk.get(PLACE).text
    assert desk.clerk.post(f"{PLACE}/eingang/{taken.receipt_id}/annehmen").status_code == 303
    assert waiting(desk) == []
    assert findings() == []


def test_money_that_belongs_to_nothing_goes_back_and_is_booked_when_it_is_sent(app: Flask, desk: Desk) -> None:
    taken = bank.came(desk.payment, 7_00, "=1+1")
    ledger = bank.payment(desk.payment).ledger_id
    before = balances.load_balance(ledger, "TB")
    session.commit()
    assert desk.clerk.post(f"{PLACE}/eingang/{taken.receipt_id}/zuruecksenden").status_code == 303
    own = desk.clerk.get(PLACE).text
    assert ("Überweisen muss jemand anderes" in own, "GiroCode für Ihre Banking-App" in own) == (True, False)
    other = staff(app, ledger)
    assert "GiroCode für Ihre Banking-App" in other.get(PLACE).text
    (owed,) = queries.list_open_returns([ledger])
    session.commit()
    file = desk.clerk.get(f"{PLACE}/rueckgaben.csv")
    assert f"Paula Payer;{bank.PAYER_IBAN};7,00;" in file.text
    assert balances.load_balance(ledger, "TB") == before
    session.commit()
    for day in ("", "morgen", (clock.today() + timedelta(days=1)).isoformat()):
        assert other.post(f"{PLACE}/rueckgabe/{owed.id}", data={"done_on": day}).status_code == 422
    done = {"done_on": clock.today().isoformat(), "bank_reference": "OUT1"}
    assert desk.clerk.post(f"{PLACE}/rueckgabe/{owed.id}", data=done).status_code == 409
    for _time in range(2):
        assert other.post(f"{PLACE}/rueckgabe/{owed.id}", data=done).status_code == 303
    assert balances.load_balance(ledger, "TB") == before
    session.commit()
    bank.states(desk.account, bank.line(-7_00, owed.remittance))
    assert balances.load_balance(ledger, "TB") == before - 7_00
    session.commit()
    assert findings() == []


def test_what_was_typed_and_never_stated_is_crossed_out_by_another_clerk(app: Flask, desk: Desk) -> None:
    old = (clock.today() - timedelta(days=6)).isoformat()
    desk.clerk.post(f"{PLACE}/eingang", data=form(desk, booked_on=old))
    (open,) = waiting(desk)
    address = f"{PLACE}/eingang/{open.receipt.id}/streichen"
    own = desk.clerk.get(PLACE).text
    assert ("von der Bank nie bestätigt" in own, "Streichen kann ihn eine andere Person" in own) == (True, True)
    assert (address in own, desk.clerk.post(address, data={"note": "gibt es nicht"}).status_code) == (False, 409)
    other = staff(app, bank.payment(desk.payment).ledger_id)
    assert address in other.get(PLACE).text
    assert other.post(address, data={"note": ""}).status_code == 422
    stranger = staff(app, transact(organisation, "issuer").id)
    assert stranger.post(address, data={"note": "gibt es nicht"}).status_code == 404
    assert other.post(address, data={"note": "gibt es nicht"}).status_code == 303
    assert ("nie bestätigt" in other.get(PLACE).text, waiting(desk), findings()) == (False, [], [])


def test_the_file_of_returns_holds_no_formula(desk: Desk) -> None:
    wanted = vars(bank.credit(7_00, "x", name="=HYPERLINK(1)"))
    typed = form(desk, amount="7,00", remittance="x", payer_name=str(wanted["payer_name"]))
    desk.clerk.post(f"{PLACE}/eingang", data=typed)
    (open,) = waiting(desk)
    transact(allocation.request_return, open.receipt.id, person_id=uuid4())
    assert "'=HYPERLINK(1)" in desk.clerk.get(f"{PLACE}/rueckgaben.csv").text


def test_a_refund_stands_in_the_list_until_it_was_sent(desk: Desk) -> None:
    bank.came(desk.payment, 20_00)
    tender = bank.payment(desk.payment).tenders[0].id
    session.commit()
    transact(refunding.refund_tender, tender, 20_00, key=f"r {desk.payment}", reason="withdrawal")
    assert "Erstattung" in desk.clerk.get(PLACE).text
    (owed,) = queries.list_open_returns([bank.payment(desk.payment).ledger_id])
    session.commit()
    desk.clerk.post(f"{PLACE}/rueckgabe/{owed.id}", data={"done_on": clock.today().isoformat()})
    assert told(desk.payment).state == "refunded"
    assert "Gerade ist nichts zu überweisen" in desk.clerk.get(PLACE).text


def test_own_money_needs_a_word_where_it_comes_from(desk: Desk) -> None:
    taken = bank.came(desk.payment, 7_00, "Polster")
    address = f"{PLACE}/eingang/{taken.receipt_id}/ablegen"
    assert desk.clerk.post(address, data={"where": "own", "note": ""}).status_code == 422
    assert desk.clerk.post(address, data={"where": "x", "note": "Polster"}).status_code == 422
    assert desk.clerk.post(address, data={"where": "provider", "note": "Auszahlung"}).status_code == 409
    assert desk.clerk.post(address, data={"where": "own", "note": "Polster"}).status_code == 303
    assert waiting(desk) == []


def test_a_statement_is_read_in_the_browser_and_says_what_is_left(desk: Desk) -> None:
    raw = bank.camt(
        bank.iban_of(desk.payment), bank.entry("20.00", desk.reference), bank.entry("3.00", "x", reference="")
    )
    answer = desk.clerk.post(f"{PLACE}/auszug", data={"file": (io.BytesIO(raw), "a.xml")}, follow_redirects=True)
    assert "2 neue Eingänge, 0 Abgänge, 0 Umsätze waren bekannt. 1 Bestellungen sind bezahlt." in answer.text
    assert "1 Umsätze warten auf eine Entscheidung" in answer.text
    assert told(desk.payment).state == "secured"
    for data in ({}, {"file": (io.BytesIO(b"x"), "a.xml")}):
        assert desk.clerk.post(f"{PLACE}/auszug", data=data).status_code == 422


def test_a_debit_is_shown_with_what_it_may_be_and_explained_by_two_clerks(app: Flask, desk: Desk) -> None:
    bank.states(desk.account, bank.line(-5_00, "Lastschrift Telefon", party_name="Telefon AG", party_iban=None))
    ledger = bank.payment(desk.payment).ledger_id
    (debit,) = queries.list_open_debits([ledger])
    session.commit()
    page = desk.clerk.get(PLACE).text
    assert ("Lastschrift Telefon" in page, "Belastungen" in page) == (True, True)
    address = f"{PLACE}/belastung/{debit.line.id}/vorschlagen"
    for data in ({"place": "own", "note": ""}, {"place": "x", "note": "Telefon"}):
        assert desk.clerk.post(address, data=data).status_code == 422
    wanted = {"place": "own", "note": "Telefon, vom falschen Konto"}
    foreign = staff(app, organisation("issuer").id)
    assert foreign.post(address, data=wanted).status_code == 404
    assert desk.clerk.post(address, data=wanted).status_code == 303
    (debit,) = queries.list_open_debits([ledger])
    session.commit()
    assert debit.proposal
    decision = f"{PLACE}/belastung/vorschlag/{debit.proposal.id}"
    assert desk.clerk.post(decision, data={"agreed": "yes"}).status_code == 409
    assert foreign.post(decision, data={"agreed": "yes"}).status_code == 404
    other = staff(app, ledger)
    assert "Telefon, vom falschen Konto" in other.get(PLACE).text
    assert other.post(decision, data={"agreed": "yes"}).status_code == 303
    assert "Lastschrift Telefon" not in other.get(PLACE).text
    assert findings() == []


def test_what_bank_and_books_differ_by_is_shown(desk: Desk) -> None:
    """The builder books 100.00 of own money by hand, of which no statement knows."""
    bank.states(desk.account, bank.line(7_00, "ohne"))
    (found,) = queries.list_balances([bank.payment(desk.payment).ledger_id])
    session.commit()
    assert (found.bank_cents, found.books_cents, found.difference_cents) == (7_00, 107_00, -100_00)
    assert "Bank und Bücher sind nicht gleich" in desk.clerk.get(PLACE).text
    bank.states(desk.account, bank.line(100_00, "Eigenes Geld"))
    (found,) = queries.list_balances([bank.payment(desk.payment).ledger_id])
    session.commit()
    assert found.bank_cents == 107_00
