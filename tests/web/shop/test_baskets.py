"""The shop's pages beyond one voucher: baskets, pictures, lists, the order page's repairs, letters in the office."""

import io
import re
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from demo.stripe_standin.testing import Running
from foundation.database import session, transact
from money.payments.models import Payment
from tests.builders import orders as people
from tests.builders import vouchers as build
from tests.builders.bank import account_of, came
from tests.builders.calendar import coming
from tests.builders.ledger import float_for
from tests.builders.sales import last_mail, lines, link_in, paid, sale, text_of
from vouchers.purchases import links as purchase_links
from vouchers.purchases.models import VoucherOrder, VoucherPicture, VoucherSale
from vouchers.stored_value.models import Programme


@pytest.fixture
def two(context: Flask) -> tuple[Programme, Programme]:
    """Programmes of two issuers, with accounts for transfers."""
    first, second = transact(build.programme), transact(build.programme)
    for each in (first, second):
        float_for(each.issuer_id)
        account_of(each.issuer_id)
    return first, second


def wish(**changes: Any) -> dict[str, Any]:
    return {"amount": "42,50", "gift": "self", "buyer_email": f"{uuid4().hex}@example.org", "design": "feld"} | changes


def note(client: FlaskClient, programme: Programme, **changes: Any) -> str:
    answer = client.post(f"/gutscheine/{programme.slug}", data=wish(**changes), content_type="multipart/form-data")
    assert answer.status_code == 302, answer.text
    return str(answer.headers["Location"])


def order_of(link: str) -> VoucherOrder:
    session.expire_all()
    return session.get_one(VoucherOrder, purchase_links.read_order_link(link.rpartition("/")[2]))


def jpeg() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (400, 300), "red").save(out, "JPEG")
    return out.getvalue()


def test_a_second_voucher_joins_the_order_and_is_paid_with_it(
    client: FlaskClient, two: tuple[Programme, Programme], stripe: Running
) -> None:
    link = note(client, two[0])
    signed = link.rpartition("/")[2]
    assert "Noch einen Gutschein dazulegen" in client.get(link).text
    assert f"bestellung={signed}" in client.get(f"/gutscheine?bestellung={signed}").text
    assert "kommt zu Ihrer Bestellung" in client.get(f"/gutscheine/{two[1].slug}?bestellung={signed}").text
    again = note(client, two[1], amount="20", bestellung=signed, buyer_email="")
    assert again == link
    page = client.get(link).text
    assert "62,50" in page
    assert "Sie schließen mehrere Verträge" in page
    assert "Überweisen geht nur, wenn alles vom selben Herausgeber ist" in page
    for programme in two:
        assert programme.issuer.legal_name in page
    pressed = [client.post(link, data={"shown_cents": "6250", "method": "card"}) for _n in range(2)]
    assert pressed[0].headers["Location"] == pressed[1].headers["Location"]
    order = order_of(link)
    assert session.scalar(sa.select(sa.func.count()).where(Payment.ref_id == order.id)) == 1


def test_a_line_can_be_changed_and_taken_out(client: FlaskClient, two: tuple[Programme, Programme]) -> None:
    link = note(client, two[0])
    signed = link.rpartition("/")[2]
    note(client, two[1], amount="20", bestellung=signed)
    first, second = lines(order_of(link).id)
    form = client.get(f"/gutscheine/{two[0].slug}?bestellung={signed}&nr={first.number}").text
    assert 'value="42,50"' in form
    note(client, two[0], amount="50", bestellung=signed, nr=first.number, buyer_email="neu@example.org")
    assert [each.cents for each in lines(order_of(link).id)] == [50_00, 20_00]
    assert client.post(f"{link}/{second.number}/entfernen").status_code == 303
    assert [each.cents for each in lines(order_of(link).id)] == [50_00]
    page = client.post(f"{link}/{first.number}/entfernen", follow_redirects=True).text
    assert "der letzte Gutschein" in page
    assert client.post(f"{link}/MG-AAAA-AAAA/entfernen").status_code == 404


