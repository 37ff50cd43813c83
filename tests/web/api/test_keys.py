"""Keys of the interface: looked up before every gate, a shop's and not a till's, and no body with a field too many."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from foundation.clock import at, now
from foundation.database import session
from tests.builders import vouchers as build
from tests.builders.booking import balance, findings
from tests.web.api.calls import get, post, refused
from vouchers.api.public import load_specification
from vouchers.stored_value.models import TillKey, Voucher, VoucherOperation
from vouchers.tills.models import Till, TillToken
from vouchers.tills.states import TokenScope

Call = tuple[str, dict[str, Any]]


def tables() -> dict[str, int]:
    """How many rows every table has, but for the job queue."""
    return {
        table.name: session.scalar(sa.select(sa.func.count()).select_from(table)) or 0
        for table in Voucher.metadata.sorted_tables
    }


def routes_with_a_body() -> list[tuple[str, str, dict[str, Any]]]:
    """Every call of the document that takes a body: address, the smallest body of its examples, its schema."""
    document = load_specification()
    found = []
    for path, methods in document["paths"].items():
        for method, described in methods.items():
            if "requestBody" not in described:
                continue
            (content,) = described["requestBody"]["content"].values()
            schema = document["components"]["schemas"][content["schema"]["$ref"].rsplit("/", 1)[-1]]
            known = schema.get("properties", {})
            wanted = [*schema.get("required", ()), *(["token"] if "token" in known else [])]
            found.append((path, method, {name: known[name]["example"] for name in wanted}))
    return found


def test_every_call_that_changes_something_describes_its_body(context: Flask) -> None:
    rules = context.url_map.iter_rules()
    changing = {rule.rule for rule in rules if rule.endpoint.startswith("api.") and "POST" in (rule.methods or ())}
    assert len({path for path, _method, _body in routes_with_a_body()}) == len(changing) > 5


def test_a_body_with_a_field_too_many_is_refused_everywhere(context: Flask, client: FlaskClient) -> None:
    _programme, shop, _voucher = build.scene(100_00)
    before = tables()
    for path, method, body in routes_with_a_body():
        url = path.replace("{redemption_id}", str(uuid4())).replace("{hold_id}", str(uuid4()))
        headers = {"Authorization": f"Bearer {shop.token}", "Idempotency-Key": str(uuid4())}
        for extra in ({"currency": "USD"}, {"currency": "EUR"}, {"till_id": "1"}, {"": 1}):
            said = client.open(url, method=method.upper(), json=body | extra, headers=headers)
            assert refused(said, 422, "invalid")["fields"] == {next(iter(extra)): ["Unknown field."]}, path
            assert said.get_json()["decided"] is False
        alone = client.open(url, method=method.upper(), json=body, headers=headers).get_json()
        assert alone.get("code") in {"not_redeemable", "redemption_unknown", "hold_unknown"}, path
    more = {name for name, count in tables().items() if count != before[name]}
    assert more - {"row_queue"} == {"missed_redemption", "till_key"}  # the queue of the sealer is no business


@pytest.mark.parametrize("sent", [{"data": "amount_cents=400"}, {"data": "{"}, {"data": "null"}, {"json": [400]}])
def test_what_cannot_be_read_takes_no_whole_hold(context: Flask, client: FlaskClient, sent: dict[str, Any]) -> None:
    _programme, shop, voucher = build.scene(100_00)
    hold = post(client, shop.token, "/holds", {"token": voucher.token, "amount_cents": 10_00}).get_json()["hold_id"]
    kind = {} if "json" in sent else {"content_type": "application/json" if sent["data"] in "{null" else "text/plain"}
    headers = {"Authorization": f"Bearer {shop.token}", "Idempotency-Key": str(uuid4())}
    for verb in ("capture", "release"):
        said = client.post(f"/api/v1/holds/{hold}/{verb}", headers=headers, **kind, **sent)
        assert said.status_code in (400, 415, 422)
        assert said.get_json()["decided"] is False
    assert balance("KR", shop.outlet_id) == 0


def test_a_part_of_a_hold_is_taken_and_the_rest_is_free_at_once(context: Flask, client: FlaskClient) -> None:
    programme, shop, voucher = build.scene(16_00)
    build.load(programme.id, voucher.voucher_id, 4_00, kind="bonus", origin_id=uuid4(), days=30)
    session.commit()
    hold = post(client, shop.token, "/holds", {"token": voucher.token, "amount_cents": 18_00}).get_json()["hold_id"]
    key = str(uuid4())
    said = post(client, shop.token, f"/holds/{hold}/capture", {"amount_cents": 5_00}, key)
    assert (said.status_code, said.get_json()["amount_cents"]) == (201, 5_00)
    assert (said.get_json()["released_cents"], said.get_json()["remaining_cents"]) == (13_00, 15_00)
    again = post(client, shop.token, f"/holds/{hold}/capture", {"amount_cents": 5_00}, key)
    assert (again.status_code, again.get_json()) == (200, said.get_json())
    refused(post(client, shop.token, f"/holds/{hold}/capture", {}, key), 422, "key_reused")
    refused(post(client, shop.token, f"/holds/{hold}/capture", {"amount_cents": 1}), 409, "hold_already_ended")
    refused(post(client, shop.token, f"/holds/{hold}/release"), 409, "hold_already_ended")
    session.rollback()
    # The bonus ends first, so it was held first and is taken first; the rest is the buyer's own.
    assert balance("VB", voucher.voucher_id) == 0
    assert balance("VL", voucher.voucher_id) == 15_00
    assert balance("VH", voucher.voucher_id) == 0
    assert balance("KR", shop.outlet_id) == 5_00
    back = post(client, shop.token, f"/redemptions/{said.get_json()['redemption_id']}/refunds", {"amount_cents": 5_00})
    assert back.get_json()["remaining_cents"] == 20_00
    session.rollback()
    assert findings() == []


def test_more_than_is_held_cannot_be_captured(context: Flask, client: FlaskClient) -> None:
    _programme, shop, voucher = build.scene(20_00)
    hold = post(client, shop.token, "/holds", {"token": voucher.token, "amount_cents": 10_00}).get_json()["hold_id"]
    said = refused(post(client, shop.token, f"/holds/{hold}/capture", {"amount_cents": 10_01}), 409, "more_than_held")
    assert (said["held_cents"], said["decided"]) == (10_00, True)
    for wrong in (0, -1, True, "400", 4.0):
        refused(post(client, shop.token, f"/holds/{hold}/capture", {"amount_cents": wrong}), 422, "invalid")
    whole = post(client, shop.token, f"/holds/{hold}/capture", {"amount_cents": 10_00})
    assert (whole.status_code, whole.get_json()["released_cents"]) == (201, 0)
    session.rollback()
    assert findings() == []


def pause(shop: build.Shop, _client: FlaskClient) -> None:
    session.get_one(Till, shop.till_id).paused_until = now() + timedelta(hours=1)


def guess(shop: build.Shop, client: FlaskClient) -> None:
    for _n in range(20):
        post(client, shop.token, "/redemptions", {"code": "0000-0000-000", "amount_cents": 1})


def narrow(shop: build.Shop, _client: FlaskClient) -> None:
    session.execute(sa.update(TillToken).where(TillToken.till_id == shop.till_id).values(scopes=[TokenScope.REPORT]))


def end(shop: build.Shop, _client: FlaskClient) -> None:
    session.execute(sa.update(TillToken).where(TillToken.till_id == shop.till_id).values(expires_at=now()))


def suspend(shop: build.Shop, _client: FlaskClient) -> None:
    session.execute(sa.text("UPDATE outlet SET active = false WHERE id = :id"), {"id": shop.outlet_id})


GATES: dict[str, tuple[Callable[[build.Shop, FlaskClient], None], set[str]]] = {
    "paused": (pause, {"till_paused"}),
    "guessed": (guess, {"too_many"}),
    "scope withdrawn": (narrow, {"scope_missing"}),
    "token ended": (end, {"till_unknown"}),
    "suspended": (suspend, {"outside_network"}),
}


def scene(client: FlaskClient) -> tuple[build.Shop, list[Call]]:
    """A shop, and one call of every kind that may be repeated; each is good once."""
    _programme, shop, voucher = build.scene(100_00)
    scanned, typed = {"token": voucher.token, "amount_cents": 1_00}, {"code": voucher.code, "amount_cents": 2_00}
    first, second = (post(client, shop.token, "/redemptions", scanned).get_json()["redemption_id"] for _n in range(2))
    one, two, three = (post(client, shop.token, "/holds", scanned).get_json()["hold_id"] for _n in range(3))
    return shop, [
        ("/redemptions", scanned),
        ("/redemptions", typed),
        ("/holds", scanned),
        ("/holds", typed),
        (f"/holds/{one}/capture", {"amount_cents": 40}),
        (f"/holds/{two}/capture", {}),
        (f"/holds/{three}/release", {}),
        (f"/redemptions/{first}/void", {"reason": "Vertippt"}),
        (f"/redemptions/{second}/refunds", {"amount_cents": 50}),
        ("/redemptions", {"token": voucher.token, "amount_cents": 999_00}),  # refused, and that is an answer, too
    ]


def told(answer: TestResponse) -> dict[str, Any]:
    """What an answer says, but for the number of the call."""
    return {name: value for name, value in answer.get_json().items() if name != "request_id"}


@pytest.mark.parametrize("name", GATES)
def test_whatever_stands_before_a_till_it_hears_what_was_decided(
    context: Flask, client: FlaskClient, name: str
) -> None:
    close, codes = GATES[name]
    shop, calls = scene(client)
    keys = [str(uuid4()) for _call in calls]
    first = [post(client, shop.token, *call, key) for call, key in zip(calls, keys, strict=True)]
    assert [answer.status_code for answer in first] == [201] * 9 + [402]
    close(shop, client)
    session.commit()
    again = [post(client, shop.token, *call, key) for call, key in zip(calls, keys, strict=True)]
    assert [answer.status_code for answer in again] == [200] * 9 + [402]
    assert [told(answer) for answer in again] == [told(answer) for answer in first]
    refusal = post(client, shop.token, *calls[1], (key := str(uuid4())))
    assert refusal.get_json()["code"] in codes
    assert refusal.get_json().get("decided") is {"suspended": True, "token ended": None}.get(name, False)
    kept = session.scalars(sa.select(TillKey.key).where(TillKey.key == key)).all()
    assert kept == ([key] if name == "suspended" else [])
    session.rollback()


def test_a_hold_that_is_over_still_hears_that_it_was_captured(context: Flask, client: FlaskClient) -> None:
    _programme, shop, voucher = build.scene(100_00)
    wish = {"token": voucher.token, "amount_cents": 5_00, "expires_in_seconds": 60}
    hold, late = (post(client, shop.token, "/holds", wish).get_json()["hold_id"] for _n in range(2))
    key = str(uuid4())
    first = post(client, shop.token, f"/holds/{hold}/capture", {}, key)
    with at(now() + timedelta(hours=1)):
        again = post(client, shop.token, f"/holds/{hold}/capture", {}, key)
        said = refused(post(client, shop.token, f"/holds/{late}/capture"), 409, "hold_expired")
    assert (again.status_code, again.get_json()) == (200, first.get_json())
    assert said["decided"] is False


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"currency": "EUR"}, "invalid"),
        ({"amount_cents": "5"}, "invalid"),
        ({"amount_cents": 7}, "key_reused"),
    ],
)
def test_a_call_that_is_refused_for_its_form_says_what_stands_under_its_key(
    context: Flask, client: FlaskClient, change: dict[str, Any], code: str
) -> None:
    _programme, shop, voucher = build.scene(100_00)
    body, key = {"token": voucher.token, "amount_cents": 1_00}, str(uuid4())
    assert post(client, shop.token, "/redemptions", body, key).status_code == 201
    assert refused(post(client, shop.token, "/redemptions", body | change, key), 422, code)["decided"] is True
    unused = post(client, shop.token, "/redemptions", body | {"amount_cents": "5"})
    assert unused.get_json()["decided"] is False
    bare = client.post("/api/v1/redemptions", json=body, headers={"Authorization": f"Bearer {shop.token}"})
    assert refused(bare, 428, "key_missing")["decided"] is False
    stranger = client.post(
        "/api/v1/redemptions", json={}, headers={"Authorization": "Bearer unknown-till", "Idempotency-Key": key}
    )
    assert "decided" not in stranger.get_json()


def test_a_lane_that_takes_over_gets_the_first_answer(context: Flask, client: FlaskClient) -> None:
    programme, shop, voucher = build.scene(100_00)
    lane, neighbour = build.till(shop.outlet_id, "Kasse 2"), build.accepting_shop(programme.id)
    session.commit()
    body, key = {"token": voucher.token, "amount_cents": 5_00}, str(uuid4())
    first = post(client, shop.token, "/redemptions", body, key)
    second = post(client, lane.token, "/redemptions", body, key)
    assert (second.status_code, second.get_json()) == (200, first.get_json())
    refused(post(client, lane.token, "/redemptions", body | {"amount_cents": 5_01}, key), 422, "key_reused")
    found = get(client, lane.token, f"/redemptions/by-key/{key}").get_json()
    assert found["redemption"]["redemption_id"] == first.get_json()["redemption_id"]
    refused(get(client, neighbour.token, f"/redemptions/by-key/{key}"), 404, "not_found")
    assert post(client, neighbour.token, "/redemptions", body, key).status_code == 201  # another shop, another key
    session.rollback()
    taken = session.scalars(sa.select(VoucherOperation.id).where(VoucherOperation.key == key)).all()
    assert UUID(first.get_json()["redemption_id"]) in taken
    assert len(taken) == 2
    assert findings() == []
