"""The API for tills: every documented answer, and that refusals change nothing."""

from typing import Any
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from foundation.config import settings
from foundation.database import autocommit_engine, session
from tests.builders import vouchers as build
from tests.builders.booking import counts, findings
from tests.load.within import statements
from vouchers.network import programmes
from vouchers.stored_value import access
from vouchers.tills.models import Till

URL = "/api/v1/redemptions"


def post(
    client: FlaskClient, shop: build.Shop, body: Any, key: str | None = None, url: str = URL, **headers: str
) -> TestResponse:
    given = {"Authorization": f"Bearer {shop.token}", "Idempotency-Key": key or str(uuid4())} | headers
    return client.post(url, json=body, headers=given)


def get(client: FlaskClient, shop: build.Shop, url: str, **headers: str) -> TestResponse:
    return client.get(url, headers={"Authorization": f"Bearer {shop.token}"} | headers)


def refused(response: TestResponse, status: int, code: str) -> dict[str, Any]:
    assert (response.status_code, response.mimetype) == (status, "application/problem+json")
    body: dict[str, Any] = response.get_json()
    assert body["code"] == code
    return body


def test_a_redemption_and_its_replay(context: Flask, client: FlaskClient) -> None:
    _programme, shop, voucher = build.scene(100_00)
    key = str(uuid4())
    body = {
        "token": voucher.token,
        "amount_cents": 37_50,
        "receipt_no": "K-77",
        "basket_total_cents": 50_00,
        "client_time": "2026-11-23T10:15:00+01:00",
    }
    first = post(client, shop, body, key)
    assert first.status_code == 201
    said = first.get_json()
    assert (said["amount_cents"], said["remaining_cents"]) == (37_50, 62_50)
    assert said["receipt"]["receipt_no"] == "K-77"
    assert "kein Steuerbeleg" in said["receipt"]["note"]
    again = post(client, shop, body | {"client_time": "2026-11-23T10:15:09+01:00"}, key)
    assert (again.status_code, again.get_json()) == (200, said)
    refused(post(client, shop, body | {"amount_cents": 37_51}, key), 422, "key_reused")
    assert counts(voucher.voucher_id) == (2, 2, 2)


def test_the_note_is_in_the_language_of_the_call(context: Flask, client: FlaskClient) -> None:
    _programme, shop, voucher = build.scene(100_00)
    key, body = str(uuid4()), {"token": voucher.token, "amount_cents": 1_00}
    german = post(client, shop, body, key).get_json()
    english = post(client, shop, body, key, **{"Accept-Language": "en"}).get_json()
    assert "kein Steuerbeleg" in german["receipt"].pop("note")
    assert english["receipt"].pop("note").startswith("Voucher redemption")
    assert english == german


def test_a_redemption_by_qr_is_one_statement(context: Flask, client: FlaskClient) -> None:
    _programme, shop, voucher = build.scene(100_00)
    with statements(context) as seen:
        assert post(client, shop, {"token": voucher.token, "amount_cents": 1}).status_code == 201
    assert len(seen) == 1


@pytest.mark.parametrize(
    "header", [None, "Basic abc", "Bearer", "Bearer short", "Bearer " + "x" * 300, "Bearer " + "x" * 43]
)
def test_without_a_tills_token_nothing_is_told(context: Flask, client: FlaskClient, header: str | None) -> None:
    _programme, _shop, voucher = build.scene(100_00)
    headers = {"Idempotency-Key": str(uuid4())} | ({"Authorization": header} if header else {})
    response = client.post(URL, json={"token": voucher.token, "amount_cents": 1}, headers=headers)
    refused(response, 401, "till_unknown")
    assert response.headers["WWW-Authenticate"].startswith("Bearer")
    assert counts(voucher.voucher_id) == (1, 1, 1)


def test_a_revoked_till_is_no_till(context: Flask, client: FlaskClient) -> None:
    _programme, shop, voucher = build.scene(100_00)
    session.get_one(Till, shop.till_id).revoked_at = sa.func.now()
    session.commit()
    for response in (
        post(client, shop, {"token": voucher.token, "amount_cents": 1}),
        get(client, shop, f"{URL}/by-key/{uuid4()}"),
        get(client, shop, "/api/v1/vouchers/lookup", **{"Voucher-Token": voucher.token}),
        post(client, shop, {}, url=f"{URL}/{uuid4()}/void"),
    ):
        refused(response, 401, "till_unknown")


def test_a_missing_key_is_428_and_a_wrong_one_422(context: Flask, client: FlaskClient) -> None:
    _programme, shop, voucher = build.scene(100_00)
    body = {"token": voucher.token, "amount_cents": 1}
    response = client.post(URL, json=body, headers={"Authorization": f"Bearer {shop.token}"})
    refused(response, 428, "key_missing")
    for key in ("short", "x" * 65, "mit Leer zeichen"):
        refused(post(client, shop, body, key), 422, "key_not_valid")
    assert counts(voucher.voucher_id) == (1, 1, 1)


