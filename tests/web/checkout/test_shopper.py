"""The shopper's pages: basket, checkout, order, withdrawal. As guest and signed in."""

import re
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from demo.stripe_standin.testing import Running
from foundation import links as signatures
from foundation.database import session, transact
from marketplace.cart.models import Cart, CartLine
from marketplace.catalogue.models import Offer, Stock
from marketplace.checkout.models import Checkout
from marketplace.orders import links, progress
from marketplace.orders.models import Order, OrderGroup, Withdrawal
from people import persons
from people.web.security import password_hash
from tests.builders import orders as build
from tests.builders import vouchers
from vouchers.network import programmes


def put(client: FlaskClient, offer: Offer, quantity: str = "1") -> int:
    return client.post("/warenkorb/hinein", data={"offer_id": str(offer.id), "quantity": quantity}).status_code


def cart_of(client: FlaskClient) -> UUID:
    cookie = client.get_cookie("basket")
    assert cookie
    return UUID(signatures.unsign("basket", cookie.value))


def line_of(client: FlaskClient) -> UUID:
    return session.scalars(sa.select(CartLine.id).where(CartLine.cart_id == cart_of(client))).one()


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found.group(1)


def windows(page: str) -> dict[str, str]:
    """The first window offered in each shop's select."""
    found = {}
    for name, body in re.findall(r'<select\s+id="f-(window-[^"]+)"(.*?)</select>', page, re.S):
        found[name] = re.findall(r'<option value="([0-9a-f-]{36})"', body)[0]
    return found


def to_payment(client: FlaskClient, **contact: str) -> str:
    """From a filled basket to the second page; gives back that page."""
    begun = client.post("/bestellen")
    assert (begun.status_code, begun.headers["Location"]) == (303, "/bestellen")
    first = client.get("/bestellen")
    assert "zurückgelegt" in first.text
    form = {"name": "Anna Beispiel", "email": "anna@example.org", "phone": "02541 7"} | contact
    chosen = client.post("/bestellen/abholung", data=form | windows(first.text))
    assert (chosen.status_code, chosen.headers["Location"]) == (303, "/bestellen/bezahlen")
    return client.get("/bestellen/bezahlen").text


def order_it(client: FlaskClient, page: str, method: str = "pickup", **more: str) -> str:
    form = {"key": hidden(page, "key"), "shown_cents": hidden(page, "shown_cents"), "method": method}
    answer = client.post("/bestellen/absenden", data=form | more)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def groups(cart_id: UUID) -> list[OrderGroup]:
    query = sa.select(OrderGroup).where(OrderGroup.cart_id == cart_id)
    return list(session.scalars(query.execution_options(populate_existing=True)))


def test_an_empty_basket_says_what_to_do(client: FlaskClient) -> None:
    answer = client.get("/warenkorb")
    assert answer.status_code == 200
    assert "Ihr Warenkorb ist leer" in answer.text
    assert client.post("/bestellen").headers["Location"] == "/warenkorb"
    assert client.get("/bestellen").headers["Location"] == "/warenkorb"
    assert client.get("/bestellen/bezahlen").headers["Location"] == "/warenkorb"


def test_putting_in_changing_and_taking_out(client: FlaskClient, context: Flask) -> None:
    offer = build.offer(build.shop(), cents=2_50)
    assert put(client, offer, "2") == 303
    page = client.get("/warenkorb").text
    assert "5,00" in page
    assert re.search(r"data-cart-count\s*>2<", page)
    line = line_of(client)
    client.post(f"/warenkorb/{line}/menge", data={"quantity": "4"})
    assert session.scalars(sa.select(CartLine.quantity).where(CartLine.id == line)).one() == 4
    for wrong in ("", "-1", "1.5", "1000", "viele"):
        client.post(f"/warenkorb/{line}/menge", data={"quantity": wrong})
        assert session.scalars(sa.select(CartLine.quantity).where(CartLine.id == line)).one() == 4, wrong
    client.post(f"/warenkorb/{line}/entfernen")
    assert "Ihr Warenkorb ist leer" in client.get("/warenkorb").text


def test_machines_get_the_count(client: FlaskClient, context: Flask) -> None:
    offer = build.offer(build.shop(), on_hand=2)
    form = {"offer_id": str(offer.id), "quantity": "5"}
    answer = client.post("/warenkorb/hinein", data=form, headers={"Accept": "application/json"})
    assert answer.json is not None
    assert (answer.json["count"], answer.json["quantity"]) == (2, 2)


