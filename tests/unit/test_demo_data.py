"""The demo's ground: what it promises is in its files."""

from collections import Counter

import pytest

from demo import goods, ground

KREIS_COESFELD = {
    "Ascheberg",
    "Billerbeck",
    "Coesfeld",
    "Dülmen",
    "Havixbeck",
    "Lüdinghausen",
    "Nordkirchen",
    "Nottuln",
    "Olfen",
    "Rosendahl",
    "Senden",
}


def test_24_shops_stand_in_every_town_and_in_münster() -> None:
    towns = Counter(shop["town"] for shop in ground.shops())
    assert sum(towns.values()) == 24
    assert set(towns) == KREIS_COESFELD | {"Münster"}


def test_shops_differ_in_trade_and_each_can_be_called() -> None:
    shops = ground.shops()
    assert len({shop["trade"] for shop in shops}) >= 20
    assert all(shop["phone"] and shop["hours"] and shop["story"] and shop["street"] for shop in shops)
    assert len({shop["slug"] for shop in shops}) == len({shop["phone"] for shop in shops}) == 24


def test_there_are_about_two_thousand_offers_and_services_without_stock() -> None:
    drafts = [d for shop in ground.shops() for d in goods.drafts(shop["slug"], shop["goods"], shop["count"])]
    assert 1900 <= len(drafts) <= 2300
    services = [d for d in drafts if d.kind == "service"]
    assert len(services) >= 40
    assert all(d.on_hand is None for d in services)


@pytest.mark.parametrize("shop", ground.shops(), ids=lambda shop: shop["slug"])
def test_a_shop_names_each_article_once_and_the_same_every_time(shop: dict[str, object]) -> None:
    wanted = (str(shop["slug"]), list(shop["goods"]), int(str(shop["count"])))  # type: ignore[call-overload]
    first, again = goods.drafts(*wanted), goods.drafts(*wanted)
    assert first == again
    assert len({draft.sku for draft in first}) == len(first)


def test_food_has_ingredients_allergens_and_content() -> None:
    for good in goods.packaged()[:300]:
        draft = goods._packaged_draft(good, "laden")
        assert draft.ingredients
        assert draft.allergens
        assert draft.content_amount


def test_three_points_and_one_is_run_by_an_association() -> None:
    kinds = [point["kind"] for point in ground.POINTS]
    assert len(kinds) == 3
    assert kinds.count("association") == 1


def test_two_issuers_and_three_programmes() -> None:
    assert len({p["issuer"] for p in ground.PROGRAMMES}) == 2
    assert sorted(str(p["town"]) for p in ground.PROGRAMMES) == ["Coesfeld", "Dülmen", "None"]