@pytest.mark.parametrize(
    "change",
    [
        {"amount_cents": 0},
        {"amount_cents": -1},
        {"amount_cents": 10**30},
        {"amount_cents": "100"},
        {"amount_cents": 1.0},
        {"amount_cents": True},
        {"amount_cents": None},
        {"token": ""},
        {"token": 5},
        {"token": "x" * 401},
        {"token": "ML1.\x00"},
        {"code": "ABCD-EFGH-JKM"},
        {"receipt_no": "\ud800"},
        {"receipt_no": "x" * 61},
        {"receipt_no": ["a"]},
        {"basket_total_cents": -1},
        {"client_time": "gestern"},
        {"client_time": "0001-01-01T00:00:00+14:00"},
    ],
)
def test_a_wrong_body_is_refused_and_changes_nothing(
    context: Flask, client: FlaskClient, change: dict[str, Any]
) -> None:
    _programme, shop, voucher = build.scene(100_00)
    body = refused(post(client, shop, {"token": voucher.token, "amount_cents": 1} | change), 422, "invalid")
    assert set(body["fields"]) & ({*change, "token"})
    assert counts(voucher.voucher_id) == (1, 1, 1)


def test_what_is_no_json_object_is_refused(context: Flask, client: FlaskClient) -> None:
    _programme, shop, _voucher = build.scene(100_00)
    headers = {"Authorization": f"Bearer {shop.token}", "Idempotency-Key": str(uuid4())}
    for body in ([], "text", 5):
        refused(post(client, shop, body), 422, "invalid")
    refused(client.post(URL, data="{", content_type="application/json", headers=headers), 400, "http_400")
    refused(client.post(URL, data="a=b", headers=headers), 415, "http_415")
    huge = b'{"token": "' + b"x" * (3 * 1024 * 1024) + b'"}'
    refused(client.post(URL, data=huge, content_type="application/json", headers=headers), 413, "http_413")


def test_not_enough_says_what_is_left(context: Flask, client: FlaskClient) -> None:
    _programme, shop, voucher = build.scene(20_00)
    body = refused(post(client, shop, {"token": voucher.token, "amount_cents": 20_01}), 402, "insufficient")
    assert body["remaining_cents"] == 20_00


def test_outside_the_network_says_why_and_no_balance(context: Flask, client: FlaskClient) -> None:
    programme, shop, voucher = build.scene(20_00)
    programmes.stop_accepting(programme.id, shop.outlet_id)
    session.commit()
    for url_body in ({"token": voucher.token}, {"code": voucher.code}):
        body = refused(post(client, shop, url_body | {"amount_cents": 1}), 403, "outside_network")
        assert (body["reason_code"], "remaining_cents" in body) == ("not_accepted_here", False)
    body = refused(
        get(client, shop, "/api/v1/vouchers/lookup", **{"Voucher-Token": voucher.token}), 403, "outside_network"
    )
    assert "remaining_cents" not in body


def test_unknown_foreign_and_mistyped_read_the_same(context: Flask, client: FlaskClient) -> None:
    _programme, shop, _voucher = build.scene(20_00)
    said = set()
    for given in ("ML1." + "0" * 26, "https://anderswo.example/g#ABC", "GIFT-1234", "ML9.xyz"):
        body = refused(post(client, shop, {"token": given, "amount_cents": 1}), 404, "not_redeemable")
        said.add(tuple(sorted((k, v) for k, v in body.items() if k != "request_id")))
    assert len(said) == 1


def test_guessing_typed_codes_is_stopped(context: Flask, client: FlaskClient) -> None:
    _programme, shop, voucher = build.scene(20_00)
    for _n in range(20):
        refused(post(client, shop, {"code": "0000-0000-000", "amount_cents": 1}), 404, "not_redeemable")
    response = post(client, shop, {"code": voucher.code, "amount_cents": 1})
    refused(response, 429, "too_many")
    assert response.headers["Retry-After"]
    assert counts(voucher.voucher_id) == (1, 1, 1)


def test_a_voucher_that_is_being_changed_is_in_progress(context: Flask, client: FlaskClient) -> None:
    _programme, shop, voucher = build.scene(20_00)
    with autocommit_engine().connect() as c:
        c.execute(sa.text("SET lock_timeout = 100"))
    try:
        access.unlock(voucher.voucher_id, actor_id=uuid4(), key=str(uuid4()), reason="not committed: holds the lock")
        response = post(client, shop, {"token": voucher.token, "amount_cents": 1})
        refused(response, 409, "in_progress")
        assert response.headers["Retry-After"] == "1"
    finally:
        session.rollback()
        autocommit_engine().dispose()
    assert post(client, shop, {"token": voucher.token, "amount_cents": 1}).status_code == 201


