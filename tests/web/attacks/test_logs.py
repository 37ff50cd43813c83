"""What a log may hold, and what a visitor reads while the database is away."""

from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from foundation import clock, links, request_log
from foundation.config import settings
from foundation.database import session, transact
from marketplace.orders import links as order_links
from money.payments import links as payment_links
from tests.builders import vouchers as build
from vouchers.purchases import links as purchase_links
from vouchers.tills import devices, redeeming, returns, staff
from vouchers.tills.redeeming import RedemptionOrder

KILL = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


class Log:
    """A log to look into."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []

    def info(self, event: str, **values: Any) -> None:
        self.lines.append(values)

    exception = warning = info


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Log:
    made = Log()
    monkeypatch.setattr(request_log, "log", made)
    return made


def test_no_log_line_holds_what_opens_something(client: FlaskClient, context: Flask, log: Log) -> None:
    shop = build.outlet()
    session.commit()
    secret = transact(devices.invite_device, shop.id, name="Kasse", person_id=None)
    token = links.sign("sign-in", f"{clock.now().timestamp()}|/konto|anna@example.org", timed=True)
    order, payment = order_links.sign_group(uuid4()), payment_links.status_url(uuid4()).rpartition("/")[2]
    sale = purchase_links.sign_order(uuid4())
    shown = {
        f"/kasse/anmelden/{secret}": "/kasse/anmelden/<secret>",
        f"/anmelden/link/{token}": "/anmelden/link/<token>",
        f"/anmelden/passwort-vergessen/{token}": "/anmelden/passwort-vergessen/<token>",
        f"/bestellung/{order}": "/bestellung/<signed>",
        f"/bezahlen/{payment}/stand": "/bezahlen/<payment>/stand",
        f"/gutscheine/bestellung/{sale}": "/gutscheine/bestellung/<link>",
    }
    for path in shown:
        client.get(path)
    assert [line["path"] for line in log.lines] == list(shown.values())


def test_while_the_database_is_away_visitors_are_asked_to_come_back(
    client: FlaskClient, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_args: object, **_values: object) -> None:
        raise OperationalError("SELECT 1", {}, Exception("terminating connection due to administrator command"))

    monkeypatch.setattr("vouchers.stored_value.holder_view.view_by_code_and_pin", gone)
    answer = client.post("/g", data={"token": "ML1.x"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert "in einer Minute" in answer.text


def test_a_till_whose_database_restarts_is_told_to_ask_again_with_the_same_key(own_database: Flask, log: Log) -> None:
    _programme, shop, voucher = build.scene()
    till = own_database.test_client()
    key = {"Authorization": f"Bearer {shop.token}", "Idempotency-Key": str(uuid4())}
    wish = {"token": voucher.token, "amount_cents": 700}
    assert till.post("/api/v1/redemptions", json=wish, headers=key).status_code == 201
    session.remove()
    with psycopg.connect(settings().database_url, autocommit=True) as owner:
        owner.execute(KILL)
    answers = [till.post("/api/v1/redemptions", json=wish, headers=key) for _n in range(3)]
    codes = [answer.status_code for answer in answers]
    assert codes == [503, 200, 200]
    assert redeeming.look(shop.token, voucher.token)["remaining_cents"] == 93_00


def test_the_key_of_a_void_is_no_receipt(app: Flask, context: Flask) -> None:
    _programme, shop, voucher = build.scene()
    staff_id = transact(staff.add_staff, shop.outlet_id, alias="Anna", pin="7305")
    taken = redeeming.redeem(shop.token, RedemptionOrder(voucher.token, 500, str(uuid4())))
    key = str(uuid4())
    returns.void(shop.token, UUID(taken.body["redemption_id"]), key=key, reason="falsch")
    till = app.test_client()
    till.set_cookie("till", shop.token, path="/kasse")
    till.post("/kasse/person", data={"staff": str(staff_id), "pin": "7305"})
    assert till.get(f"/kasse/schluessel/{key}").status_code == 200
