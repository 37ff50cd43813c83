"""Practice at the till: the same pages, unmistakably marked, and nothing real happens."""

import html
import re
from uuid import uuid4

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from foundation.database import session, transact
from tests.builders import vouchers as build
from tests.builders.at_the_till import PIN, hidden, open_till, shop_and_vouchers, unlock, words
from tests.web.vouchers.test_till import owner
from vouchers.practice import setup
from vouchers.tills import devices, staff

REAL = "SELECT (SELECT count(*) FROM entry), (SELECT count(*) FROM outbox), (SELECT count(*) FROM voucher_operation)"


def rows() -> tuple[int, ...]:
    session.rollback()
    return tuple(session.execute(sa.text(REAL)).one())


def test_a_till_that_practises_shows_it_everywhere_and_books_nothing(context: Flask, client: FlaskClient) -> None:
    place, (real,) = shop_and_vouchers(50_00)
    open_till(client, place.id, "lead")
    assert client.post("/kasse/uebung").location == "/kasse/scannen"
    first, second, _short, blocked = transact(setup.make_vouchers, place.organisation_id)
    before = rows()
    bill = {"receipt_no": "Ü 1", "total": "6000"}
    page = client.post("/kasse/gutschein", data=bill | {"presented": first.token})
    assert "Übungsgutschein" in words(page)
    form = bill | {"presented": first.token, "key": hidden(page, "key"), "amount": "50"}
    green = client.post("/kasse/einloesen", data=form)
    assert "Es fehlen noch 10,00 €" in words(green)
    rest = client.post("/kasse/einloesen", data=form | {"presented": second.code, "key": str(uuid4()), "amount": "10"})
    assert "ganz bezahlt" in words(rest)
    today = client.get("/kasse/heute")
    redemption = re.search(r"/kasse/rueckgabe/([0-9a-f-]{36})", today.text)
    assert redemption
    number = redemption.group(1)
    back = {"key": str(uuid4()), "amount": "1", "reason": "Übung"}
    assert client.post(f"/kasse/rueckgabe/{number}", data=back).status_code == 200
    shown = [
        green,
        rest,
        today,
        *(client.get(url) for url in ("/kasse/scannen", "/kasse/abschluss", "/kasse/bon", "/kasse/rueckgabe")),
        client.get(f"/kasse/beleg/{number}"),
        client.get("/kasse/geklappt?suche=%C3%9C+1"),
        client.get("/kasse/bon/stand", query_string=bill),
    ]
    assert all('class="till-band"' in seen.text for seen in shown)
    assert "ÜBUNG" in client.get(f"/kasse/beleg/{number}.txt").text.splitlines()
    assert "ÜBUNG" in client.get("/kasse/abschluss?form=text").text
    assert client.get(f"/kasse/beleg/{number}.json").get_json()["marks"] == ["ÜBUNG", "KOPIE"]
    refused = client.post("/kasse/gutschein", data={"presented": blocked.token})
    assert (refused.status_code, "nicht einlösbar" in words(refused)) == (404, True)
    stranger = client.post("/kasse/gutschein", data={"presented": real.token})
    assert (stranger.status_code, "Das ist kein Übungsgutschein" in words(stranger)) == (404, True)
    state = client.get("/kasse/bon/stand", query_string=bill)
    client.post("/kasse/bon/storno", data=bill | {"key": hidden(state, "key"), "reason": "Ende"})
    assert rows() == before
    assert client.post("/kasse/uebung/ende").status_code == 302
    assert "till-band" not in client.get("/kasse/heute").text
    assert "Heute noch nichts" in words(client.get("/kasse/heute"))
    assert client.post("/kasse/gutschein", data={"presented": real.token}).status_code == 200


