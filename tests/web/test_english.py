"""With the language set to English no page shows a German word, but for what is marked as German by nature."""

import re
from collections.abc import Iterator
from datetime import datetime
from email import message_from_string
from email.policy import default
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from foundation import clock
from foundation.clock import BERLIN
from foundation.database import session, transact
from foundation.languages import COOKIE
from marketplace.catalogue import words
from marketplace.catalogue.categories import load_categories
from marketplace.catalogue.models import Offer
from marketplace.catalogue.names import CATEGORIES
from marketplace.orders.models import Order
from marketplace.shops import directory
from marketplace.web.storefront.words import HOLIDAYS
from people import hours
from people.models import Outlet
from tests.builders import orders as build
from tests.builders import vouchers
from tests.builders.at_the_till import open_till as lead
from tests.builders.at_the_till import shop_and_vouchers
from tests.builders.catalogue import some_food
from tests.builders.reading import german, said
from tests.web.vouchers.test_till import open_till, shop_and_voucher
from vouchers.network import programmes
from vouchers.practice import setup

TUESDAY = datetime(2026, 12, 1, 10, 0, tzinfo=BERLIN)
SAYING = ("/hilfe", "/impressum", "/datenschutz", "/barrierefreiheit", "/reihenfolge", "/stil", "/api/docs")
LOOKING = ("/", "/?ort=48653", "/laeden", "/laeden?offen=1", "/laeden?ort=nirgendwo", "/suche", "/suche?q=dinkelstange")
SEARCHING = ("/suche?q=xyzzy", "/suche?q=brot&ort=Atlantis", "/suche?kategorie=brot&offen=1&weg=shop&km=5&ort=48653")
BUYING = ("/warenkorb", "/bestellen", "/gutscheine", "/g", "/widerruf", "/kasse", "/nichts", "/laden/nichts")
SIGNING_IN = ("/anmelden", "/anmelden/link", "/anmelden/passwort-vergessen", "/anmelden/passkey")


@pytest.fixture(autouse=True)
def forgetful() -> Iterator[None]:
    """What is kept for some minutes belongs to one database."""
    for _time in ("before", "after"):
        words.look_up_terms.cache_clear()
        directory.clear_cache()
        if _time == "before":
            yield


@pytest.fixture
def reader(own_database: Flask) -> FlaskClient:
    """Somebody who reads English, on a database in which nobody else wrote."""
    client = own_database.test_client()
    client.set_cookie(COOKIE, "en")
    return client


def a_place() -> Outlet:
    return build.shop(name="Kontor Nord", opening_hours="Mo-Fr 09:00-12:30,14:30-18:30; Sa 09:00-13:00")


def left_in_german(client: FlaskClient, *paths: str) -> dict[str, list[str]]:
    """German texts by page; a page that moves on is followed, a crash is none of these."""
    found = {}
    for path in paths:
        answer = client.get(path, follow_redirects=True)
        assert answer.status_code in {200, 403, 404}, (path, answer.status_code)
        texts = german(answer.text) if answer.mimetype == "text/html" else []
        if '<html lang="en"' not in answer.text:
            texts.append("the page does not say that it is English")
        found |= {path: texts} if texts else {}
    return found


def test_what_a_stranger_sees_is_english(reader: FlaskClient) -> None:
    shop = a_place()
    bread = build.offer(
        shop, name="Dinkelstange", deposit_cents=15, content_amount=1500, content_unit="g", **some_food()
    )
    sale = transact(vouchers.programme, wording="Gilt nur hier und heute.")
    transact(programmes.accept, sale.id, shop.id)
    own = (f"/laden/{shop.slug}", f"/angebot/{bread.id}", f"/gutscheine/{sale.slug}")
    with clock.at(TUESDAY):
        assert left_in_german(reader, *SAYING, *LOOKING, *SEARCHING, *BUYING, *SIGNING_IN, *own) == {}


def test_numbers_days_and_hours_are_written_as_the_english_write_them(reader: FlaskClient) -> None:
    shop = a_place()
    bread = build.offer(shop, name="Dinkelstange", cents=6_00, content_amount=1500, content_unit="g", **some_food())
    with clock.at(TUESDAY):
        offer = " ".join(said(reader.get(f"/angebot/{bread.id}", follow_redirects=True).text))
        place = " ".join(said(reader.get(f"/laden/{shop.slug}").text))
    for text in ("€6.00", "1.5 kg", "€4.00 per kg", "incl. 7% VAT", "collect today until 12:30"):
        assert text in offer, text
    for text in (
        "Delicatessen",
        "Tuesday, 1 December (today) 09:00 – 12:30 and 14:30 – 18:30",
        "Sunday, 6 December closed",
    ):
        assert text in place, text


