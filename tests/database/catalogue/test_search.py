"""Search as shoppers use it: umlauts, endings, slips of the finger, compounds, places, the same product twice."""

from uuid import UUID

import pytest
from flask import Flask

from foundation.database import session
from marketplace.catalogue import changing, search, words
from marketplace.catalogue.changing import make_draft
from marketplace.catalogue.search import Hits, SearchQuery
from people.models import Outlet
from tests.builders.catalogue import a_shop, a_word, an_offer

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def shop(context: Flask) -> Outlet:
    return a_shop()


def hits(text: str, *shops: Outlet, kms: dict[UUID, int] | None = None, **more: object) -> Hits:
    words.look_up_terms.cache_clear()
    places = tuple((shop.id, (kms or {}).get(shop.id, 0)) for shop in shops)
    return search.find_hits(SearchQuery(asked=words.look_up_terms(text), places=places, **more))  # type: ignore[arg-type]


def names(text: str, *shops: Outlet, **more: object) -> list[str]:
    return [row.name for row in hits(text, *shops, **more).rows]  # type: ignore[arg-type]


@pytest.mark.parametrize("typed", ["Müsli", "Musli", "Muesli", "müsli", "Mueslie", "MÜSLI", "Muslie"])
def test_umlauts_are_found_however_they_are_typed(shop: Outlet, typed: str) -> None:
    an_offer(shop.id, name="Knusper Müsli")
    assert names(typed, shop) == ["Knusper Müsli"]


@pytest.mark.parametrize("typed", ["Grußkarte", "Grusskarte", "grußkarten"])
def test_sharp_s_and_endings(shop: Outlet, typed: str) -> None:
    an_offer(shop.id, name="Grußkarte Regen")
    assert names(typed, shop) == ["Grußkarte Regen"]


@pytest.mark.parametrize("typed", ["Tomate", "Tomaten", "tomatn", "Tomtaen", "Toamte"])
def test_stems_and_one_slip_of_the_finger(shop: Outlet, typed: str) -> None:
    an_offer(shop.id, name="Tomaten getrocknet")
    assert names(typed, shop) == ["Tomaten getrocknet"]


def test_two_slips_in_a_short_word_find_nothing(shop: Outlet) -> None:
    an_offer(shop.id, name="Kirschen")
    assert names("Korschan", shop) == []


def test_a_word_finds_compounds_that_end_with_it_after_itself(shop: Outlet) -> None:
    an_offer(shop.id, name="Vollkornbrot")
    an_offer(shop.id, name="Brot")
    assert names("Brot", shop) == ["Brot", "Vollkornbrot"]


def test_a_compound_finds_what_it_is_a_kind_of(shop: Outlet) -> None:
    an_offer(shop.id, name="Schuhe aus Filz")
    an_offer(shop.id, name="Kinderschuhe")
    assert names("Kinderschuhe", shop) == ["Kinderschuhe", "Schuhe aus Filz"]


def test_half_a_word_finds_the_whole(shop: Outlet) -> None:
    an_offer(shop.id, name="Lakritzschnecken")
    assert names("Lakritzschn", shop) == ["Lakritzschnecken"]


def test_rice_is_not_in_every_price(shop: Outlet) -> None:
    an_offer(shop.id, name="Reis")
    an_offer(shop.id, name="Preisschild")
    assert names("Reis", shop) == ["Reis"]


def test_all_words_count(shop: Outlet) -> None:
    an_offer(shop.id, name="Kerze rot")
    an_offer(shop.id, name="Kerze blau")
    assert names("rote Kerze", shop) == ["Kerze rot"]


def test_a_correction_says_what_it_was_taken_for(shop: Outlet) -> None:
    an_offer(shop.id, name="Zimtsterne")
    words.look_up_terms.cache_clear()
    asked = words.look_up_terms("Zimtstrene")
    assert asked is not None
    assert asked.instead == (("zimtstrene", "zimtsterne"),)


def test_names_come_before_ingredients(shop: Outlet) -> None:
    word = a_word()
    an_offer(shop.id, name="Kuchen", description=f"mit {word}")
    an_offer(shop.id, name=word)
    assert names(word, shop) == [word, "Kuchen"]


