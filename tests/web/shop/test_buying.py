"""Buying a voucher in four screens, and looking at it: forms, refusals, the whole way with the stand-in."""

import re
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from demo.stripe_standin.testing import Running
from foundation.database import session, transact
from money.payments import recovering
from money.payments.models import Payment
from people.models import Outlet
from tests.builders import vouchers as build
from tests.builders.ledger import float_for
from tests.builders.sales import last_mail, line_after, text_of
from vouchers.purchases.models import VoucherSale
from vouchers.sales import delivery
from vouchers.stored_value import access
from vouchers.stored_value.models import Programme


@pytest.fixture
def programme(context: Flask) -> Programme:
    made: Programme = transact(build.programme)
    float_for(made.issuer_id)
    return made


def wish(**changes: str) -> dict[str, str]:
    return {"amount": "42,50", "gift": "self", "buyer_email": f"{uuid4().hex}@example.org", "design": "feld"} | changes


def note(client: FlaskClient, programme: Programme, **changes: str) -> str:
    """Fill in the wish; gives the address of the order."""
    answer = client.post(f"/gutscheine/{programme.slug}", data=wish(**changes))
    assert answer.status_code == 302, answer.text
    return str(answer.headers["Location"])


def sales(programme: Programme) -> list[VoucherSale]:
    session.expire_all()
    return list(session.scalars(sa.select(VoucherSale).where(VoucherSale.programme_id == programme.id)))


def test_the_shop_names_each_programme_and_who_accepts_it(client: FlaskClient, programme: Programme) -> None:
    page = client.get("/gutscheine").text
    assert programme.name in page
    assert "Region oder Stadt?" in page
    assert programme.name in client.get(f"/gutscheine/{programme.slug}").text
    assert client.get("/gutscheine/gibt-es-nicht").status_code == 404


def test_where_a_voucher_is_accepted_stands_on_a_page(client: FlaskClient, context: Flask) -> None:
    programme, shop, _issued = build.scene()
    outlet = session.get_one(Outlet, shop.outlet_id)
    page = client.get(f"/gutscheine/{programme.slug}/laeden").text
    assert outlet.name in page
    assert outlet.phone in page
    assert client.get("/gutscheine/gibt-es-nicht/laeden").status_code == 404
    lonely = transact(build.programme, partners=False)
    assert "Gerade nimmt ihn kein Geschäft an" in client.get(f"/gutscheine/{lonely.slug}/laeden").text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"amount": ""}, "Bitte geben Sie einen Betrag ein."),
        ({"amount": "viel"}, "ist kein Betrag"),
        ({"amount": "9,99"}, "Bitte wählen Sie einen Betrag von"),
        ({"amount": "250,01"}, "Bitte wählen Sie einen Betrag von"),
        ({"amount": "-20"}, "ist kein Betrag"),
        ({"amount": "1e2"}, "ist kein Betrag"),
        ({"buyer_email": "anna"}, "Bitte prüfen Sie die E-Mail-Adresse."),
        ({"gift": "gift", "recipient_email": ""}, "Bitte prüfen Sie die E-Mail-Adresse."),
        ({"gift": "gift", "recipient_email": "o@example.org", "deliver_on": "morgen"}, "Bitte wählen Sie einen Tag."),
        (
            {"gift": "gift", "recipient_email": "o@example.org", "deliver_on": "2020-01-01"},
            "innerhalb der nächsten zwölf",
        ),
        ({"message": "x" * 401}, "zu lang"),
        ({"postcode": "4865"}, "Eine Postleitzahl hat fünf Ziffern."),
        ({"design": "x"}, "Bitte wählen Sie ein Motiv."),
    ],
)
def test_what_is_wrong_is_said_at_its_place_and_nothing_is_noted(
    client: FlaskClient, programme: Programme, changes: dict[str, str], sentence: str
) -> None:
    answer = client.post(f"/gutscheine/{programme.slug}", data=wish(**changes))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert sales(programme) == []


def test_what_was_typed_stays_in_the_form(client: FlaskClient, programme: Programme) -> None:
    answer = client.post(f"/gutscheine/{programme.slug}", data=wish(amount="9", buyer_email="anna@example.org"))
    assert 'value="anna@example.org"' in answer.text
    assert 'value="9"' in answer.text