def test_pressing_twice_or_going_back_makes_no_second_voucher(
    client: FlaskClient, two: tuple[Programme, Programme]
) -> None:
    form = client.get(f"/gutscheine/{two[0].slug}").text
    found = re.search(r'name="form_key" value="([^"]+)"', form)
    assert found
    typed = wish(form_key=found[1])
    links = {client.post(f"/gutscheine/{two[0].slug}", data=typed).headers["Location"] for _n in range(3)}
    assert len(links) == 1
    changed = client.post(f"/gutscheine/{two[0].slug}", data=typed | {"amount": "30"})
    assert changed.headers["Location"] in links
    assert [each.cents for each in lines(order_of(links.pop()).id)] == [30_00]


def test_an_own_picture_is_shown_and_can_be_left_out(client: FlaskClient, two: tuple[Programme, Programme]) -> None:
    link = note(client, two[0], picture=(io.BytesIO(jpeg()), "oma.jpg"))
    signed = link.rpartition("/")[2]
    found = re.search(r'src="(/gutscheine/bild/[^"]+)"', client.get(link).text)
    assert found
    answer = client.get(found[1])
    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert Image.open(io.BytesIO(answer.data)).size == (400, 300)
    assert client.get(f"{found[1]}x").status_code == 404
    number = lines(order_of(link).id)[0].number
    note(client, two[0], bestellung=signed, nr=number, no_picture="1")
    assert "/gutscheine/bild/" not in client.get(link).text


@pytest.mark.parametrize("data", [b"GIF89a", b"<svg/>", b"\xff\xd8\xff broken", b"PK\x03\x04"])
def test_what_is_no_picture_is_declined_at_its_place(
    client: FlaskClient, two: tuple[Programme, Programme], data: bytes
) -> None:
    before = session.scalar(sa.select(sa.func.count()).select_from(VoucherPicture))
    answer = client.post(
        f"/gutscheine/{two[0].slug}",
        data=wish(picture=(io.BytesIO(data), "bild.jpg")),
        content_type="multipart/form-data",
    )
    assert answer.status_code == 422
    assert "Das ist kein Bild, das wir lesen können." in answer.text
    assert session.scalar(sa.select(sa.func.count()).select_from(VoucherPicture)) == before


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"gift": "letter"}, "an wen der Brief geht"),
        ({"gift": "letter", "recipient_name": "Oma"}, "Straße und Hausnummer"),
        ({"gift": "letter", "recipient_name": "Oma", "street": "Markt 1"}, "Postleitzahl und Ort"),
        ({"gift": "taube"}, "für wen der Gutschein ist"),
        ({"gift": "print", "message": "inkl. 19 % MwSt"}, "nichts über die Umsatzsteuer"),
    ],
)
def test_what_a_way_of_giving_needs_is_asked_for(
    client: FlaskClient, two: tuple[Programme, Programme], changes: dict[str, str], sentence: str
) -> None:
    answer = client.post(f"/gutscheine/{two[0].slug}", data=wish(**changes))
    assert answer.status_code == 422
    assert sentence in answer.text


def test_an_hour_is_an_hour_in_berlin(client: FlaskClient, two: tuple[Programme, Programme]) -> None:
    may = coming(5, 9)
    link = note(client, two[0], gift="gift", recipient_email="o@example.org", deliver_on=str(may), deliver_hour="18")
    at = lines(order_of(link).id)[0].deliver_at
    assert at
    assert at.isoformat() == f"{may}T18:00:00+02:00"
    assert f"9. Mai {may.year}, 18:00" in client.get(link).text


def test_the_conditions_stand_before_the_button(client: FlaskClient, two: tuple[Programme, Programme]) -> None:
    page = client.get(note(client, two[0])).text
    assert page.index(f"/gutscheine/{two[0].slug}/bedingungen") < page.index("zahlungspflichtig bestellen")
    terms = client.get(f"/gutscheine/{two[0].slug}/bedingungen").text
    assert "Widerrufsrecht" in terms
    assert two[0].issuer.legal_name in terms


