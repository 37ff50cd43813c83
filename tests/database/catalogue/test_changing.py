"""Offers come and change: optimistic versions, what may be shown, the log of prices, counts."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from foundation import clock
from foundation.database import session, transact, uuid7
from foundation.errors import Invalid, NotFound, Refused
from marketplace.catalogue import changing, prices
from marketplace.catalogue.changing import make_draft
from marketplace.catalogue.errors import OfferUnfit
from marketplace.catalogue.models import Offer, PriceChange, Stock
from marketplace.shops import directory, storefronts
from marketplace.stock.queries import count_available, count_for_display
from people.models import Outlet
from tests.builders.catalogue import a_draft, a_shop, an_offer, some_food
from tests.builders.threads import at_once

pytestmark = pytest.mark.usefixtures("context")
NOON = datetime(2026, 9, 1, 10, 0, tzinfo=UTC)


@pytest.fixture
def shop(context: Flask) -> Outlet:
    return a_shop()


def fresh(offer: Offer) -> Offer:
    session.rollback()
    return session.get_one(Offer, offer.id, populate_existing=True)


def test_a_new_offer_has_stock_price_log_and_slug(shop: Outlet) -> None:
    offer = an_offer(shop.id, name="Müsli, groß", on_hand=7, price_cents=499)
    assert (offer.slug, offer.version, offer.status) == ("muesli-gross", 1, "published")
    assert session.get_one(Stock, offer.id).on_hand == 7
    assert list(session.scalars(sa.select(PriceChange.cents).where(PriceChange.offer_id == offer.id))) == [499]
    assert count_available([offer.id]) == count_for_display([offer.id]) == {offer.id: 7}


def test_what_is_not_counted_is_unknown(shop: Outlet) -> None:
    offer = an_offer(shop.id, on_hand=None)
    assert count_available([offer.id]) == {offer.id: None}


def test_a_number_is_used_once_per_shop(shop: Outlet) -> None:
    an_offer(shop.id, sku="a1")
    with pytest.raises(OfferUnfit) as caught:
        transact(changing.add, shop.id, a_draft(sku="a1"))
    assert set(caught.value.faults) == {"sku"}
    an_offer(a_shop().id, sku="a1")


def test_food_without_particulars_is_not_published(shop: Outlet) -> None:
    with pytest.raises(OfferUnfit) as caught:
        transact(changing.add, shop.id, a_draft(category_slug="brot"))
    assert set(caught.value.faults) == {"ingredients", "allergens"}
    offer = an_offer(shop.id, category_slug="brot", status="hidden")
    with pytest.raises(OfferUnfit):
        transact(changing.publish, offer.id)
    assert fresh(offer).status == "hidden"
    an_offer(shop.id, **some_food())


def test_whoever_saw_an_old_version_is_refused(shop: Outlet) -> None:
    offer = an_offer(shop.id, price_cents=1000)
    transact(changing.change, offer.id, make_draft(offer, 5, price_cents=900), version=1)
    with pytest.raises(Refused) as caught:
        transact(changing.change, offer.id, make_draft(offer, 5, price_cents=800), version=1)
    assert caught.value.code == "offer_changed"
    assert (fresh(offer).price_cents, fresh(offer).version) == (900, 2)


def test_of_eight_changes_at_once_one_wins(app: Flask, shop: Outlet) -> None:
    offer = an_offer(shop.id, price_cents=1000)

    def act(cents: int) -> int:
        return transact(changing.change, offer.id, make_draft(offer, 5, price_cents=cents), version=1).price_cents

    results = at_once(app, act, range(1, 9))
    won = [found for found in results if isinstance(found, int)]
    assert len(won) == 1
    assert sum(isinstance(found, Refused) for found in results) == 7
    assert (fresh(offer).price_cents, fresh(offer).version) == (won[0], 2)


def test_hidden_and_shown_again(shop: Outlet) -> None:
    offer = an_offer(shop.id)
    transact(changing.hide, offer.id)
    assert fresh(offer).status == "hidden"
    transact(changing.publish, offer.id)
    assert (fresh(offer).status, fresh(offer).version) == ("published", 3)


@pytest.mark.parametrize("count", [-1, 1_000_001])
def test_a_senseless_count_is_refused(shop: Outlet, count: int) -> None:
    offer = an_offer(shop.id, on_hand=4)
    with pytest.raises(Invalid):
        transact(changing.set_stock, offer.id, count)
    session.rollback()
    assert count_available([offer.id]) == {offer.id: 4}


def test_what_does_not_exist_cannot_be_changed() -> None:
    with pytest.raises(NotFound):
        transact(changing.hide, uuid7())


def reduced(shop: Outlet, *steps: tuple[int, int, bool]) -> Offer:
    """An offer with a history: (days from the start, cents, announced)."""
    offer = None
    for days, cents, announce in steps:
        with clock.at(NOON + timedelta(days=days)):
            if offer is None:
                offer = an_offer(shop.id, price_cents=cents)
            else:
                draft = make_draft(offer, 5, price_cents=cents, announce=announce)
                offer = transact(changing.change, offer.id, draft, version=offer.version)
    assert offer is not None
    return offer


def struck(offer: Offer) -> int | None:
    return prices.find_struck_price(offer.id, offer.price_cents, offer.reduced_at)


def test_a_reduction_strikes_the_lowest_price_of_the_thirty_days_before(shop: Outlet) -> None:
    offer = reduced(shop, (0, 1000, False), (40, 800, False), (45, 950, False), (60, 700, True))
    assert struck(offer) == 800


def test_a_price_that_ended_longer_ago_does_not_count_but_the_one_in_force_does(shop: Outlet) -> None:
    offer = reduced(shop, (0, 500, False), (5, 1000, False), (60, 900, True))
    assert struck(offer) == 1000


def test_a_price_raised_just_before_is_no_reduction(shop: Outlet) -> None:
    offer = reduced(shop, (0, 500, False), (55, 1000, False), (60, 600, True))
    assert struck(offer) is None


def test_unannounced_or_raised_again_nothing_is_struck(shop: Outlet) -> None:
    assert struck(reduced(shop, (0, 1000, False), (40, 900, False))) is None
    assert struck(reduced(shop, (0, 1000, False), (40, 900, True), (50, 950, False))) is None


def test_nobody_can_change_the_log_of_prices(shop: Outlet) -> None:
    offer = an_offer(shop.id)
    with pytest.raises(sa.exc.DBAPIError):
        session.execute(sa.update(PriceChange).where(PriceChange.offer_id == offer.id).values(cents=1))
    session.rollback()
    with pytest.raises(sa.exc.DBAPIError):
        session.execute(sa.delete(PriceChange).where(PriceChange.offer_id == offer.id))
    session.rollback()


def test_many_offers_at_once_are_as_good_as_one_by_one(shop: Outlet) -> None:
    made = transact(changing.add_many, shop.id, [a_draft(on_hand=2), a_draft(on_hand=None)])
    assert list(count_available([offer.id for offer in made]).values()) == [2, None]
    with pytest.raises(OfferUnfit):
        transact(changing.add_many, shop.id, [a_draft(sku="gut"), a_draft(price_cents=0)])
    assert session.scalar(sa.select(Offer.id).where(Offer.outlet_id == shop.id, Offer.sku == "gut")) is None


def test_a_window_taken_down_leaves_the_directory(shop: Outlet) -> None:
    assert shop.id in directory.load_shops()
    transact(storefronts.unpublish_storefront, shop.id)
    assert shop.id not in directory.load_shops()


def test_unknown_ways_to_pay_are_refused(shop: Outlet) -> None:
    with pytest.raises(Invalid):
        transact(storefronts.save_storefront, shop.id, payment_kinds=["shells"], handover_kinds=[])
    session.rollback()
    directory.clear_cache()
    assert directory.load_shops()[shop.id].payment_kinds == ("card", "pickup", "sepa", "voucher")