def test_what_cannot_be_had_is_said_and_nothing_is_put_in(client: FlaskClient, context: Flask) -> None:
    offer = build.offer(build.shop(), on_hand=0)
    assert put(client, offer) == 303
    assert "ist gerade nicht da" in client.get("/warenkorb").text
    assert client.post("/warenkorb/hinein", data={"offer_id": str(uuid4())}).status_code == 404
    assert client.post("/warenkorb/hinein", data={"offer_id": "x"}).status_code == 404
    assert "Ihr Warenkorb ist leer" in client.get("/warenkorb").text


def test_a_forged_or_foreign_cookie_opens_no_basket(app: Flask, client: FlaskClient, context: Flask) -> None:
    put(client, build.offer(build.shop()))
    mine, line = cart_of(client), line_of(client)
    thief = app.test_client()
    for value in (str(mine), signatures.sign("other", str(mine)), "x"):
        thief.set_cookie("basket", value)
        assert "Ihr Warenkorb ist leer" in thief.get("/warenkorb").text
        assert thief.post(f"/warenkorb/{line}/entfernen").status_code == 404
    assert session.scalar(sa.select(CartLine.id).where(CartLine.id == line)) == line


def test_a_changed_price_is_shown_and_agreed(client: FlaskClient, context: Flask) -> None:
    offer = build.offer(build.shop(), cents=10_00)
    put(client, offer)
    session.execute(sa.update(Offer).where(Offer.id == offer.id).values(price_cents=11_00))
    session.commit()
    page = client.get("/warenkorb").text
    assert "bisher 10,00" in page
    assert "jetzt 11,00" in page
    assert client.post("/bestellen").headers["Location"] == "/warenkorb"
    client.post(f"/warenkorb/{line_of(client)}/zustimmen")
    assert client.post("/bestellen").headers["Location"] == "/bestellen"


def test_a_guest_orders_from_two_shops_and_pays_at_pickup(client: FlaskClient, context: Flask) -> None:
    for cents in (3_50, 4_20):
        put(client, build.offer(build.shop(), cents=cents), "2")
    cart = cart_of(client)
    page = to_payment(client)
    assert "zahlungspflichtig bestellen" in page
    assert "15,40" in page
    place = urlsplit(order_it(client, page)).path
    assert re.fullmatch(r"/bestellung/[^/]+", place)
    shown = client.get(place)
    assert shown.status_code == 200
    assert len(re.findall(r'<figcaption class="code">\d{4} \d{4}<', shown.text)) == 2
    group = groups(cart)[0]
    assert (group.state, group.name, group.phone) == ("placed", "Anna Beispiel", "02541 7")
    assert client.get_cookie("basket") is None
    assert client.get_cookie("basket_count") is None
    assert "Ihr Warenkorb ist leer" in client.get("/warenkorb").text


def test_two_shops_at_one_point_chosen_with_one_click(client: FlaskClient, context: Flask) -> None:
    point = build.point()
    for _n in range(2):
        put(client, build.offer(build.shop()))
    client.post("/bestellen")
    assert f"ort={point.id}" in client.get("/bestellen").text
    page = client.get(f"/bestellen?ort={point.id}").text
    assert page.count(" selected") == 2
    assert client.get("/bestellen?ort=x").text.count(" selected") == 0


def test_the_second_click_reload_and_back_make_no_second_order(client: FlaskClient, context: Flask) -> None:
    put(client, build.offer(build.shop()))
    cart = cart_of(client)
    page = to_payment(client)
    assert order_it(client, page) == order_it(client, page)
    assert len(groups(cart)) == 1
    assert client.get("/bestellen/bezahlen").headers["Location"] == "/warenkorb"


def test_a_sum_that_is_not_the_one_shown_orders_nothing(client: FlaskClient, context: Flask) -> None:
    put(client, build.offer(build.shop(), cents=10_00))
    cart = cart_of(client)
    page = to_payment(client)
    form = {"key": hidden(page, "key"), "method": "pickup"}
    answer = client.post("/bestellen/absenden", data=form | {"shown_cents": "900"}, follow_redirects=True)
    assert "Sie beträgt jetzt 10,00" in answer.text
    for wrong in (
        {"shown_cents": "-1"},
        {"shown_cents": "1000", "key": "x"},
        {"shown_cents": "1000", "key": str(uuid4())},
    ):
        client.post("/bestellen/absenden", data=form | wrong)
    assert client.post("/bestellen/absenden", data=form | {"shown_cents": "1000", "method": "gold"}).status_code in (
        303,
        422,
    )
    assert groups(cart) == []