def test_a_transfer_waits_with_its_code_and_the_voucher_comes_with_the_money(
    client: FlaskClient, two: tuple[Programme, Programme]
) -> None:
    link = note(client, two[0])
    started = client.post(link, data={"shown_cents": "4250", "method": "transfer"})
    assert "/bezahlen/" in started.headers["Location"]
    page = client.get(link).text
    assert "Wir warten auf Ihre Überweisung" in page
    assert "GiroCode und Kontodaten ansehen" in page
    assert "zahlungspflichtig bestellen" not in page
    order = order_of(link)
    assert order.payment_id
    came(order.payment_id, 42_50)
    assert order_of(link).state == "paid"
    assert "Der Gutschein kommt gleich per E-Mail" in client.get(link).text


def test_a_list_is_looked_at_and_then_one_order(client: FlaskClient, two: tuple[Programme, Programme]) -> None:
    address, buyer = f"/gutscheine/{two[0].slug}/liste", f"{uuid4().hex}@example.org"
    assert "So sieht die Liste aus" in client.get(address).text
    text = 'Name;E-Mail;Betrag;Gruß\nÄnne;a@example.org;20;"Zwei\nZeilen"\nBen;b@example.org;30;<b>x</b>\n'
    data = {"buyer_email": buyer, "design": "fest", "list": (io.BytesIO(text.encode("cp1252")), "liste.csv")}
    page = client.post(address, data=data, content_type="multipart/form-data")
    assert page.status_code == 200
    assert "Noch ist nichts bestellt" in page.text
    assert "<b>x</b>" not in page.text
    assert session.scalar(sa.select(sa.func.count()).where(VoucherSale.buyer_email == buyer)) == 0
    key = re.search(r'name="form_key" value="([^"]+)"', page.text)
    assert key
    form = {"buyer_email": buyer, "design": "fest", "text": text, "form_key": key[1]}
    sent = [client.post(f"{address}/bestellen", data=form) for _n in range(2)]
    assert {answer.status_code for answer in sent} == {302}
    assert sent[0].headers["Location"] == sent[1].headers["Location"]
    made = lines(order_of(sent[0].headers["Location"]).id)
    assert [(each.cents, each.message) for each in made] == [(20_00, "Zwei\nZeilen"), (30_00, "<b>x</b>")]
    assert "50,00" in client.get(sent[0].headers["Location"]).text


def test_a_list_with_faults_is_shown_line_by_line_and_never_ordered(
    client: FlaskClient, two: tuple[Programme, Programme]
) -> None:
    address, buyer = f"/gutscheine/{two[0].slug}/liste", f"{uuid4().hex}@example.org"
    text = "E-Mail;Betrag\na@example.org;20\nkeine;5\n"
    data = {"buyer_email": buyer, "design": "fest", "list": (io.BytesIO(text.encode()), "liste.csv")}
    page = client.post(address, data=data, content_type="multipart/form-data")
    assert page.status_code == 422
    assert "2 Fehler" not in page.text
    assert "1 Fehler in der Liste" in page.text
    assert "Bitte prüfen Sie die E-Mail-Adresse." in page.text
    form = {"buyer_email": buyer, "design": "fest", "text": text, "form_key": "x" * 24}
    assert client.post(f"{address}/bestellen", data=form).status_code == 422
    assert client.post(address, data={"buyer_email": buyer, "design": "fest"}).status_code == 422
    assert session.scalar(sa.select(sa.func.count()).where(VoucherSale.buyer_email == buyer)) == 0


