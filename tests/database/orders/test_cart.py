"""Filling a basket, merging two, what changed since, limits."""

from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from foundation.database import session, transact, uuid7
from foundation.errors import Invalid, NotFound, Refused
from marketplace.cart import contents, queries
from marketplace.cart.lifecycle import merge
from marketplace.cart.models import Cart, CartLine
from marketplace.catalogue.models import Offer, Stock
from people import persons
from tests.builders import orders as build
from tests.builders.threads import at_once


def lines(cart_id: object) -> dict[object, int]:
    rows = session.execute(sa.select(CartLine.offer_id, CartLine.quantity).where(CartLine.cart_id == cart_id))
    return {row[0]: row[1] for row in rows}


def person() -> object:
    made = transact(persons.create, email=f"{uuid4().hex}@example.org", password_hash=None, confirmed=True)
    return made.id


def test_the_same_offer_again_adds_up_in_one_line(context: Flask) -> None:
    offer = build.offer(build.shop())
    cart = build.cart(offer, quantity=2)
    put = transact(contents.add, cart, offer.id, 3)
    assert (put.quantity, put.count, put.capped) == (5, 5, False)
    assert lines(cart) == {offer.id: 5}


def test_more_than_there_are_is_capped_with_the_number_that_is_there(context: Flask) -> None:
    offer = build.offer(build.shop(), on_hand=3)
    cart = transact(contents.create)
    put = transact(contents.add, cart, offer.id, 9)
    assert (put.quantity, put.capped) == (3, True)


@pytest.mark.parametrize("quantity", [0, -1, 100])
def test_a_quantity_outside_one_to_99_is_refused(context: Flask, quantity: int) -> None:
    offer = build.offer(build.shop())
    cart = transact(contents.create)
    with pytest.raises(Invalid):
        transact(contents.add, cart, offer.id, quantity)
    assert lines(cart) == {}


def test_the_51st_line_is_refused_and_the_basket_stays(context: Flask) -> None:
    shop = build.shop()
    cart = transact(contents.create)
    for _n in range(50):
        transact(contents.add, cart, build.offer(shop).id, 1)
    with pytest.raises(Refused) as refused:
        transact(contents.add, cart, build.offer(shop).id, 1)
    assert refused.value.code == "cart_full"
    assert len(lines(cart)) == 50


def test_what_is_hidden_or_sold_out_or_unknown_is_refused(context: Flask) -> None:
    shop = build.shop()
    cart = transact(contents.create)
    hidden = build.offer(shop)
    session.execute(sa.update(Offer).where(Offer.id == hidden.id).values(status="hidden"))
    session.commit()
    for offer_id, kind in ((hidden.id, Refused), (build.offer(shop, on_hand=0).id, Refused), (uuid7(), NotFound)):
        with pytest.raises(kind):
            transact(contents.add, cart, offer_id, 1)
    assert lines(cart) == {}


def test_a_foreign_line_cannot_be_changed(context: Flask) -> None:
    offer = build.offer(build.shop())
    theirs, mine = build.cart(offer, quantity=2), transact(contents.create)
    line = session.scalars(sa.select(CartLine.id).where(CartLine.cart_id == theirs)).one()
    with pytest.raises(NotFound):
        transact(contents.change, mine, line, 1)
    assert lines(theirs) == {offer.id: 2}


def test_a_risen_price_is_trouble_until_agreed_and_a_fallen_one_is_not(context: Flask) -> None:
    shop = build.shop()
    risen, fallen = build.offer(shop, cents=10_00), build.offer(shop, cents=10_00)
    cart = build.cart(risen, fallen)
    session.execute(sa.update(Offer).where(Offer.id == risen.id).values(price_cents=11_00))
    session.execute(sa.update(Offer).where(Offer.id == fallen.id).values(price_cents=9_00))
    session.commit()
    found = {line.offer.id: line for line in queries.load_basket(cart).lines}
    assert (found[risen.id].trouble, found[risen.id].seen_cents, found[risen.id].now_cents) == ("price", 10_00, 11_00)
    assert found[fallen.id].trouble is None
    transact(contents.agree, cart, found[risen.id].id)
    assert [line.trouble for line in queries.load_basket(cart).lines] == [None, None]
    assert queries.load_basket(cart).cents == 20_00


def test_fewer_on_the_shelf_than_in_the_basket_is_shown_and_agreed(context: Flask) -> None:
    offer = build.offer(build.shop(), on_hand=5)
    cart = build.cart(offer, quantity=4)
    session.execute(sa.update(Stock).where(Stock.offer_id == offer.id).values(on_hand=1))
    session.commit()
    line = queries.load_basket(cart).lines[0]
    assert (line.trouble, line.left) == ("stock", 1)
    transact(contents.agree, cart, line.id)
    assert lines(cart) == {offer.id: 1}


def test_deposit_counts_in_the_line(context: Flask) -> None:
    offer = build.offer(build.shop(), cents=1_00)
    session.execute(sa.update(Offer).where(Offer.id == offer.id).values(deposit_cents=25))
    session.commit()
    assert queries.load_basket(build.cart(offer, quantity=2)).cents == 2_50


def test_merging_loses_nothing_and_doubles_nothing(context: Flask) -> None:
    shop = build.shop()
    both, guests, persons_own = (build.offer(shop) for _n in range(3))
    who = person()
    mine = build.cart(both, persons_own, quantity=2, person_id=who)
    guest = build.cart(both, guests, quantity=3)
    merged = transact(merge, guest, who)
    assert merged == mine
    assert lines(mine) == {both.id: 3, persons_own.id: 2, guests.id: 3}
    assert transact(merge, guest, who) == mine
    assert lines(mine) == {both.id: 3, persons_own.id: 2, guests.id: 3}


def test_a_guests_basket_becomes_the_persons_when_there_is_none(context: Flask) -> None:
    offer = build.offer(build.shop())
    who, guest = person(), build.cart(offer)
    assert transact(merge, guest, who) == guest
    assert session.get_one(Cart, guest, populate_existing=True).person_id == who


def test_merging_twice_at_once_doubles_nothing(context: Flask, app: Flask) -> None:
    offer = build.offer(build.shop())
    who, guest = person(), build.cart(offer, quantity=2)
    mine = build.cart(offer, person_id=who)
    at_once(app, lambda _n: transact(merge, guest, who), range(8))
    assert lines(mine)[offer.id] == 2
    assert lines(guest) == {}