def to_payment(client: FlaskClient, *things: Offer) -> str:
    """From the goods to the last page of the checkout, each page read on the way."""
    for thing in things:
        client.post("/warenkorb/hinein", data={"offer_id": str(thing.id), "quantity": "2"})
    assert left_in_german(client, "/warenkorb") == {}
    assert client.post("/bestellen").status_code == 303
    first = client.get("/bestellen")
    windows = re.findall(r'<select\s+id="f-(window-[^"]+)".*?<option value="([0-9a-f-]{36})"', first.text, re.S)
    without_contact = client.post("/bestellen/abholung", data=dict(windows))
    assert (german(first.text), german(without_contact.text), without_contact.status_code) == ([], [], 422)
    contact = {"name": "Ann Example", "email": "ann@example.org", "phone": "02541 7"}
    assert client.post("/bestellen/abholung", data=contact | dict(windows)).status_code == 303
    return client.get("/bestellen/bezahlen").text


def test_from_the_basket_to_the_desk_all_is_english(reader: FlaskClient) -> None:
    shop = a_place()
    with clock.at(TUESDAY):
        last = to_payment(reader, build.offer(shop, name="Kerze"), build.offer(shop, name="Vase"))
        assert german(last) == []
        assert "Order with obligation to pay" in last
        [key] = re.findall(r'name="key" value="([^"]*)"', last)
        form = {"key": key, "shown_cents": "4000", "method": "pickup"}
        paid = reader.post("/bestellen/absenden", data=form)
        [(template, text)] = build.mails_to("ann@example.org")
        letter = message_from_string(text, policy=default)
        [address] = set(re.findall(r"/bestellung/[\w.~-]+", letter.get_body(("plain",)).get_content()))
        assert left_in_german(reader, urlsplit(paid.location).path, address) == {}
        assert (template, letter["Subject"][:10]) == ("marketplace/order_confirmed", "Your order")
        assert [german(letter.get_body((kind,)).get_content()) for kind in ("plain", "html")] == [[], []]
        build.sign_in(reader, build.staff("retailer_owner", shop.organisation_id))
        order = session.scalars(sa.select(Order.id)).one()
        assert left_in_german(reader, "/desk", "/desk/bestellungen", f"/desk/bestellungen/{order}") == {}


def test_the_till_is_english(reader: FlaskClient) -> None:
    place, voucher = shop_and_voucher()
    assert left_in_german(reader, "/kasse/scannen") == {}
    open_till(reader, place.id)
    pages = [reader.get("/kasse/scannen"), reader.post("/kasse/gutschein", data={"presented": voucher.code})]
    for amount in ("500", "37,50", "nichts"):
        form = {"presented": voucher.code, "key": str(uuid4()), "amount": amount}
        pages.append(reader.post("/kasse/einloesen", data=form))
    pages += [reader.post("/kasse/einloesen", data={"presented": "0000-0000-000", "key": str(uuid4()), "amount": "1"})]
    [receipt] = set(re.findall(r"/kasse/beleg/[0-9a-f-]{36}", pages[3].text))
    pages += [reader.get(path) for path in (receipt, f"{receipt}.txt", "/kasse/heute")]
    held = reader.post("/g", data={"code": voucher.code, "pin": voucher.pin})
    foreign = re.compile(r"Laden|Gutschein|Kasse vorn")  # names that the shop gave
    assert [german(foreign.sub("", page.text)) for page in (*pages, held)] == [[]] * (len(pages) + 1)
    assert "Left on the voucher" in pages[7].text


