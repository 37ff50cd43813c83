"""How many statements each request runs: a page that asks once more for every line is found here, not in the summer."""

from collections.abc import Callable
from uuid import uuid4

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from foundation.database import session
from people.models import Outlet
from tests.builders import orders as build
from tests.builders import vouchers
from tests.load.within import statements
from tests.web.checkout.test_shopper import hidden, windows
from vouchers.network import programmes

Request = Callable[[], int]


def slug_of(outlet_id: object) -> str:
    return str(session.scalars(sa.select(Outlet.slug).where(Outlet.id == outlet_id)).one())


def cost(app: Flask, request: Request, status: int, *, warm: bool = False) -> int:
    """Statements of a request that answers with `status`; `warm`: once before, for what a process remembers."""
    if warm:
        assert request() == status
    with statements(app) as seen:
        assert request() == status
    return len(seen)


def test_the_counter_counts(app: Flask, context: Flask) -> None:
    with statements(app) as seen:
        session.execute(sa.text("SELECT 1"))
        session.execute(sa.text("SELECT 2"))
    session.execute(sa.text("SELECT 3"))
    assert seen == ["SELECT 1", "SELECT 2"]


def test_a_redemption_runs_one_statement_and_a_constant_answer_none(
    app: Flask, client: FlaskClient, context: Flask
) -> None:
    _programme, shop, voucher = vouchers.scene(100_00)

    def redeem() -> int:
        head = {"Authorization": f"Bearer {shop.token}", "Idempotency-Key": str(uuid4())}
        body = {"token": voucher.token, "amount_cents": 1}
        return client.post("/api/v1/redemptions", json=body, headers=head).status_code

    assert cost(app, redeem, 201) == 1
    assert cost(app, lambda: client.get("/api/v1/ping").status_code, 200) == 0


def test_public_pages_run_two_statements_at_most(app: Flask, client: FlaskClient, context: Flask) -> None:
    shop = build.shop()
    offers = [build.offer(shop, name=f"Zwiebelkuchen {n}") for n in range(8)]
    product = f"/angebot/{offers[0].id}-{offers[0].slug}"
    most = {"/": 0, "/suche?q=Zwiebelkuchen": 2, f"/laden/{slug_of(shop.id)}": 2, product: 2, "/laeden": 0}
    for path, statements_at_most in most.items():
        found = cost(app, lambda path=path: client.get(path).status_code, 200, warm=True)  # type: ignore[misc]
        assert found <= statements_at_most, path


def test_the_basket_does_not_ask_for_every_line(app: Flask, client: FlaskClient, context: Flask) -> None:
    shops = [build.shop() for _n in range(3)]
    offers = [build.offer(shop) for shop in shops for _n in range(3)]

    def put(place: int) -> Request:
        form = {"offer_id": str(offers[place].id), "quantity": "1"}
        return lambda: client.post("/warenkorb/hinein", data=form).status_code

    def show() -> int:
        return client.get("/warenkorb").status_code

    assert cost(app, put(0), 303) <= 9
    assert cost(app, put(1), 303) <= 9
    small = cost(app, show, 200)
    for place in range(2, 9):
        assert cost(app, put(place), 303) <= 9
    assert (small, cost(app, show, 200)) == (4, 4)


def checked_out(app: Flask, client: FlaskClient, shops: int) -> dict[str, int]:
    """The statements of each step of a checkout over so many shops, a voucher for a part, the rest at pick-up."""
    programme = vouchers.programme()
    for _n in range(shops):
        shop = build.shop()
        programmes.accept(programme.id, shop.id)
        session.commit()
        client.post("/warenkorb/hinein", data={"offer_id": str(build.offer(shop, cents=20_00).id), "quantity": "1"})
    voucher = vouchers.voucher(programme.id, 10_00)
    session.commit()
    found = {"begin": cost(app, lambda: client.post("/bestellen").status_code, 303)}
    found["where"] = cost(app, lambda: client.get("/bestellen").status_code, 200)
    where = {"name": "Anna", "email": "anna@example.org"} | windows(client.get("/bestellen").text)
    found["choose"] = cost(app, lambda: client.post("/bestellen/abholung", data=where).status_code, 303)
    token = {"voucher": voucher.token}
    found["voucher"] = cost(app, lambda: client.post("/bestellen/gutschein", data=token).status_code, 303)
    found["pay"] = cost(app, lambda: client.get("/bestellen/bezahlen").status_code, 200)
    page = client.get("/bestellen/bezahlen").text
    form = {"key": hidden(page, "key"), "shown_cents": hidden(page, "shown_cents"), "method": "pickup"}
    there: list[str] = []

    def place() -> int:
        answer = client.post("/bestellen/absenden", data=form)
        there.append(answer.headers["Location"])
        return answer.status_code

    found["place"] = cost(app, place, 303)
    found["order"] = cost(app, lambda: client.get(there[0]).status_code, 200)
    return found


def test_each_step_of_a_checkout_has_its_bound(app: Flask, context: Flask) -> None:
    one, three = checked_out(app, app.test_client(), 1), checked_out(app, app.test_client(), 3)
    most = {"begin": 14, "where": 8, "choose": 26, "voucher": 18, "pay": 11, "place": 90, "order": 9}
    assert all(one[step] <= most[step] for step in most), one
    two_more = {"begin": 0, "where": 0, "choose": 2, "voucher": 0, "pay": 0, "place": 10, "order": 2}
    assert all(three[step] <= most[step] + two_more[step] for step in most), three