def test_a_connection_that_broke_costs_one_answer_and_the_same_key_goes_on(context: Flask, client: FlaskClient) -> None:
    _programme, shop, voucher = build.scene(20_00)
    engine = autocommit_engine()
    engine.dispose()
    links = [engine.raw_connection() for _n in range(2)]
    for link in links:
        with psycopg.connect(settings().database_url) as owner:
            owner.execute("SELECT pg_terminate_backend(%s)", [link.driver_connection.info.backend_pid])
        link.close()  # back into the pool, which does not know
    key, body = str(uuid4()), {"token": voucher.token, "amount_cents": 1_00}
    assert "decided" not in refused(post(client, shop, body, key), 503, "unknown")
    assert post(client, shop, body, key).status_code == 201
    assert counts(voucher.voucher_id) == (2, 2, 2)


def test_by_key_finds_or_says_that_nothing_happened(context: Flask, client: FlaskClient) -> None:
    _programme, shop, voucher = build.scene(20_00)
    key, declined = str(uuid4()), str(uuid4())
    refused(get(client, shop, f"{URL}/by-key/{key}"), 404, "not_found")
    said = post(client, shop, {"token": voucher.token, "amount_cents": 5_00}, key).get_json()
    post(client, shop, {"token": voucher.token, "amount_cents": 50_00}, declined)
    found = get(client, shop, f"{URL}/by-key/{key}").get_json()
    assert (found["state"], found["outcome"], found["redemption"]) == ("found", "done", said)
    assert get(client, shop, f"{URL}/by-key/{declined}").get_json()["outcome"] == "insufficient"


def test_void_and_refund(context: Flask, client: FlaskClient) -> None:
    _programme, shop, voucher = build.scene(20_00)
    taken = [post(client, shop, {"token": voucher.token, "amount_cents": 5_00}).get_json() for _n in range(2)]
    first, second = (f"{URL}/{t['redemption_id']}" for t in taken)
    key = str(uuid4())
    done = post(client, shop, {"reason": "vertippt"}, key, f"{first}/void")
    assert (done.status_code, done.get_json()["remaining_cents"]) == (201, 15_00)
    assert post(client, shop, {"reason": "vertippt"}, key, f"{first}/void").status_code == 200
    refused(post(client, shop, {}, url=f"{first}/void"), 409, "already_returned")
    refused(post(client, shop, {}, url=f"{URL}/{uuid4()}/void"), 404, "redemption_unknown")
    assert post(client, shop, {"amount_cents": 2_00}, url=f"{second}/refunds").get_json()["remaining_cents"] == 17_00
    refused(post(client, shop, {"amount_cents": 3_01}, url=f"{second}/refunds"), 409, "more_than_redeemed")
    headers = {"Authorization": f"Bearer {shop.token}"}
    refused(client.post(f"{second}/void", headers=headers), 428, "key_missing")
    session.rollback()
    assert findings() == []


def test_lookup_shows_what_may_be_taken_and_never_takes_a_code_in_the_address(
    context: Flask, client: FlaskClient
) -> None:
    programme, shop, voucher = build.scene(20_00)
    url = "/api/v1/vouchers/lookup"
    for headers in ({"Voucher-Token": voucher.token}, {"Voucher-Code": voucher.code}):
        found = get(client, shop, url, **headers).get_json()
        assert (found["programme"], found["remaining_cents"]) == (programme.name, 20_00)
    refused(get(client, shop, url), 422, "voucher_header_missing")
    refused(get(client, shop, f"{url}?token={voucher.token}"), 422, "voucher_header_missing")
    refused(get(client, shop, url, **{"Voucher-Token": "ML1." + "0" * 26}), 404, "not_redeemable")


def test_the_document_names_every_route_and_answer(client: FlaskClient) -> None:
    document = client.get("/api/openapi.json").get_json()
    assert document["openapi"].startswith("3.")
    answers = document["paths"]["/api/v1/redemptions"]["post"]["responses"]
    assert {"200", "201", "401", "402", "403", "404", "409", "422", "428", "429"} <= set(answers)
    assert {"/api/v1/redemptions/by-key/{key}", "/api/v1/vouchers/lookup"} <= set(document["paths"])
    page = client.get("/api/docs")
    assert page.status_code == 200
    assert b"Idempotency-Key" in page.data
    assert b'<script src="http' not in page.data
    assert client.get("/api/v1/ping").get_json() == {"status": "ok"}