def test_the_order_page_sends_again_and_corrects(client: FlaskClient, two: tuple[Programme, Programme]) -> None:
    found = sale(paid(two[0], gift=True, recipient_email=f"{uuid4().hex}@example.org"))
    link, right = f"/gutscheine/bestellung/{purchase_links.sign_order(found.order_id)}", f"{uuid4().hex}@example.org"
    old = link_in(text_of(last_mail("vouchers/voucher", found.recipient_email)))
    page = client.get(link).text
    assert "Nicht angekommen? Adresse falsch?" in page
    assert old not in page
    page = client.post(f"{link}/{found.number}/noch-einmal", follow_redirects=True).text
    assert "mit neuem Code" in page
    assert client.post("/g", data={"token": old}).status_code == 404
    wrong = client.post(f"{link}/{found.number}/adresse", data={"email": "keine"}, follow_redirects=True).text
    assert "Bitte prüfen Sie die E-Mail-Adresse." in wrong
    done = client.post(f"{link}/{found.number}/adresse", data={"email": right}, follow_redirects=True).text
    assert "Die Adresse ist berichtigt" in done
    assert "42,50" in client.post("/g", data={"token": link_in(text_of(last_mail("vouchers/voucher", right)))}).text


def test_withdrawing_on_the_page_of_every_foot(client: FlaskClient, two: tuple[Programme, Programme]) -> None:
    found = sale(paid(two[0]))
    link = f"/gutscheine/bestellung/{purchase_links.sign_order(found.order_id)}"
    assert f"/widerruf?bestellung={found.number}" in client.get(link).text
    form = {"name": "Paula", "contract": found.number, "email": found.buyer_email, "statement": ""}
    assert "Widerruf bestätigen" in client.post("/widerruf", data=form).text
    mine = client.post("/widerruf/bestaetigen", data=form)
    stranger = form | {"email": f"{uuid4().hex}@example.org"}
    other = client.post("/widerruf/bestaetigen", data=stranger)
    plain = [re.sub(r"[0-9a-f]{32}@|\d\d:\d\d|csrf[^>]+>", "", a.text) for a in (mine, other)]
    assert plain[0] == plain[1]
    assert "Sie haben diesen Vertrag" in client.get(link).text
    assert "42,50" in client.get(link).text


def test_letters_wait_in_the_office_of_their_issuer_alone(
    client: FlaskClient, two: tuple[Programme, Programme]
) -> None:
    letter: dict[str, Any] = {"gift": True, "delivery": "letter", "recipient_name": "Oma Erna", "street": "Markt 1"}
    found = sale(paid(two[0], **letter, town_line="48653 Coesfeld"))
    assert client.get("/office/briefe").status_code in {302, 303, 401, 403}
    clerk, other = (people.staff("issuer_clerk", each.issuer_id) for each in two)
    people.sign_in(client, clerk)
    page = client.get("/office/briefe").text
    assert found.number in page
    assert "Markt 1" in page
    paper = client.post(f"/office/briefe/{found.id}/drucken")
    assert paper.data.startswith(b"%PDF")
    assert paper.headers["Cache-Control"] == "no-store"
    assert "gedruckt" in client.get("/office/briefe").text
    assert "Der Brief ist unterwegs" in client.post(f"/office/briefe/{found.id}/verschickt", follow_redirects=True).text
    assert found.number not in client.get("/office/briefe").text
    stranger = client.application.test_client()
    people.sign_in(stranger, other)
    assert stranger.post(f"/office/briefe/{found.id}/drucken").status_code == 404


def test_a_member_finds_what_they_bought(client: FlaskClient, two: tuple[Programme, Programme]) -> None:
    email = people.staff("issuer_clerk", two[0].issuer_id)
    assert client.get("/gutscheine/meine").status_code in {302, 303, 401}
    people.sign_in(client, email)
    assert f'value="{email}"' in client.get(f"/gutscheine/{two[0].slug}").text
    link = note(client, two[0], buyer_email=email)
    client.post(link, data={"shown_cents": "4250", "method": "transfer"})
    page = client.get("/gutscheine/meine").text
    assert lines(order_of(link).id)[0].number in page
