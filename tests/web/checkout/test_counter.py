"""The retailer's desk and the pick-up point: guards, own shops only, every step."""

import re
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from demo.stripe_standin.testing import Running
from foundation.database import session, transact
from marketplace.orders import codes, progress
from marketplace.orders.models import HandOver, Order
from money.payments import calling, starting
from tests.builders import orders as build
from tests.builders.form_fields import choose_taken

STEPS = ("annehmen", "bereit", "ablehnen", "uebergeben")


def state(order: Order) -> str:
    return str(session.scalar(sa.select(Order.state).where(Order.id == order.id)))


def code_of(order: Order) -> str:
    shown = codes.reveal_code(session.get_one(Order, order.id, populate_existing=True))
    assert shown
    return shown


def lying(order: Order) -> None:
    transact(progress.accept, order.id)
    transact(progress.mark_ready, order.id)


def at_desk(client: FlaskClient, organisation_id: UUID, role: str = "retailer_clerk") -> None:
    build.sign_in(client, build.staff(role, organisation_id))


def parcel(stripe: Running, point_id: UUID) -> Order:
    """An order on its way to a point, paid by card."""
    payment_id = build.place(build.draft(build.cart(build.offer(build.shop())), at=point_id), method="card")
    stripe.pay(starting.start(payment_id).url)
    calling.advance(payment_id, force=True)
    return build.of_payment(payment_id).orders[0]


def test_guests_and_strangers_stay_outside(app: Flask, client: FlaskClient, context: Flask) -> None:
    order = build.ordered(build.offer(build.shop())).orders[0]
    places = ["/desk", "/desk/bestellungen", f"/desk/bestellungen/{order.id}", "/punkt", f"/punkt/{order.id}"]
    posts = [f"/desk/bestellungen/{order.id}/{step}" for step in STEPS]
    posts += [f"/punkt/{order.id}/angekommen", f"/punkt/{order.id}/uebergeben"]
    for place in places:
        assert client.get(place).status_code in (302, 401), place
    for place in posts:
        assert client.post(place).status_code in (302, 401), place
    auditor = app.test_client()
    at_desk(auditor, build.organisation("issuer").id, "issuer_clerk")
    for place in places:
        assert auditor.get(place).status_code == 403, place
    for place in posts:
        assert auditor.post(place).status_code == 403, place
    assert state(order) == "new"


def test_another_shops_order_is_unknown_here(client: FlaskClient, context: Flask) -> None:
    home, elsewhere = build.shop(), build.shop()
    order = build.ordered(build.offer(elsewhere)).orders[0]
    at_desk(client, home.organisation_id)
    assert client.get(f"/desk/bestellungen/{order.id}").status_code == 404
    for step in STEPS:
        where = f"/desk/bestellungen/{order.id}/{step}"
        form = choose_taken(client, where, {"reason": "weil", "seen": "1", "collected": "1"})
        answer = client.post(where, data=form)
        assert answer.status_code == 404, step
    page = client.get(f"/desk/bestellungen?q={code_of(order)}").text
    assert "Nichts gefunden" in page
    assert order.number not in client.get("/desk").text
    assert state(order) == "new"


def test_a_retailers_day(client: FlaskClient, context: Flask) -> None:
    shop = build.shop()
    order = build.ordered(
        build.offer(shop, cents=8_00), build.offer(build.shop(), name="Fremdes"), email="tag@example.org"
    )
    mine = next(each for each in order.orders if each.outlet_id == shop.id)
    at_desk(client, shop.organisation_id)
    assert mine.number in client.get("/desk").text
    page = client.get(f"/desk/bestellungen/{mine.id}").text
    assert "Annehmen" in page
    assert "Fremdes" not in page
    client.post(f"/desk/bestellungen/{mine.id}/annehmen")
    client.post(f"/desk/bestellungen/{mine.id}/bereit")
    assert state(mine) == "ready"
    found = client.get(f"/desk/bestellungen?q={code_of(mine)}")
    assert found.status_code == 303
    page = client.get(found.headers["Location"]).text
    assert f'value="{code_of(mine).replace(" ", "")}"' in page
    done = client.post(f"/desk/bestellungen/{mine.id}/uebergeben", data={"code": code_of(mine), "collected": "1"})
    assert (done.status_code, state(mine)) == (303, "handed_over")
    assert session.get_one(HandOver, mine.id).collected_cents == 8_00
    assert mine.number in client.get("/desk/bestellungen").text