def test_what_was_taken_before_the_switch_is_never_said_to_be_nothing(context: Flask, client: FlaskClient) -> None:
    """The answer was lost, the lead switched the till over, and the device asks again."""
    place, (real,) = shop_and_vouchers(50_00)
    open_till(client, place.id, "lead")
    taken = {"presented": real.token, "key": str(uuid4()), "amount": "10"}
    refused = {"presented": real.token, "key": str(uuid4()), "amount": "500"}
    assert [client.post("/kasse/einloesen", data=form).status_code for form in (taken, refused)] == [200, 402]
    client.post("/kasse/uebung")
    before = rows()
    address, json = f"/kasse/schluessel/{taken['key']}", {"Accept": "application/json"}
    assert client.get(address, headers=json).get_json() == {"state": "found", "outcome": "done"}
    for answer in (client.get(address), client.post("/kasse/einloesen", data=taken)):
        assert (answer.status_code, "Das war keine Übung: Es wurde gebucht" in words(answer)) == (409, True)
        assert "nichts abgebucht" not in words(answer)
    assert "Das ist kein Übungsgutschein" in words(client.post("/kasse/einloesen", data=refused))
    client.post("/kasse/uebung/ende")
    assert "40,00" in client.get(address).text
    assert client.post("/kasse/einloesen", data=taken).status_code == 200
    assert rows() == before


def test_a_practice_voucher_at_a_real_till_is_told_to_be_one(context: Flask, client: FlaskClient) -> None:
    place, _vouchers = shop_and_vouchers()
    open_till(client, place.id)
    made = transact(setup.make_vouchers, place.organisation_id)[0]
    before = rows()
    for presented in (made.token, made.code):
        page = client.post("/kasse/gutschein", data={"presented": presented})
        assert (page.status_code, "Das ist ein Übungsgutschein." in words(page)) == (404, True)
    form = {"presented": made.token, "key": str(uuid4()), "amount": "1"}
    assert client.post("/kasse/einloesen", data=form).status_code == 404
    assert rows() == before


def test_only_the_lead_switches_practice_on_and_everybody_off(context: Flask, client: FlaskClient) -> None:
    place, _vouchers = shop_and_vouchers()
    cashier = open_till(client, place.id)
    till = devices.list_tills(place.id)[0]
    assert "nur die Leitung" in words(client.get("/kasse/uebung"))
    assert client.post("/kasse/uebung").status_code == 403
    assert not setup.is_in_practice(till.id)
    unlock(client, transact(staff.add_staff, place.id, alias="Chefin", pin=PIN, role="lead"))
    assert client.post("/kasse/uebung").status_code == 302
    assert setup.is_in_practice(till.id)
    unlock(client, cashier)
    assert client.post("/kasse/uebung/ende").status_code == 302
    assert not setup.is_in_practice(till.id)


def test_the_desk_prints_practice_vouchers_ends_practice_and_clears_up(context: Flask, client: FlaskClient) -> None:
    place = owner(client)
    shop = build.till(place.id, "Theke")
    session.commit()
    foreign = build.outlet()
    session.commit()
    sheet = client.post("/desk/kassen/uebung", data={"outlet": str(place.id)})
    assert sheet.text.count("<svg") >= 4
    assert sheet.text.count('class="practice-mark"') == 4
    code = re.search(r'<figcaption class="code">([^<]+)<', sheet.text)
    assert code
    assert setup.is_practice_voucher(html.unescape(code.group(1)))
    assert client.post("/desk/kassen/uebung", data={"outlet": str(foreign.id)}).status_code == 403
    transact(setup.switch_on, shop.till_id, None)
    assert "Übungsmodus" in words(client.get("/desk/kassen"))
    assert client.post(f"/desk/kassen/{shop.till_id}/uebung/ende").status_code == 302
    assert not setup.is_in_practice(shop.till_id)
    assert setup.count_vouchers(place.organisation_id) == 4
    assert client.post("/desk/kassen/uebung/loeschen", data={"outlet": str(place.id)}).status_code == 302
    assert setup.count_vouchers(place.organisation_id) == 0


def test_a_retailer_cannot_pile_up_practice_vouchers(context: Flask, client: FlaskClient) -> None:
    place = owner(client)
    for _n in range(setup.MAX_VOUCHERS // 4):
        transact(setup.make_vouchers, place.organisation_id)
    page = client.post("/desk/kassen/uebung", data={"outlet": str(place.id)}, follow_redirects=True)
    assert "Mehr als 200 Übungsgutscheine" in words(page)
    assert setup.count_vouchers(place.organisation_id) == setup.MAX_VOUCHERS
