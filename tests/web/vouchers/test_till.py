"""The till page as a shop uses it, through forms alone; and the desk that enrols it."""

import html
import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from foundation import clock
from foundation.database import session, transact
from people.models import Membership, Outlet
from people.queries import find_person
from tests.builders import vouchers as build
from tests.builders.booking import balance, counts, findings
from tests.web.test_sign_in import member, sign_in
from vouchers.network import programmes
from vouchers.stored_value.issuing import Issued
from vouchers.tills import devices, errors, redeeming, staff
from vouchers.tills.models import Till
from vouchers.tills.states import PinCheck
from vouchers.web.till import blueprint

PIN = "7305"


def hidden(page: TestResponse, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found, name
    return html.unescape(found.group(1))


def open_till(client: FlaskClient, outlet_id: UUID) -> UUID:
    """Enrol the client as a till of the shop and unlock it."""
    secret = transact(devices.invite_device, outlet_id, name="Kasse vorn", person_id=None)
    staff_id = transact(staff.add_staff, outlet_id, alias="Anna", pin=PIN)
    assert client.get(f"/kasse/anmelden/{secret}").status_code == 200
    assert client.post(f"/kasse/anmelden/{secret}").status_code == 302
    assert client.get("/kasse").location == "/kasse/person"
    assert client.post("/kasse/person", data={"staff": str(staff_id), "pin": PIN}).location == "/kasse/scannen"
    return staff_id


def shop_and_voucher(cents: int = 100_00) -> tuple[Outlet, Issued]:
    programme = build.programme()
    place = build.outlet()
    programmes.accept(programme.id, place.id)
    voucher = build.voucher(programme.id, cents)
    session.commit()
    return place, voucher


def test_a_stranger_is_told_how_a_device_becomes_a_till(client: FlaskClient) -> None:
    page = client.get("/kasse")
    assert page.status_code == 200
    assert "noch keine Kasse" in page.text
    for url in ("/kasse/scannen", "/kasse/heute", "/kasse/person"):
        assert client.get(url).location == "/kasse"


def test_scan_amount_green_receipt_today(context: Flask, client: FlaskClient) -> None:
    place, voucher = shop_and_voucher()
    open_till(client, place.id)
    scan = client.get("/kasse/scannen")
    assert "wasm-unsafe-eval" in scan.headers["Content-Security-Policy"]
    assert "camera=(self)" in scan.headers["Permissions-Policy"]
    page = client.post("/kasse/gutschein", data={"presented": f"http://localhost:8000/g#{voucher.token}"})
    assert (page.status_code, "100,00" in page.text) == (200, True)
    form = {"presented": hidden(page, "presented"), "key": hidden(page, "key"), "amount": "37,50", "receipt_no": "K 1"}
    green = client.post("/kasse/einloesen", data=form)
    assert green.status_code == 200
    assert "Eingelöst" in green.text
    assert "62,50" in green.text
    again = client.post("/kasse/einloesen", data=form)
    assert again.text.count("62,50") == green.text.count("62,50")
    assert balance("KR", place.id) == 37_50
    today = client.get("/kasse/heute")
    assert today.text.count("37,50") == 2
    receipt = re.search(r"/kasse/beleg/([0-9a-f-]{36})", green.text)
    assert receipt
    text = client.get(f"/kasse/beleg/{receipt.group(1)}.txt")
    lines = text.text.splitlines()
    assert max(map(len, lines)) <= 80
    assert "KOPIE" in lines
    assert any("62,50" in line for line in lines)
    assert "kein Steuerbeleg" in client.get(f"/kasse/beleg/{receipt.group(1)}").text
    assert findings() == []


def test_too_much_offers_the_rest_and_says_what_is_missing(context: Flask, client: FlaskClient) -> None:
    place, voucher = shop_and_voucher(20_00)
    open_till(client, place.id)
    form = {"presented": voucher.code, "key": str(uuid4()), "amount": "25"}
    red = client.post("/kasse/einloesen", data=form)
    assert red.status_code == 402
    assert "5,00" in red.text
    rest = client.post(
        "/kasse/einloesen",
        data={"presented": voucher.code, "key": hidden(red, "key"), "amount": hidden(red, "amount")},
    )
    assert rest.status_code == 200
    assert balance("KR", place.id) == 20_00


def test_refusals_are_red_and_change_nothing(context: Flask, client: FlaskClient) -> None:
    place, voucher = shop_and_voucher()
    stranger = build.voucher(build.programme(towns=[build.DUELMEN]).id)
    session.commit()
    open_till(client, place.id)
    mistyped = voucher.code[:-1] + ("2" if voucher.code[-1] != "2" else "3")
    for presented, status, words in (
        ("ML1." + "0" * 26, 404, "nicht einlösbar"),
        (mistyped, 422, "Tippfehler"),
        (stranger.token, 403, "gilt nicht in diesem Geschäft"),
        ("", 422, "Bitte geben Sie den Code des Gutscheins ein."),
        ("\x00" * 20, 404, "nicht einlösbar"),
        ("x" * 5000, 404, "nicht einlösbar"),
    ):
        page = client.post("/kasse/gutschein", data={"presented": presented})
        assert (page.status_code, words in page.text) == (status, True)
        assert "100,00" not in page.text
    for amount in ("", "0", "-5", "abc", "99999999"):
        page = client.post("/kasse/einloesen", data={"presented": voucher.token, "key": str(uuid4()), "amount": amount})
        assert page.status_code == 422
    assert (
        client.post("/kasse/einloesen", data={"presented": voucher.token, "key": "k", "amount": "5"}).status_code == 422
    )
    assert counts(voucher.voucher_id) == (1, 1, 1)


def test_void_with_a_reason_only(context: Flask, client: FlaskClient) -> None:
    place, voucher = shop_and_voucher()
    open_till(client, place.id)
    client.post("/kasse/einloesen", data={"presented": voucher.token, "key": str(uuid4()), "amount": "10"})
    today = client.get("/kasse/heute")
    url = re.search(r'action="(/kasse/storno/[^"]+)"', today.text)
    assert url
    client.post(url.group(1), data={"key": hidden(today, "key"), "reason": "  "})
    assert balance("KR", place.id) == 10_00
    client.post(url.group(1), data={"key": hidden(today, "key"), "reason": "vertippt"})
    assert balance("KR", place.id) == 0
    page = client.get("/kasse/heute")
    assert "storniert" in page.text
    assert findings() == []


def test_an_answer_that_never_came_is_found_by_its_key(context: Flask, client: FlaskClient) -> None:
    place, voucher = shop_and_voucher()
    open_till(client, place.id)
    key = str(uuid4())
    json = {"Accept": "application/json"}
    assert client.get(f"/kasse/schluessel/{key}", headers=json).status_code == 404
    client.post("/kasse/einloesen", data={"presented": voucher.token, "key": key, "amount": "10"})
    assert client.get(f"/kasse/schluessel/{key}", headers=json).get_json() == {"state": "found", "outcome": "done"}
    assert "90,00" in client.get(f"/kasse/schluessel/{key}").text


def test_what_cannot_be_asked_now_is_not_said_to_be_nothing(
    context: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The device says after ten seconds of `not_found` that nothing was taken."""
    place, _voucher = shop_and_voucher()
    open_till(client, place.id)

    def broken(*_given: object, **_named: object) -> None:
        raise errors.result_unknown()

    monkeypatch.setattr(redeeming, "run", broken)
    for headers in ({"Accept": "application/json"}, {}):
        answer = client.get(f"/kasse/schluessel/{uuid4()}", headers=headers)
        assert (answer.status_code, "nichts abgebucht" in answer.text) == (503, False)


def test_the_till_locks_itself_when_nobody_touches_it_and_by_hand(
    context: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, voucher = shop_and_voucher()
    staff_id = open_till(client, place.id)
    assert client.get("/kasse/scannen").status_code == 200
    monkeypatch.setattr(blueprint, "STAFF_SECONDS", -1)
    form = {"presented": voucher.token, "key": str(uuid4()), "amount": "10"}
    assert client.post("/kasse/einloesen", data=form).location == "/kasse/person"
    monkeypatch.undo()
    assert client.get("/kasse/scannen").status_code == 200
    client.post("/kasse/sperren")
    assert client.get("/kasse/scannen").location == "/kasse/person"
    assert client.post("/kasse/person", data={"staff": str(staff_id), "pin": PIN}).status_code == 302
    assert counts(voucher.voucher_id) == (1, 1, 1)


def test_five_wrong_pins_lock_the_name_for_ten_minutes(context: Flask, client: FlaskClient) -> None:
    place, _voucher = shop_and_voucher()
    staff_id = open_till(client, place.id)
    client.post("/kasse/sperren")
    statuses = [
        client.post("/kasse/person", data={"staff": str(staff_id), "pin": "0007"}).status_code for _n in range(5)
    ]
    assert statuses == [422, 422, 422, 422, 429]
    assert client.post("/kasse/person", data={"staff": str(staff_id), "pin": PIN}).status_code == 429
    assert client.get("/kasse/scannen").location == "/kasse/person"
    with clock.at(clock.now() + timedelta(minutes=11)):
        assert staff.check_pin(staff_id, place.id, PIN) == PinCheck.RIGHT
        session.rollback()


def test_staff_of_another_shop_cannot_unlock(context: Flask, client: FlaskClient) -> None:
    place, _voucher = shop_and_voucher()
    open_till(client, place.id)
    client.post("/kasse/sperren")
    other = build.outlet()
    session.commit()
    foreign = transact(staff.add_staff, other.id, alias="Ben", pin=PIN)
    for named in (str(foreign), str(uuid4()), "kein Mensch"):
        assert client.post("/kasse/person", data={"staff": named, "pin": PIN}).status_code == 422


def test_an_invitation_works_once_and_ten_minutes(context: Flask, client: FlaskClient) -> None:
    place, _voucher = shop_and_voucher()
    secret = transact(devices.invite_device, place.id, name="Kasse 2", person_id=None)
    assert client.post(f"/kasse/anmelden/{secret}").status_code == 302
    assert client.post(f"/kasse/anmelden/{secret}").status_code == 404
    with clock.at(clock.now() - timedelta(minutes=11)):
        late = transact(devices.invite_device, place.id, name="Kasse 3", person_id=None)
    assert client.get(f"/kasse/anmelden/{late}").status_code == 404
    assert client.get("/kasse/anmelden/erfunden").status_code == 404
    assert len(devices.list_tills(place.id)) == 1


def test_a_revoked_device_is_a_stranger_again(context: Flask, client: FlaskClient) -> None:
    place, voucher = shop_and_voucher()
    open_till(client, place.id)
    till = devices.list_tills(place.id)[0]
    transact(devices.revoke_till, till.id, [place.id])
    page = client.post("/kasse/einloesen", data={"presented": voucher.token, "key": str(uuid4()), "amount": "10"})
    assert page.location == "/kasse"
    assert counts(voucher.voucher_id) == (1, 1, 1)


def owner(client: FlaskClient, role: str = "retailer_owner") -> Outlet:
    email = member(role)
    sign_in(client, email)
    person = find_person(email)
    assert person
    organisation_id = session.query(Membership.organisation_id).filter(Membership.person_id == person.id).scalar()
    place = build.outlet()
    place.organisation_id = organisation_id
    session.commit()
    return place


def test_the_desk_enrols_a_device_that_then_is_a_till(context: Flask, app: Flask, client: FlaskClient) -> None:
    place = owner(client)
    page = client.post("/desk/kassen/anmelden", data={"outlet": str(place.id), "name": "Theke"})
    assert page.status_code == 200
    link = re.search(r'value="http://localhost:8000(/kasse/anmelden/[^"]+)"', page.text)
    assert link
    assert "<svg" in page.text
    device = app.test_client()
    assert device.post(link.group(1)).status_code == 302
    assert (
        client.post("/desk/kassen/personen", data={"outlet": str(place.id), "alias": "Anna", "pin": "2468"}).status_code
        == 302
    )
    desk = client.get("/desk/kassen")
    assert "Theke" in desk.text
    assert "Anna" in desk.text
    till = session.query(Till).filter(Till.outlet_id == place.id).one()
    assert client.post(f"/desk/kassen/{till.id}/abmelden").status_code == 302
    assert device.get("/kasse/person").location == "/kasse"


def test_a_cash_system_gets_a_token_that_the_interface_knows(context: Flask, app: Flask, client: FlaskClient) -> None:
    place = owner(client)
    programme = build.programme()
    programmes.accept(programme.id, place.id)
    voucher = build.voucher(programme.id)
    session.commit()
    page = client.post("/desk/kassen/zugang", data={"outlet": str(place.id), "name": "Kassensystem"})
    token = re.search(r'id="bearer"\s+readonly\s+value="([^"]+)"', page.text)
    assert token
    answer = app.test_client().get(
        "/api/v1/vouchers/lookup",
        headers={"Authorization": f"Bearer {token.group(1)}", "Voucher-Token": voucher.token},
    )
    assert answer.get_json()["remaining_cents"] == 100_00


def test_the_desk_refuses_easy_pins_foreign_shops_and_strangers(
    context: Flask, app: Flask, client: FlaskClient
) -> None:
    place = owner(client)
    foreign, voucherless = build.outlet(), build.till(build.outlet().id)
    session.commit()
    for pin in ("12", "1234", "abcd", "1234567"):
        data = {"outlet": str(place.id), "alias": "Anna", "pin": pin}
        assert client.post("/desk/kassen/personen", data=data).status_code == 422
    assert client.post("/desk/kassen/anmelden", data={"outlet": "x", "name": "y"}).status_code == 422
    assert client.post("/desk/kassen/anmelden", data={"outlet": str(place.id), "name": " "}).status_code == 422
    assert client.post("/desk/kassen/anmelden", data={"outlet": str(foreign.id), "name": "Fremd"}).status_code == 403
    assert client.post(f"/desk/kassen/{voucherless.till_id}/abmelden").status_code == 404
    assert staff.list_staff(place.id) == []
    assert app.test_client().get("/desk/kassen").status_code == 302


def test_a_clerk_sees_redemptions_but_manages_no_tills(context: Flask, client: FlaskClient) -> None:
    place = owner(client, "retailer_clerk")
    page = client.get("/desk/einloesungen")
    assert page.status_code == 200
    assert place.name in page.text
    assert client.get("/desk/einloesungen?tag=gestern").status_code == 422
    assert client.get("/desk/kassen").status_code == 403
