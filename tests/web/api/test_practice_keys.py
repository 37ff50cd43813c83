"""Practice keys: the same calls, and nothing of it ever reaches the ledger."""

from datetime import date
from uuid import uuid4

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from foundation.clock import today
from foundation.database import session, transact
from tests.builders import vouchers as build
from tests.web.api.calls import get, post, refused
from vouchers.practice import setup

TABLES = ("entry", "outbox", "seal", "voucher", "lot", "voucher_operation", "operation_part", "missed_redemption")


def real() -> list[int]:
    """How many rows the real tables have."""
    session.rollback()
    return [session.scalar(sa.text(f"SELECT count(*) FROM {table}")) or 0 for table in TABLES]


def test_every_call_works_says_practice_and_books_nothing(context: Flask, client: FlaskClient) -> None:
    _programme, shop, voucher = build.scene(100_00)
    outlet = build.session.get_one(build.Outlet, shop.outlet_id)
    token = transact(setup.add_key, shop.outlet_id, "Neue Kasse")
    practice = transact(setup.make_voucher, outlet.organisation_id, [("paid", 50_00, date(today().year + 3, 12, 31))])
    before = real()
    looked = get(client, token, "/vouchers/lookup", **{"Voucher-Token": practice.token}).get_json()
    body = {"token": practice.token, "amount_cents": 10_00, "receipt_no": "Ü-1"}
    key = str(uuid4())
    taken = post(client, token, "/redemptions", body, key).get_json()
    assert post(client, token, "/redemptions", body, key).status_code == 200
    redemption = taken["redemption_id"]
    asked = get(client, token, f"/redemptions/by-key/{key}").get_json()
    back = post(client, token, f"/redemptions/{redemption}/refunds", {"amount_cents": 1_00}).get_json()
    found = get(client, token, f"/redemptions/{redemption}").get_json()
    listed = get(client, token, "/redemptions?receipt_no=%C3%9C-1").get_json()
    held = post(client, token, "/holds", body).get_json()
    captured = post(client, token, f"/holds/{held['hold_id']}/capture").get_json()
    other = post(client, token, "/holds", body).get_json()
    freed = post(client, token, f"/holds/{other['hold_id']}/release").get_json()
    shown = get(client, token, f"/redemptions/{captured['redemption_id']}").get_json()
    report = get(client, token, f"/reports/{today()}").get_json()
    export = get(client, token, f"/exports/dsfinvk?from={today()}").get_json()
    answers = [looked, taken, asked, back, found, listed, held, captured, freed, shown, report, export]
    assert [answer["practice"] for answer in answers] == [True] * len(answers)
    assert (found["returned_cents"], len(listed["redemptions"]), report["total_cents"]) == (1_00, 1, 19_00)
    assert "ÜBUNG" in get(client, token, f"/redemptions/{redemption}/receipt").text.upper()
    english = {"Accept-Language": "en"}
    again = get(client, token, f"/redemptions/by-key/{key}", **english).get_json()["redemption"]
    one, captured_one = (
        get(client, token, f"/redemptions/{id}", **english).get_json() for id in (redemption, captured["redemption_id"])
    )
    [of_receipt] = get(client, token, "/redemptions?receipt_no=%C3%9C-1", **english).get_json()["redemptions"][-1:]
    receipts = [answer["receipt"] for answer in (again, one, captured_one, of_receipt)]
    assert {(told["issuer"], told["programme"]) for told in receipts} == {("Practice, no issuer", "Practice voucher")}
    refused(post(client, token, f"/holds/{uuid4()}/capture"), 404, "hold_unknown")
    refused(post(client, token, f"/holds/{held['hold_id']}/capture"), 409, "hold_already_ended")
    refused(post(client, token, "/redemptions", {"token": voucher.token, "amount_cents": 1_00}), 404, "not_redeemable")
    assert real() == before, "a real voucher presented with a practice key leaves no trace either"


def test_a_real_token_does_not_take_practice_vouchers(context: Flask, client: FlaskClient) -> None:
    _programme, shop, _voucher = build.scene(100_00)
    outlet = build.session.get_one(build.Outlet, shop.outlet_id)
    practice = transact(setup.make_voucher, outlet.organisation_id, [("paid", 50_00, date(today().year + 3, 12, 31))])
    body = {"token": practice.token, "amount_cents": 10_00}
    answer = refused(post(client, shop.token, "/redemptions", body), 404, "not_redeemable")
    assert "practice" not in answer


def test_a_revoked_key_opens_nothing(context: Flask, client: FlaskClient) -> None:
    _programme, shop, _voucher = build.scene(100_00)
    token = transact(setup.add_key, shop.outlet_id, "Alt")
    made = session.scalars(sa.select(setup.PracticeToken).where(setup.PracticeToken.outlet_id == shop.outlet_id)).one()
    transact(setup.revoke_key, made.id, {shop.outlet_id})
    refused(get(client, token, f"/reports/{today()}"), 401, "till_unknown")
    refused(post(client, token, "/redemptions", {"token": "MLT.X", "amount_cents": 1}), 401, "till_unknown")