def test_without_a_method_for_the_rest_nothing_is_ordered(client: FlaskClient, context: Flask) -> None:
    put(client, build.offer(build.shop()))
    cart = cart_of(client)
    page = to_payment(client)
    form = {"key": hidden(page, "key"), "shown_cents": hidden(page, "shown_cents")}
    assert client.post("/bestellen/absenden", data=form).status_code == 422
    assert groups(cart) == []


def test_contact_and_window_are_asked_for_again_with_what_was_typed(client: FlaskClient, context: Flask) -> None:
    put(client, build.offer(build.shop()))
    client.post("/bestellen")
    answer = client.post("/bestellen/abholung", data={"name": "Änne", "email": "falsch"})
    assert answer.status_code == 422
    assert 'value="Änne"' in answer.text
    page = client.get("/bestellen").text
    form = {"name": "Anna", "email": "anna@example.org"} | dict.fromkeys(windows(page), str(uuid4()))
    answer = client.post("/bestellen/abholung", data=form)
    assert answer.status_code == 422
    assert "nicht mehr möglich" in answer.text
    assert session.scalars(sa.select(Checkout.name).where(Checkout.cart_id == cart_of(client))).one() == ""


def test_leaving_gives_the_goods_back(app: Flask, client: FlaskClient, context: Flask) -> None:
    offer = build.offer(build.shop(), on_hand=1)
    put(client, offer)
    client.post("/bestellen")
    other = app.test_client()
    put(other, offer)
    assert "ist gerade nicht da" in other.get("/warenkorb").text
    client.post("/bestellen/verlassen")
    put(other, offer)
    assert "1,00" in other.get("/warenkorb").text or "10,00" in other.get("/warenkorb").text


def test_something_gone_between_basket_and_payment_keeps_the_rest(client: FlaskClient, context: Flask) -> None:
    gone, stays = build.offer(build.shop()), build.offer(build.shop())
    put(client, gone)
    put(client, stays)
    page = to_payment(client)
    session.execute(sa.update(Stock).where(Stock.offer_id == gone.id).values(on_hand=0))
    session.commit()
    form = {"key": hidden(page, "key"), "shown_cents": hidden(page, "shown_cents"), "method": "pickup"}
    assert client.post("/bestellen/absenden", data=form, follow_redirects=True).status_code == 200
    basket = client.get("/warenkorb").text
    assert "Das gibt es gerade nicht mehr" in basket
    assert stays.name in basket
    assert groups(cart_of(client)) == []


def test_a_voucher_pays_and_the_button_says_so(client: FlaskClient, context: Flask) -> None:
    shop = build.shop()
    made = vouchers.programme()
    programmes.accept(made.id, shop.id)
    given = vouchers.voucher(made.id, 20_00)
    session.commit()
    put(client, build.offer(shop, cents=12_00))
    to_payment(client)
    wrong = client.post("/bestellen/gutschein", data={"voucher": "AAAA-BBBB-CCC", "pin": "111111"})
    assert wrong.status_code == 422
    assert "Gutschein" in wrong.text
    client.post("/bestellen/gutschein", data={"voucher": given.code, "pin": given.pin})
    page = client.get("/bestellen/bezahlen").text
    assert "zahlungspflichtig bestellen – mit Gutschein bezahlt" in page
    assert given.token not in page
    client.post("/bestellen/gutschein/entfernen", data={"reference": str(given.voucher_id)})
    assert "mit Gutschein bezahlt" not in client.get("/bestellen/bezahlen").text
    client.post("/bestellen/gutschein", data={"voucher": f"http://localhost:8000/g#{given.token}"})
    page = client.get("/bestellen/bezahlen").text
    cart = cart_of(client)
    order_it(client, page, method="")
    assert groups(cart)[0].state == "placed"


def test_card_leads_to_the_provider_and_back_to_the_order(client: FlaskClient, stripe: Running) -> None:
    put(client, build.offer(build.shop(), cents=12_00))
    cart = cart_of(client)
    page = order_it(client, to_payment(client), method="card")
    assert page.startswith(stripe.base)
    assert groups(cart)[0].state == "pending"
    waiting = client.get(links.make_page_url(groups(cart)[0].id)).text
    assert "Wartet auf die Zahlung" in waiting
    assert client.post("/bestellen").headers["Location"].startswith("http://localhost:8000/bezahlen/")
    assert client.get("/bestellen/bezahlen").headers["Location"].startswith("http://localhost:8000/bezahlen/")
    assert put(client, build.offer(build.shop())) == 303
    assert "läuft eine Zahlung" in client.get("/warenkorb").text
    assert client.post(f"/warenkorb/{line_of(client)}/entfernen").status_code == 303
    assert session.scalars(sa.select(CartLine.quantity).where(CartLine.cart_id == cart)).all() == [1]
    back = client.get(urlsplit(stripe.pay(page)).path)
    assert urlsplit(back.headers["Location"]).path == urlsplit(links.make_page_url(groups(cart)[0].id)).path
    assert groups(cart)[0].state == "placed"


