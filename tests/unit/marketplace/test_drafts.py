"""Drafts, allergens, words: what is right about an offer before it meets the database."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.catalogue import allergens
from marketplace.catalogue.drafts import find_faults, find_missing_particulars, fold, is_valid_gtin, make_slug
from marketplace.catalogue.models import Category
from marketplace.catalogue.words import extract_words, measure_edit_distance
from tests.builders.catalogue import a_draft

FOOD = Category(slug="brot", name="Brot", parent="lebensmittel", position=1, food=True, textile=False)
CLOTHES = Category(slug="kleidung", name="Kleidung", parent=None, position=2, food=False, textile=True)
OTHER = Category(slug="haushalt", name="Haushalt", parent=None, position=3, food=False, textile=False)


def test_allergens_are_cut_out_for_bold_and_named_once() -> None:
    text = "_Weizenmehl_, Zucker, _Soja_-Lecithine, _weizenmehl_"
    assert allergens.split_ingredients(text) == [
        ("Weizenmehl", True), (", Zucker, ", False), ("Soja", True), ("-Lecithine, ", False), ("weizenmehl", True),
    ]  # fmt: skip
    assert allergens.list_allergens(text) == "weizenmehl, Soja"


def test_without_marks_there_is_no_statement() -> None:
    assert allergens.list_allergens("Wasser, Salz") is None


def test_plain_allergens_are_marked_and_look_alikes_are_not() -> None:
    assert allergens.mark_allergens("Weizenmehl, _Milch_, Kakaobutter, Haselnüsse") == (
        "_Weizenmehl_, _Milch_, Kakaobutter, _Haselnüsse_"
    )


@given(st.text(max_size=60))
def test_cutting_ingredients_loses_nothing_but_underscores(text: str) -> None:
    assert "".join(part for part, _bold in allergens.split_ingredients(text)) == text.replace("_", "")


def test_food_needs_ingredients_and_a_statement_of_allergens() -> None:
    assert set(find_missing_particulars(a_draft(), FOOD)) == {"ingredients", "allergens"}
    assert set(find_missing_particulars(a_draft(ingredients="Wasser"), FOOD)) == {"allergens"}
    assert find_missing_particulars(a_draft(ingredients="Wasser", allergens="Keine"), FOOD) == {}


def test_clothes_need_their_fibres() -> None:
    assert set(find_missing_particulars(a_draft(), CLOTHES)) == {"fibres"}
    assert find_missing_particulars(a_draft(fibres="100 % Baumwolle"), CLOTHES) == {}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"sku": ""}, "sku"),
        ({"sku": "=1+1"}, "sku"),
        ({"name": " "}, "name"),
        ({"name": "x" * 151}, "name"),
        ({"price_cents": 0}, "price"),
        ({"price_cents": 2_500_001}, "price"),
        ({"gtin": "4000161050309"}, "gtin"),
        ({"content_amount": 5}, "content_amount"),
        ({"content_amount": 0, "content_unit": "g"}, "content_amount"),
        ({"deposit_cents": -1}, "deposit"),
        ({"on_hand": -1}, "on_hand"),
        ({"age_limit": 17}, "age_limit"),
        ({"vat_rate_bp": 1600}, "vat_rate_bp"),
        ({"status": "deleted"}, "status"),
        ({"storage_class": "warm"}, "storage_class"),
        ({"description": "x" * 8001}, "description"),
    ],
)
def test_each_fault_is_named_at_its_field(changes: dict[str, object], field: str) -> None:
    assert list(find_faults(a_draft(**changes), OTHER)) == [field]


def test_a_good_draft_has_no_faults() -> None:
    assert find_faults(a_draft(gtin="4000161050308", content_amount=500, content_unit="g"), OTHER) == {}
    assert list(find_faults(a_draft(), None)) == ["category_slug"]


@pytest.mark.parametrize("gtin", ["4000161050308", "96385074", "012345678905"])
def test_good_gtins(gtin: str) -> None:
    assert is_valid_gtin(gtin)
    assert not is_valid_gtin(gtin[:-1] + str((int(gtin[-1]) + 1) % 10))


def test_folding_and_slugs() -> None:
    assert fold("Müsli-Straße ÀÉ") == "musli-strasse ae"
    assert make_slug("Bio-Müsli 500 g!") == "bio-muesli-500-g"
    assert make_slug("???") == "angebot"


@pytest.mark.parametrize(
    ("one", "two", "far"),
    [
        ("brot", "brot", 0),
        ("brot", "bort", 1),
        ("brot", "brt", 1),
        ("brot", "brote", 1),
        ("brot", "boot", 1),
        ("kase", "hose", 2),
    ],
)
def test_distance_counts_one_for_each_slip(one: str, two: str, far: int) -> None:
    assert measure_edit_distance(one, two) == far


@given(st.text("abcd", max_size=7), st.text("abcd", max_size=7))
def test_distance_is_symmetric_and_bounded(one: str, two: str) -> None:
    assert measure_edit_distance(one, two) == measure_edit_distance(two, one)
    assert abs(len(one) - len(two)) <= measure_edit_distance(one, two) <= max(len(one), len(two))
    assert (measure_edit_distance(one, two) == 0) == (one == two)


def test_words_that_say_nothing_are_left_out() -> None:
    assert extract_words("Brot mit dem Käse & für Oma, a") == ("brot", "kase", "oma")
    assert extract_words("und der die das") == ()
    assert len(extract_words(" ".join(f"wort{n}" for n in range(50)))) == 8