def test_giving_back_closing_and_practising_at_the_till_are_english(reader: FlaskClient) -> None:
    place, (voucher,) = shop_and_vouchers(100_00)
    lead(reader, place.id, "lead")
    foreign = re.compile(r"Laden|Gutschein|Kasse vorn|Vertippt")  # what the shop and its people wrote
    bill = "receipt_no=7&total=6000"
    seen = []
    for practising in (False, True):
        if practising:
            reader.post("/kasse/uebung")
            voucher = transact(setup.make_vouchers, place.organisation_id)[0]
        form = {"presented": voucher.token, "key": str(uuid4()), "amount": "20", "receipt_no": "7", "total": "6000"}
        seen.append(reader.post("/kasse/einloesen", data=form))
        [line] = set(re.findall(r"/kasse/rueckgabe/[0-9a-f-]{36}", reader.get("/kasse/heute").text))
        for back in ({"amount": "1", "reason": "Vertippt"}, {"amount": "50", "reason": "Vertippt"}, {"amount": "1"}):
            seen.append(reader.post(line, data=back | {"key": str(uuid4())}))
        paths = ("abschluss", "abschluss?form=text", "bon", f"bon/stand?{bill}", "geklappt?suche=7", "geklappt?suche=8")
        seen += [reader.get(f"/kasse/{path}") for path in (*paths, "rueckgabe?suche=7", "uebung", "heute")]
        paper = line.replace("rueckgabe", "beleg")
        seen += [reader.get(path) for path in (line, f"{line}/beleg", paper, f"{paper}.txt", f"{paper}.json")]
        address = f"{uuid4()}@example.org"
        reader.post(f"{paper}/mail", data={"email": address})
        [(_template, text)] = build.mails_to(address)
        parts = [message_from_string(text, policy=default).get_body((kind,)) for kind in ("plain", "html")]
        assert [german(foreign.sub("", part.get_content())) for part in parts] == [[], []]
        seen.append(reader.post("/kasse/gutschein", data={"presented": "ML1.7HFDERYBTS7WJR8CRHFACGV7DD"}))
    assert {page.request.path: found for page in seen if (found := german(foreign.sub("", page.text)))} == {}
    assert {page.status_code for page in seen} == {200, 404, 409, 422}


def test_refused_forms_speak_english(reader: FlaskClient) -> None:
    sale = transact(vouchers.programme)
    for path, form in (
        ("/widerruf/pruefen", {"name": "", "contract": "", "email": "x"}),
        ("/anmelden", {"email": "a@example.org", "password": "x"}),
        ("/anmelden/passwort-vergessen", {"email": "nobody"}),
        (f"/gutscheine/{sale.slug}", {"amount": "viel", "gift": "1", "buyer_email": "x", "postcode": "1"}),
        ("/g", {"code": "ABCD", "pin": "1"}),
        ("/warenkorb/hinein", {"offer_id": str(uuid4()), "quantity": "0"}),
    ):
        answer = reader.post(path, data=form)
        assert german(answer.text) == [], path


@pytest.mark.parametrize(
    ("role", "paths"),
    [
        ("retailer_owner", ("/desk/angebote", "/desk/angebote/neu", "/desk/angebote/import", "/desk/kassen")),
        ("retailer_owner", ("/desk/einloesungen", "/desk/mitarbeit", "/konto", "/konto/sicherheit")),
        ("auditor", ("/pruefung", "/pruefung/buchungen", "/konto/passwort", "/konto/passkeys")),
        ("operator", ("/office", "/office/rechte", "/konto/notfallcodes", "/konto/bestellungen")),
        ("point_keeper", ("/punkt",)),
        ("issuer_clerk", ("/office/auffaelligkeiten", "/office/freigaben", "/office/karten", "/office/verfall")),
        ("issuer_clerk", ("/office/ausgabe", "/office/briefe", "/office/herausgeber", "/office/programme")),
        ("issuer_clerk", ("/office/bank", "/office/bank/eingang", "/office/verkaufsstellen", "/pruefung/einsichten")),
    ],
)
def test_what_staff_see_is_english(reader: FlaskClient, role: str, paths: tuple[str, ...]) -> None:
    shop = a_place()
    transact(vouchers.programme)
    build.sign_in(reader, build.staff(role, shop.organisation_id))
    assert left_in_german(reader, *paths) == {}


def test_every_category_has_a_word_that_can_be_translated(own_database: Flask) -> None:
    load_categories.cache_clear()
    assert {slug: str(word) for slug, word in CATEGORIES.items()} == {
        s.slug: s.name for s in load_categories().values()
    }


def test_every_holiday_has_a_word_that_can_be_translated() -> None:
    names = {name for year in range(2024, 2036) for name in hours.list_holidays(year).values()}
    assert names == set(HOLIDAYS)


def test_a_forgotten_password_is_answered_in_the_language_of_the_page(reader: FlaskClient) -> None:
    shop = a_place()
    email = build.staff("retailer_clerk", shop.organisation_id)
    reader.post("/anmelden/passwort-vergessen", data={"email": email})
    [(_template, text)] = build.mails_to(email)
    assert "Your link to a new password" in text
    assert german(text.partition("<html")[2]) == []