def test_the_order_page_opens_only_by_our_signature(client: FlaskClient, context: Flask) -> None:
    made = build.ordered(build.offer(build.shop()))
    good = links.sign_group(made.group.id)
    assert client.get(f"/bestellung/{good}").status_code == 200
    for forged in (str(made.group.id), good[:-2] + "xx", signatures.sign("payment", str(made.group.id)), "x"):
        assert client.get(f"/bestellung/{forged}").status_code == 404, forged
        assert client.post(f"/bestellung/{forged}/{made.orders[0].id}/stornieren").status_code == 404
    assert session.get_one(Order, made.orders[0].id, populate_existing=True).state == "new"


def test_cancelling_by_the_link_and_not_somebody_elses(client: FlaskClient, context: Flask) -> None:
    mine, theirs = build.ordered(build.offer(build.shop())), build.ordered(build.offer(build.shop()))
    good = links.sign_group(mine.group.id)
    assert client.post(f"/bestellung/{good}/{theirs.orders[0].id}/stornieren").status_code == 404
    assert session.get_one(Order, theirs.orders[0].id, populate_existing=True).state == "new"
    assert client.post(f"/bestellung/{good}/{mine.orders[0].id}/stornieren").status_code == 303
    assert session.get_one(Order, mine.orders[0].id, populate_existing=True).state == "cancelled"
    assert "storniert" in client.get(f"/bestellung/{good}").text


def test_too_late_to_cancel_is_said_and_changes_nothing(client: FlaskClient, context: Flask) -> None:
    made = build.ordered(build.offer(build.shop()))
    transact(progress.accept, made.orders[0].id)
    good = links.sign_group(made.group.id)
    answer = client.post(f"/bestellung/{good}/{made.orders[0].id}/stornieren", follow_redirects=True)
    assert "schon angenommen" in answer.text
    assert session.get_one(Order, made.orders[0].id, populate_existing=True).state == "accepted"


def test_signing_in_brings_the_guests_basket_along_and_the_orders_home(client: FlaskClient, context: Flask) -> None:
    email = f"{uuid4().hex}@example.org"
    person = transact(persons.create, email=email, password_hash=password_hash(build.PASSWORD), confirmed=True)
    assert client.get("/konto/bestellungen").status_code in (302, 401)
    put(client, build.offer(build.shop()), "3")
    cart = cart_of(client)
    build.sign_in(client, email)
    assert "30,00" in client.get("/warenkorb").text
    assert session.get_one(Cart, cart, populate_existing=True).person_id == person.id
    page = to_payment(client)
    order_it(client, page)
    listed = client.get("/konto/bestellungen")
    assert listed.status_code == 200
    assert groups(cart)[0].number in listed.text


def test_withdrawing_in_two_steps_without_login(client: FlaskClient, context: Flask) -> None:
    made = build.ordered(build.offer(build.shop()), email="zurueck@example.org")
    number = made.orders[0].number
    assert number in client.get(f"/widerruf?bestellung={number}").text
    form = {"name": "Anna", "contract": number, "email": "zurueck@example.org", "statement": ""}

    def count() -> int:
        query = sa.select(sa.func.count()).select_from(Withdrawal).where(Withdrawal.contract == number)
        return int(session.scalar(query) or 0)

    second = client.post("/widerruf", data=form)
    assert "Widerruf bestätigen" in second.text
    assert count() == 0
    done = client.post("/widerruf/bestaetigen", data=form)
    assert "eingegangen" in done.text
    assert count() == 1
    assert [t for t, _x in build.mails_to("zurueck@example.org")].count("marketplace/withdrawal_received") == 1


def test_a_withdrawal_without_name_or_address_is_asked_for_again(client: FlaskClient, context: Flask) -> None:
    before = session.scalar(sa.select(sa.func.count()).select_from(Withdrawal))
    for wrong in ({"name": ""}, {"email": "x"}, {"contract": " "}, {"statement": "x" * 1001}):
        form = {"name": "Anna", "contract": "M-1", "email": "a@example.org", "statement": ""} | wrong
        assert client.post("/widerruf", data=form).status_code == 422, wrong
        assert client.post("/widerruf/bestaetigen", data=form).status_code == 422, wrong
    assert session.scalar(sa.select(sa.func.count()).select_from(Withdrawal)) == before