@pytest.mark.parametrize(
    ("form", "status"),
    [({}, 422), ({"code": "1234"}, 422), ({"code": "00000000", "collected": "1"}, 422), ({"seen": "1"}, 422)],
)
def test_no_code_wrong_code_or_no_money_hands_over_nothing(
    client: FlaskClient, context: Flask, form: dict[str, str], status: int
) -> None:
    shop = build.shop()
    order = build.ordered(build.offer(shop)).orders[0]
    lying(order)
    at_desk(client, shop.organisation_id)
    answer = client.post(f"/desk/bestellungen/{order.id}/uebergeben", data=form)
    assert (answer.status_code, state(order)) == (status, "ready")
    assert "Bitte" in answer.text or "Code" in answer.text


def test_a_used_code_is_said_to_be_used(client: FlaskClient, context: Flask) -> None:
    shop = build.shop()
    order = build.ordered(build.offer(shop)).orders[0]
    lying(order)
    code = code_of(order)
    at_desk(client, shop.organisation_id)
    form = {"code": code, "collected": "1"}
    assert client.post(f"/desk/bestellungen/{order.id}/uebergeben", data=form).status_code == 303
    again = client.post(f"/desk/bestellungen/{order.id}/uebergeben", data=form)
    assert again.status_code == 409
    assert "schon übergeben" in again.text


def test_rejecting_needs_a_reason(client: FlaskClient, context: Flask) -> None:
    shop = build.shop()
    order = build.ordered(build.offer(shop)).orders[0]
    at_desk(client, shop.organisation_id)
    assert client.post(f"/desk/bestellungen/{order.id}/ablehnen", data={"reason": ""}).status_code == 422
    assert state(order) == "new"
    assert client.post(f"/desk/bestellungen/{order.id}/ablehnen", data={"reason": "Ausverkauft"}).status_code == 303
    assert state(order) == "cancelled"


def test_steps_out_of_order_change_nothing(client: FlaskClient, context: Flask) -> None:
    shop = build.shop()
    order = build.ordered(build.offer(shop)).orders[0]
    at_desk(client, shop.organisation_id)
    client.post(f"/desk/bestellungen/{order.id}/bereit")
    assert state(order) == "new"
    client.post(f"/desk/bestellungen/{order.id}/annehmen")
    client.post(f"/desk/bestellungen/{order.id}/annehmen")
    assert state(order) == "accepted"


def test_a_point_sees_and_hands_over_only_its_own_parcels(app: Flask, client: FlaskClient, stripe: Running) -> None:
    point, other = build.point(), build.point()
    order = parcel(stripe, point.id)
    lying(order)
    stranger = app.test_client()
    at_desk(stranger, other.organisation_id, "point_keeper")
    assert order.number not in stranger.get("/punkt").text
    for place in ("angekommen", "uebergeben"):
        form = choose_taken(stranger, f"/punkt/{order.id}/{place}", {"seen": "1"})
        assert stranger.post(f"/punkt/{order.id}/{place}", data=form).status_code == 404
    assert stranger.get(f"/punkt/{order.id}").status_code == 404
    at_desk(client, point.organisation_id, "point_keeper")
    page = client.get("/punkt").text
    assert order.number in page
    assert "unterwegs" in page
    early = client.post(f"/punkt/{order.id}/uebergeben", data={"code": code_of(order)})
    assert (early.status_code, state(order)) == (409, "ready")
    assert client.post(f"/punkt/{order.id}/angekommen").status_code == 303
    found = client.get(f"/punkt?q={code_of(order).replace(' ', '')}")
    assert re.search(rf"/punkt/{order.id}\?code=\d{{8}}", found.headers["Location"])
    assert client.post(f"/punkt/{order.id}/uebergeben", data={"code": code_of(order)}).status_code == 303
    assert state(order) == "handed_over"


def test_a_shop_does_not_hand_over_what_lies_at_a_point(client: FlaskClient, stripe: Running) -> None:
    point = build.point()
    order = parcel(stripe, point.id)
    lying(order)
    at_desk(client, order.outlet.organisation_id)
    answer = client.post(f"/desk/bestellungen/{order.id}/uebergeben", data={"code": code_of(order)})
    assert (answer.status_code, state(order)) == (409, "ready")
    assert "Abholstelle" in client.get(f"/desk/bestellungen/{order.id}").text
