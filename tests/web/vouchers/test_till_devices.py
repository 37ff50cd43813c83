"""The desk's view of devices and people: last use, tokens renewed and locked, twenty people with PIN and role."""

import re
from uuid import uuid4

from flask import Flask
from flask.testing import FlaskClient

from foundation.database import session, transact
from tests.builders import vouchers as build
from tests.builders.at_the_till import words
from tests.web.vouchers.test_till import owner
from vouchers.network import programmes
from vouchers.tills import devices, staff


def api(client: FlaskClient, bearer: str, token: str) -> int:
    headers = {"Authorization": f"Bearer {bearer}", "Voucher-Token": token}
    return client.get("/api/v1/vouchers/lookup", headers=headers).status_code


def test_a_token_is_renewed_while_the_old_one_lives_and_then_locked(
    context: Flask, app: Flask, client: FlaskClient
) -> None:
    place = owner(client)
    programme = build.programme()
    programmes.accept(programme.id, place.id)
    voucher = build.voucher(programme.id)
    session.commit()
    till_id, old = transact(devices.add_till, place.id, name="Kassensystem", person_id=None)
    page = client.get(f"/desk/kassen/{till_id}")
    assert "einlösen" in words(page)
    address = re.search(rf'action="(/desk/kassen/{till_id}/token/[0-9a-f]+)/erneuern"', page.text)
    assert address
    renewed = client.post(f"{address[1]}/erneuern")
    new = re.search(r'id="bearer"\s+readonly\s+value="([^"]+)"', renewed.text)
    assert new
    machine = app.test_client()
    assert [api(machine, bearer, voucher.token) for bearer in (old, new[1])] == [200, 200]
    assert client.post(f"{address[1]}/sperren").status_code == 302
    assert [api(machine, bearer, voucher.token) for bearer in (old, new[1])] == [401, 200]
    assert "gesperrt" in words(client.get(f"/desk/kassen/{till_id}"))
    assert client.post(f"{address[1]}/erneuern").status_code == 404
    assert client.post(f"/desk/kassen/{till_id}/token/00/sperren").status_code == 404


def test_devices_show_their_last_use_and_foreign_ones_are_hidden(context: Flask, client: FlaskClient) -> None:
    place = owner(client)
    programme = build.programme()
    programmes.accept(programme.id, place.id)
    voucher = build.voucher(programme.id)
    idle, busy = build.till(place.id, "Lager"), build.till(place.id, "Theke")
    foreign = build.till(build.outlet().id)
    session.commit()
    from_till = client.application.test_client()
    headers = {"Authorization": f"Bearer {busy.token}", "Idempotency-Key": str(uuid4())}
    body = {"token": voucher.token, "amount_cents": 100}
    assert from_till.post("/api/v1/redemptions", json=body, headers=headers).status_code == 201
    page = words(client.get("/desk/kassen"))
    assert re.search(r"Lager seit 90 Tagen nicht", page)
    assert re.search(r"Theke \d{1,2}\. ", page)
    assert client.get(f"/desk/kassen/{idle.till_id}").status_code == 200
    assert client.get(f"/desk/kassen/{foreign.till_id}").status_code == 404


def test_twenty_people_with_roles_and_no_more(context: Flask, client: FlaskClient) -> None:
    place = owner(client)
    for number in range(20):
        role = {"role": "lead"} if number == 0 else {}
        form = {"outlet": str(place.id), "alias": f"Person {number}", "pin": "2468"} | role
        assert client.post("/desk/kassen/personen", data=form).status_code == 302
    page = words(client.get("/desk/kassen"))
    assert "Person 0 (Leitung)" in page
    assert "20 von 20 Personen eingetragen" in page
    refused = client.post("/desk/kassen/personen", data={"outlet": str(place.id), "alias": "Noch eine", "pin": "2468"})
    assert (refused.status_code, "Mehr als 20 Personen" in words(refused)) == (422, True)
    roles = [member.role for member in staff.list_staff(place.id)]
    assert (roles.count("lead"), len(roles)) == (1, 20)