def test_the_summary_says_everything_before_the_button(client: FlaskClient, programme: Programme) -> None:
    page = client.get(note(client, programme)).text
    assert page.index("Mehrzweck-Gutschein, nicht steuerbar") < page.index("zahlungspflichtig bestellen")
    assert "42,50" in page
    assert "innerhalb von 14 Tagen widerrufen" in page
    assert programme.issuer.legal_name in page
    assert "inkl. MwSt" not in page


def test_a_changed_link_leads_nowhere(client: FlaskClient, programme: Programme) -> None:
    link = note(client, programme)
    assert client.get(link + "x").status_code == 404
    assert client.post(link + "x", data={"shown_cents": "4250", "method": "card"}).status_code == 404


@pytest.mark.parametrize("shown", ["", "abc", "4249", "-4250", "9" * 30])
def test_another_total_than_shown_stops_the_order(
    client: FlaskClient, programme: Programme, stripe: Running, shown: str
) -> None:
    link = note(client, programme)
    answer = client.post(link, data={"shown_cents": shown, "method": "card"})
    assert answer.status_code in (409, 422)
    assert [s.state for s in sales(programme)] == ["draft"]


def test_the_whole_way_from_wish_to_balance(client: FlaskClient, programme: Programme, stripe: Running) -> None:
    link = note(client, programme)
    started = client.post(link, data={"shown_cents": "4250", "method": "card"})
    assert started.status_code == 303
    back = stripe.pay(started.headers["Location"])
    client.get(re.sub(r"^https?://[^/]+", "", back))
    stripe.flush()
    recovering.recover()
    assert [s.state for s in sales(programme)] == ["paid"]
    transact(delivery.deliver_sale, str(sales(programme)[0].id))
    assert "liegt in Ihrem Postfach" in client.get(link).text
    letter = text_of(last_mail("vouchers/voucher"))
    address = next(word for word in letter.split() if "/g#" in word)
    seen = client.post("/g", data={"token": address})
    assert seen.status_code == 200
    assert "42,50" in seen.text
    assert "<svg" in seen.text
    by_code = client.post(
        "/g", data={"token": line_after(letter, "Code: "), "pin": line_after(letter, "PIN für das Netz: ")}
    )
    assert "42,50" in by_code.text
    sheet = client.post("/g/blatt", data={"token": address})
    assert sheet.data.startswith(b"%PDF")


def test_a_second_press_leads_to_the_same_payment(client: FlaskClient, programme: Programme, stripe: Running) -> None:
    link = note(client, programme)
    pressed = [client.post(link, data={"shown_cents": "4250", "method": "card"}) for _nth in range(2)]
    assert pressed[0].headers["Location"] == pressed[1].headers["Location"]
    sale = sales(programme)[0]
    assert session.scalar(sa.select(sa.func.count()).where(Payment.ref_id == sale.id)) == 1


def test_a_method_that_is_not_offered_is_refused(client: FlaskClient, programme: Programme, stripe: Running) -> None:
    link = note(client, programme)
    for method in ("pickup", "voucher", "", "gold"):
        assert client.post(link, data={"shown_cents": "4250", "method": method}).status_code in (409, 422)
    assert [s.state for s in sales(programme)] == ["draft"]


@pytest.mark.parametrize(
    "given", ["", "ML1.0000", "ABCD-EFGH-JKM", "x" * 500, "' OR 1=1 --", "http://x/#ML1." + "0" * 26]
)
def test_what_leads_to_no_voucher_gets_one_and_the_same_answer(client: FlaskClient, given: str) -> None:
    answer = client.post("/g", data={"token": given, "pin": "123456"})
    assert answer.status_code == 404
    assert "Dazu finden wir keinen Gutschein." in answer.text


def test_the_token_stands_in_no_address_and_no_answer_is_kept(client: FlaskClient, context: Flask) -> None:
    _programme, _shop, issued = build.scene()
    page = client.post("/g", data={"token": issued.token})
    assert page.headers["Cache-Control"] == "no-store"
    assert not re.search(r'(href|src|action)="[^"]*' + issued.token, page.text)
    assert client.get("/g").headers["Content-Security-Policy"].count("'wasm-unsafe-eval'") == 1


def test_a_blocked_voucher_says_so_to_its_holder(client: FlaskClient, context: Flask) -> None:
    _programme, _shop, issued = build.scene()
    transact(access.block, issued.voucher_id, actor_id=issued.voucher_id, key=str(uuid4()), reason="verloren")
    assert "gesperrt" in client.post("/g", data={"token": issued.token}).text