def test_what_is_there_comes_before_what_is_sold_out(shop: Outlet) -> None:
    word = a_word()
    an_offer(shop.id, name=word, description="eins", on_hand=1)
    an_offer(shop.id, name=word, description="zwei", on_hand=0)
    found = hits(word, shop).rows
    assert [row.score - found[-1].score for row in found] == [20, 0]


def test_near_comes_before_far(shop: Outlet) -> None:
    word, far = a_word(), a_shop()
    an_offer(far.id, name=word)
    an_offer(shop.id, name=word)
    found = hits(word, shop, far, kms={far.id: 12}).rows
    assert [row.outlet_id for row in found] == [shop.id, far.id]
    assert found[0].score - found[1].score == 12


def test_other_shops_are_not_searched(shop: Outlet) -> None:
    word, other = a_word(), a_shop()
    an_offer(other.id, name=word)
    assert names(word, shop) == []
    assert hits(word).total == 0


def test_the_same_gtin_in_three_shops_is_one_hit_with_the_lowest_price(shop: Outlet) -> None:
    word = a_word()
    others = [a_shop(), a_shop()]
    for cents, where in zip((300, 250, 275), (shop, *others), strict=True):
        an_offer(where.id, name=word, gtin="4000161050308", price_cents=cents)
    found = hits(word, shop, *others)
    assert [(row.offers, row.lowest_cents) for row in found.rows] == [(3, 250)]
    assert found.total == 1


def test_a_number_finds_its_product(shop: Outlet) -> None:
    an_offer(shop.id, name="Nummerntest", gtin="4006381333931")
    assert "Nummerntest" in names("4006381333931", shop)


def test_hidden_offers_and_variants_are_not_found(shop: Outlet) -> None:
    word = a_word()
    parent = an_offer(shop.id, name=word, has_variants=True)
    an_offer(shop.id, name=f"{word} rot", variant_of=parent.id)
    an_offer(shop.id, name=f"{word} heimlich", status="hidden")
    assert names(word, shop) == [word]


def test_categories_narrow(shop: Outlet) -> None:
    word = a_word()
    an_offer(shop.id, name=f"{word} Topf")
    an_offer(shop.id, name=f"{word} Ball", category_slug="spielzeug")
    assert names(word, shop, categories=("spielzeug",)) == [f"{word} Ball"]


def test_pages_follow_each_other_without_gap_or_repeat(shop: Outlet) -> None:
    word = a_word()
    for number in range(30):
        an_offer(shop.id, name=f"{word} {number}")
    first = hits(word, shop)
    assert (len(first.rows), first.total) == (search.PAGE_SIZE, 30)
    assert first.more is not None
    second = hits(word, shop, after=first.more)
    assert (len(second.rows), second.total, second.more) == (6, 30, None)
    assert len({row.id for row in (*first.rows, *second.rows)}) == 30


def test_any_word_finds_more_when_all_find_nothing(shop: Outlet) -> None:
    one, two = a_word(), a_word()
    an_offer(shop.id, name=one)
    an_offer(shop.id, name=two)
    assert names(f"{one} {two}", shop) == []
    assert sorted(names(f"{one} {two}", shop, any_word=True)) == sorted([one, two])


@pytest.mark.parametrize("text", ["", "und", "&|!():*'\\", "'; DROP TABLE offer; --", "%_%", "a" * 500, "\u202e\x00"])
def test_odd_questions_find_nothing_and_break_nothing(shop: Outlet, text: str) -> None:
    an_offer(shop.id, name="Ruhiges Ding")
    words.look_up_terms.cache_clear()
    asked = words.look_up_terms(text)
    assert asked is None or hits(text, shop).rows == []


def test_a_changed_name_is_found_at_once_and_the_old_one_not(shop: Outlet) -> None:

    old, new = a_word(), a_word()
    offer = an_offer(shop.id, name=old)
    changing.change(offer.id, make_draft(offer, 5, name=new), version=1)
    session.commit()
    assert names(new, shop) == [new]
    assert names(old, shop) == []
