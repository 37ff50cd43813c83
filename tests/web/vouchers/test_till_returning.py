"""Giving back days later, and the answer to "did it work?"."""

import re
from datetime import timedelta
from uuid import UUID, uuid4

from flask import Flask
from flask.testing import FlaskClient

from foundation import clock
from foundation.database import transact
from tests.builders import vouchers as build
from tests.builders.at_the_till import PIN, hidden, open_till, shop_and_vouchers, unlock, words
from tests.builders.booking import balance, findings
from vouchers.tills import staff


def taken(client: FlaskClient, token: str, amount: str, receipt_no: str = "K 9") -> UUID:
    form = {"presented": token, "key": str(uuid4()), "amount": amount, "receipt_no": receipt_no}
    number = re.search(r"/kasse/beleg/([0-9a-f-]{36})", client.post("/kasse/einloesen", data=form).text)
    assert number
    return UUID(number[1])


def test_days_later_the_lead_gives_back_to_an_exhausted_voucher(context: Flask, client: FlaskClient) -> None:
    place, (voucher,) = shop_and_vouchers(20_00)
    open_till(client, place.id)
    redemption = taken(client, voucher.token, "20")
    lead = transact(staff.add_staff, place.id, alias="Chefin", pin=PIN, role="lead")
    with clock.at(clock.now() + timedelta(days=3)):
        unlock(client, lead)
        found = client.get("/kasse/rueckgabe?suche=K+9")
        assert f"/kasse/rueckgabe/{redemption}" in found.text
        ask = client.get(f"/kasse/rueckgabe/{redemption}")
        form = {"key": hidden(ask, "key"), "amount": "12,50", "reason": "Hose passt nicht"}
        green = client.post(f"/kasse/rueckgabe/{redemption}", data=form)
        assert "Jetzt auf dem Gutschein: 12,50 €" in words(green)
        again = client.post(f"/kasse/rueckgabe/{redemption}", data=form)
        assert again.status_code == 200
        too_much = client.post(f"/kasse/rueckgabe/{redemption}", data=form | {"key": str(uuid4()), "amount": "7,51"})
        assert (too_much.status_code, "lassen sich noch 7,50 € zurückgeben" in words(too_much)) == (409, True)
        receipt = words(client.get(f"/kasse/rueckgabe/{redemption}/beleg"))
        assert "Rückgabe" in receipt
        assert "Zurückgegeben 12,50 €" in receipt
        assert str(redemption) in receipt
    assert balance("KR", place.id) == 7_50
    assert balance("VL", voucher.voucher_id) == 12_50
    assert findings() == []


def test_a_cashier_gives_back_on_the_same_day_only(context: Flask, client: FlaskClient) -> None:
    place, (voucher,) = shop_and_vouchers(20_00)
    staff = open_till(client, place.id)
    redemption = taken(client, voucher.token, "20")
    form = {"key": str(uuid4()), "amount": "5", "reason": "zu viel"}
    assert client.post(f"/kasse/rueckgabe/{redemption}", data=form).status_code == 200
    with clock.at(clock.now() + timedelta(days=1)):
        unlock(client, staff)
        page = client.get(f"/kasse/rueckgabe/{redemption}")
        assert "nur die Leitung" in words(page)
        late = client.post(f"/kasse/rueckgabe/{redemption}", data=form | {"key": str(uuid4())})
        assert (late.status_code, "nur die Leitung" in words(late)) == (403, True)
    assert balance("KR", place.id) == 15_00


