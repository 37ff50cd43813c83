"""Holds, finding again, tokens with scopes, rate limits: the rest of the protocol for cash registers."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from foundation.clock import at, now, today
from foundation.database import session, transact
from foundation.security import limiter
from tests.builders import vouchers as build
from tests.builders.booking import findings
from tests.web.api.calls import get, post, refused
from vouchers.stored_value.models import Programme, VoucherOperation
from vouchers.tills import tokens
from vouchers.tills.models import Till
from vouchers.tills.states import TokenScope


def left(client: FlaskClient, shop: build.Shop, token: str) -> int:
    found = get(client, shop.token, "/vouchers/lookup", **{"Voucher-Token": token}).get_json()
    return int(found["remaining_cents"])


def test_what_is_held_is_nobody_elses_until_it_is_taken_or_let_go(context: Flask, client: FlaskClient) -> None:
    _programme, shop, voucher = build.scene(100_00)
    key, wish = (
        str(uuid4()),
        {"token": voucher.token, "amount_cents": 60_00, "receipt_no": "H-1", "expires_in_seconds": 600},
    )
    first = post(client, shop.token, "/holds", wish, key)
    held = first.get_json()
    assert (first.status_code, held["amount_cents"], held["remaining_cents"]) == (201, 60_00, 40_00)
    again = post(client, shop.token, "/holds", wish, key)
    assert (again.status_code, again.get_json()) == (200, held)
    refused(post(client, shop.token, "/holds", wish | {"amount_cents": 1}, key), 422, "key_reused")
    body = refused(
        post(client, shop.token, "/redemptions", {"token": voucher.token, "amount_cents": 40_01}), 402, "insufficient"
    )
    assert body["remaining_cents"] == 40_00
    capture = str(uuid4())
    taken = post(client, shop.token, f"/holds/{held['hold_id']}/capture", key=capture)
    assert (taken.status_code, taken.get_json()["amount_cents"]) == (201, 60_00)
    assert post(client, shop.token, f"/holds/{held['hold_id']}/capture", key=capture).status_code == 200
    refused(post(client, shop.token, f"/holds/{held['hold_id']}/capture"), 409, "hold_already_ended")
    refused(post(client, shop.token, f"/holds/{held['hold_id']}/release"), 409, "hold_already_ended")
    redemption = taken.get_json()["redemption_id"]
    found = get(client, shop.token, f"/redemptions/{redemption}").get_json()
    assert (found["state"], found["hold_id"], found["receipt"]["receipt_no"]) == ("captured", held["hold_id"], "H-1")
    assert [bucket["amount_cents"] for bucket in found["buckets"]] == [60_00]
    back = post(client, shop.token, f"/redemptions/{redemption}/refunds", {"amount_cents": 10_00})
    assert back.get_json()["remaining_cents"] == 50_00
    session.rollback()
    assert findings() == []


def test_a_hold_that_is_let_go_is_free_again(context: Flask, client: FlaskClient) -> None:
    _programme, shop, voucher = build.scene(100_00)
    held = post(client, shop.token, "/holds", {"code": voucher.code, "amount_cents": 60_00}).get_json()
    freed = post(client, shop.token, f"/holds/{held['hold_id']}/release")
    assert (freed.status_code, freed.get_json()["remaining_cents"]) == (201, 100_00)
    assert left(client, shop, voucher.token) == 100_00


def test_a_hold_is_for_half_an_hour_at_most_and_then_cannot_be_taken(context: Flask, client: FlaskClient) -> None:
    _programme, shop, voucher = build.scene(100_00)
    wish = {"token": voucher.token, "amount_cents": 60_00}
    for wrong in (0, -1, 1801, 10**20, "900", 1.5, True):
        refused(post(client, shop.token, "/holds", wish | {"expires_in_seconds": wrong}), 422, "invalid")
    held = post(client, shop.token, "/holds", wish | {"expires_in_seconds": 1}).get_json()
    session.rollback()
    operation = session.scalars(sa.select(VoucherOperation).where(VoucherOperation.id == UUID(held["hold_id"]))).one()
    assert operation.expires_at <= now() + timedelta(seconds=1)
    with at(operation.expires_at + timedelta(milliseconds=1)):
        refused(post(client, shop.token, f"/holds/{held['hold_id']}/capture"), 409, "hold_expired")
    assert post(client, shop.token, f"/holds/{held['hold_id']}/release").status_code == 201
    assert left(client, shop, voucher.token) == 100_00


def test_nobody_ends_another_shops_hold(context: Flask, client: FlaskClient) -> None:
    programme, shop, voucher = build.scene(100_00)
    neighbour = build.accepting_shop(programme.id)
    session.commit()
    held = post(client, shop.token, "/holds", {"token": voucher.token, "amount_cents": 60_00}).get_json()
    for verb in ("capture", "release"):
        refused(post(client, neighbour.token, f"/holds/{held['hold_id']}/{verb}"), 404, "hold_unknown")
        refused(post(client, shop.token, f"/holds/{uuid4()}/{verb}"), 404, "hold_unknown")


def test_a_redemption_is_found_by_the_number_of_the_shops_receipt(context: Flask, client: FlaskClient) -> None:
    programme, shop, voucher = build.scene(100_00)
    neighbour = build.accepting_shop(programme.id)
    session.commit()
    number = f"K {uuid4()}"
    said = post(
        client, shop.token, "/redemptions", {"token": voucher.token, "amount_cents": 5_00, "receipt_no": number}
    ).get_json()
    found = client.get(
        "/api/v1/redemptions", query_string={"receipt_no": number}, headers={"Authorization": f"Bearer {shop.token}"}
    ).get_json()["redemptions"]
    assert [f | {"state": None, "returned_cents": None} for f in found] == [
        said | {"state": None, "returned_cents": None}
    ]
    query = {"receipt_no": number, "date": (today() - timedelta(days=1)).isoformat()}
    headers = {"Authorization": f"Bearer {shop.token}"}
    assert client.get("/api/v1/redemptions", query_string=query, headers=headers).get_json()["redemptions"] == []
    foreign = {"Authorization": f"Bearer {neighbour.token}"}
    query = {"receipt_no": number}
    assert client.get("/api/v1/redemptions", query_string=query, headers=foreign).get_json()["redemptions"] == []
    for wrong in ("", "?receipt_no=", "?receipt_no=" + "x" * 61, "?receipt_no=%00", "?receipt_no=a%0Ab"):
        refused(get(client, shop.token, f"/redemptions{wrong}"), 422, "invalid")
    refused(get(client, shop.token, "/redemptions?receipt_no=a&date=20261123"), 422, "day_not_valid")


def test_a_redemption_tells_how_it_stands_and_prints_again_as_a_copy(context: Flask, client: FlaskClient) -> None:
    programme, shop, voucher = build.scene(100_00)
    neighbour = build.accepting_shop(programme.id)
    session.commit()
    first, second = (
        post(client, shop.token, "/redemptions", {"token": voucher.token, "amount_cents": 5_00}).get_json()[
            "redemption_id"
        ]
        for _n in range(2)
    )
    assert get(client, shop.token, f"/redemptions/{first}").get_json()["state"] == "captured"
    post(client, shop.token, f"/redemptions/{first}/refunds", {"amount_cents": 2_00})
    found = get(client, shop.token, f"/redemptions/{first}").get_json()
    assert (found["state"], found["returned_cents"]) == ("part_refunded", 2_00)
    post(client, shop.token, f"/redemptions/{first}/refunds", {"amount_cents": 3_00})
    assert get(client, shop.token, f"/redemptions/{first}").get_json()["state"] == "refunded"
    post(client, shop.token, f"/redemptions/{second}/void")
    assert get(client, shop.token, f"/redemptions/{second}").get_json()["state"] == "voided"
    paper = get(client, shop.token, f"/redemptions/{second}/receipt")
    assert paper.content_type == "text/plain; charset=utf-8"
    assert all(len(row) <= 80 for row in paper.text.splitlines())
    for word in ("KOPIE", "STORNIERT", "5,00", "kein Steuerbeleg", second[-6:].upper()):
        assert word in paper.text
    for url in (f"/redemptions/{first}", f"/redemptions/{first}/receipt"):
        refused(get(client, neighbour.token, url), 404, "redemption_unknown")


NEEDED = {
    "look": [("GET", "/vouchers/lookup"), ("GET", "/redemptions?receipt_no=1"), ("GET", f"/redemptions/{uuid4()}")],
    "redeem": [("POST", "/redemptions")],
    "return": [("POST", f"/redemptions/{uuid4()}/void"), ("POST", f"/redemptions/{uuid4()}/refunds")],
    "hold": [("POST", "/holds"), ("POST", f"/holds/{uuid4()}/capture"), ("POST", f"/holds/{uuid4()}/release")],
    "report": [("GET", "/reports/2026-11-23"), ("GET", "/exports/dsfinvk?from=2026-11-23")],
}


@pytest.mark.parametrize("scope", TokenScope)
def test_a_token_can_do_what_its_scopes_say_and_nothing_else(context: Flask, client: FlaskClient, scope: str) -> None:
    _programme, shop, voucher = build.scene(100_00)
    token = transact(tokens.add_token, shop.till_id, "Nur eins", [scope])
    body = {"token": voucher.token, "amount_cents": 1_00}
    for needed, calls in NEEDED.items():
        for method, url in calls:
            if method == "GET":
                answer = get(client, token, url, **({"Voucher-Token": voucher.token} if "lookup" in url else {}))
            else:
                given = body if url.count("/") == 1 else {"amount_cents": 1_00} if "refunds" in url else {}
                answer = post(client, token, url, given)
            if needed == scope:
                assert answer.status_code in (200, 201, 404), url
            else:
                refused(answer, 403, "scope_missing")


def test_a_token_is_replaced_without_a_gap_and_dies_when_revoked(context: Flask, client: FlaskClient) -> None:
    _programme, shop, voucher = build.scene(100_00)
    old = transact(tokens.add_token, shop.till_id, "Kassensystem", ["look"])
    new = transact(tokens.rotate_token, tokens.hash_bearer(old))
    for token in (old, new):
        assert get(client, token, "/vouchers/lookup", **{"Voucher-Token": voucher.token}).status_code == 200
    transact(tokens.revoke_token, tokens.hash_bearer(old))
    refused(get(client, old, "/vouchers/lookup", **{"Voucher-Token": voucher.token}), 401, "till_unknown")
    assert get(client, new, "/vouchers/lookup", **{"Voucher-Token": voucher.token}).status_code == 200
    gone = transact(tokens.add_token, shop.till_id, "Von gestern", ["look"], now() - timedelta(seconds=1))
    refused(get(client, gone, "/vouchers/lookup", **{"Voucher-Token": voucher.token}), 401, "till_unknown")


def test_a_paused_till_takes_nothing_but_gives_back(context: Flask, client: FlaskClient) -> None:
    _programme, shop, voucher = build.scene(100_00)
    body = {"token": voucher.token, "amount_cents": 1_00}
    redemption = post(client, shop.token, "/redemptions", body).get_json()["redemption_id"]
    session.get_one(Till, shop.till_id).paused_until = now() + timedelta(hours=1)
    session.commit()
    refused(post(client, shop.token, "/redemptions", body), 403, "till_paused")
    refused(post(client, shop.token, "/holds", body), 403, "till_paused")
    assert post(client, shop.token, f"/redemptions/{redemption}/void").status_code == 201


def test_a_till_that_may_take_nothing_now_still_hears_what_it_took(context: Flask, client: FlaskClient) -> None:
    """The answer was lost, then the till was stopped: "nothing was taken" would have the customer pay twice."""
    _programme, shop, voucher = build.scene(100_00)
    scanned, typed = {"token": voucher.token, "amount_cents": 1_00}, {"code": voucher.code, "amount_cents": 2_00}
    hold = post(client, shop.token, "/holds", scanned).get_json()["hold_id"]
    done = [("/redemptions", scanned), ("/redemptions", typed), ("/holds", scanned), (f"/holds/{hold}/capture", {})]
    keys = [str(uuid4()) for _call in done]
    first = [post(client, shop.token, *call, key) for call, key in zip(done, keys, strict=True)]

    def again() -> list[tuple[int, object]]:
        answers = [post(client, shop.token, *call, key) for call, key in zip(done, keys, strict=True)]
        return [(answer.status_code, answer.get_json()) for answer in answers]

    for _n in range(20):
        refused(post(client, shop.token, "/redemptions", typed | {"code": "0000-0000-000"}), 404, "not_redeemable")
    refused(post(client, shop.token, "/redemptions", typed), 429, "too_many")
    assert again() == [(200, answer.get_json()) for answer in first]
    session.get_one(Till, shop.till_id).paused_until = now() + timedelta(hours=1)
    session.commit()
    unused = str(uuid4())
    refused(post(client, shop.token, "/redemptions", scanned, unused), 403, "till_paused")
    refused(post(client, shop.token, "/redemptions", typed, keys[0]), 422, "key_reused")
    refused(post(client, shop.token, f"/holds/{hold}/capture", key=keys[0]), 422, "key_reused")
    assert again() == [(200, answer.get_json()) for answer in first]
    session.get_one(Till, shop.till_id).paused_until = None
    session.commit()
    assert post(client, shop.token, "/redemptions", scanned, unused).status_code == 201
    session.rollback()
    assert findings() == []


@pytest.mark.parametrize(
    ("url", "old", "new"),
    [
        ("/redemptions", {"amount": 5}, "amount_cents"),
        ("/holds", {"amount": 5}, "amount_cents"),
        ("/holds", {"expires_in": 60}, "expires_in_seconds"),
        ("/redemptions/{redemption}/refunds", {"amount": 5}, "amount_cents"),
    ],
)
def test_a_field_by_its_old_name_is_refused_and_nothing_is_taken(
    context: Flask, client: FlaskClient, url: str, old: dict[str, int], new: str
) -> None:
    """Ignored, a hold of a minute would last for fifteen."""
    _programme, shop, voucher = build.scene(100_00)
    body = {"token": voucher.token, "amount_cents": 1_00}
    redemption = post(client, shop.token, "/redemptions", body).get_json()["redemption_id"]
    answer = post(client, shop.token, url.format(redemption=redemption), body | old)
    assert refused(answer, 422, "invalid")["fields"] == {next(iter(old)): [f"Renamed: {new}."]}
    assert left(client, shop, voucher.token) == 99_00


def test_a_voucher_that_moves_too_often_waits_ten_minutes(context: Flask, client: FlaskClient) -> None:
    programme, shop, voucher = build.scene(100_00)
    session.get_one(Programme, programme.id).velocity_limit = 60
    session.commit()
    body = {"token": voucher.token, "amount_cents": 1}
    seen = [post(client, shop.token, "/redemptions", body) for _n in range(62)]
    assert [answer.status_code for answer in seen[:50]] == [201] * 50
    body = refused(seen[-1], 429, "velocity_voucher")
    assert "remaining_cents" not in body
    assert int(seen[-1].headers["Retry-After"]) == 600


@pytest.fixture
def limited() -> object:
    """Limits as in operation."""
    limiter.enabled = True
    limiter.reset()
    yield
    limiter.reset()
    limiter.enabled = False


@pytest.mark.usefixtures("limited")
def test_one_token_is_slowed_down_and_the_others_are_not(
    context: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    programme, shop, voucher = build.scene(100_00)
    neighbour = build.accepting_shop(programme.id)
    session.commit()
    answers = [get(client, shop.token, "/reports/2026-11-23") for _n in range(301)]
    assert {answer.status_code for answer in answers[:300]} == {200}
    refused(answers[300], 429, "rate_limited")
    assert 1 <= int(answers[300].headers["Retry-After"]) <= 61
    refused(post(client, shop.token, "/redemptions", {"token": voucher.token, "amount_cents": 1}), 429, "rate_limited")
    assert get(client, neighbour.token, "/reports/2026-11-23").status_code == 200


@pytest.mark.usefixtures("limited")
def test_trying_tokens_is_stopped_by_address(context: Flask, client: FlaskClient) -> None:
    for _n in range(60):
        refused(get(client, str(uuid4()), "/reports/2026-11-23"), 401, "till_unknown")
    refused(get(client, str(uuid4()), "/reports/2026-11-23"), 429, "rate_limited")


def test_a_wrong_method_names_the_right_ones(context: Flask, client: FlaskClient) -> None:
    _programme, shop, _voucher = build.scene(100_00)
    answer = client.delete("/api/v1/redemptions", headers={"Authorization": f"Bearer {shop.token}"})
    refused(answer, 405, "http_405")
    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))