def test_what_comes_back_to_a_lapsed_bonus_is_told(context: Flask, client: FlaskClient) -> None:
    programme, shop, voucher = build.scene(10_00)
    campaign = uuid4()
    build.load(programme.id, voucher.voucher_id, 5_00, kind="bonus", origin_id=campaign, days=1)
    staff = open_till(client, shop.outlet_id, "lead")
    redemption = taken(client, voucher.token, "8")
    with clock.at(clock.now() + timedelta(days=5)):
        unlock(client, staff)
        form = {"key": str(uuid4()), "amount": "8", "reason": "Ware zurück"}
        green = words(client.post(f"/kasse/rueckgabe/{redemption}", data=form))
        assert "5,00 € davon waren ein Bonus, der inzwischen abgelaufen ist" in green
        receipt = words(client.get(f"/kasse/rueckgabe/{redemption}/beleg"))
        assert "davon abgelaufener Bonus 5,00 €" in receipt
        assert "Ein Bonus ist inzwischen abgelaufen" in receipt
        holder = words(client.post("/g", data={"token": voucher.token}))
        assert "zurückgegeben (dazu 5,00 € Bonus, der abgelaufen war" in holder
        assert "+3,00 €" in holder
    assert (balance("CB", campaign), balance("VL", voucher.voucher_id)) == (5_00, 10_00)
    assert findings() == []


def test_a_redemption_is_found_by_receipt_void_code_and_day_but_only_by_its_shop(
    context: Flask, app: Flask, client: FlaskClient
) -> None:
    place, (voucher,) = shop_and_vouchers(20_00)
    open_till(client, place.id)
    redemption = taken(client, voucher.token, "20", "Bon 77")
    code = str(redemption)[-6:].lower()
    for query in ("suche=Bon+77", f"suche={code}", f"tag={clock.today()}", f"suche=Bon+77&tag={clock.today()}"):
        assert str(redemption) in client.get(f"/kasse/rueckgabe?{query}").text
    for query in ("suche=Bon+7", "suche=", f"suche=Bon+77&tag={clock.today() - timedelta(days=1)}", "suche=%25"):
        assert str(redemption) not in client.get(f"/kasse/rueckgabe?{query}").text
    assert client.get("/kasse/rueckgabe?tag=gestern").status_code == 422
    other, _none = shop_and_vouchers()
    stranger = app.test_client()
    open_till(stranger, other.id, "lead")
    assert str(redemption) not in stranger.get("/kasse/rueckgabe?suche=Bon+77").text
    assert stranger.get(f"/kasse/rueckgabe/{redemption}").status_code == 404
    form = {"key": str(uuid4()), "amount": "1", "reason": "x"}
    assert stranger.post(f"/kasse/rueckgabe/{redemption}", data=form).status_code == 404


def test_a_return_needs_a_reason_an_amount_and_a_key(context: Flask, client: FlaskClient) -> None:
    place, (voucher,) = shop_and_vouchers(20_00)
    open_till(client, place.id)
    redemption = taken(client, voucher.token, "20")
    good = {"key": str(uuid4()), "amount": "1", "reason": "zurück"}
    for bad in ({"reason": " "}, {"reason": "x" * 201}, {"amount": "0"}, {"amount": "-1"}, {"key": "k"}):
        assert client.post(f"/kasse/rueckgabe/{redemption}", data=good | bad).status_code == 422
    assert balance("KR", place.id) == 20_00


def test_did_it_work_says_yes_no_and_taken_back(context: Flask, client: FlaskClient) -> None:
    place, (voucher,) = shop_and_vouchers(20_00)
    open_till(client, place.id)
    assert "Nein. Unter Beleg K 5 wurde heute nichts eingelöst" in words(client.get("/kasse/geklappt?suche=K+5"))
    redemption = taken(client, voucher.token, "20", "K 5")
    page = client.get("/kasse/geklappt?suche=K+5")
    assert "Ja. Unter Beleg K 5 sind heute 20,00 € eingelöst" in words(page)
    assert f"/kasse/beleg/{redemption}" in page.text
    client.post(f"/kasse/storno/{redemption}", data={"key": str(uuid4()), "reason": "vertippt"})
    assert "eingelöst und wieder storniert" in words(client.get("/kasse/geklappt?suche=K+5"))
    assert client.get("/kasse/geklappt?suche=").status_code == 422
    assert client.get("/kasse/geklappt").status_code == 200
