"""Unit prices (PAngV §§ 4, 5) and contents."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.catalogue.content_sizes import find_content_in_name, parse_content
from marketplace.catalogue.prices import UnitPrice, calculate_unit_price, format_content


@pytest.mark.parametrize(
    ("cents", "amount", "unit", "expected"),
    [
        (199, 500, "g", UnitPrice(398, "kg")),
        (99, 330, "ml", UnitPrice(300, "l")),
        (250, 125, "g", UnitPrice(2000, "kg")),
        (100, 300, "g", UnitPrice(333, "kg")),
        (200, 300, "g", UnitPrice(667, "kg")),
        (599, 50, "cm", UnitPrice(1198, "m")),
        (199, 1000, "g", None),
        (199, 9, "g", None),
        (199, 6, "piece", None),
        (199, None, None, None),
    ],
)
def test_unit_prices(cents: int, amount: int | None, unit: str | None, expected: UnitPrice | None) -> None:
    assert calculate_unit_price(cents, amount, unit) == expected


@given(cents=st.integers(1, 2_500_000), amount=st.integers(10, 1_000_000))
def test_a_unit_price_is_the_nearest_cent_half_up(cents: int, amount: int) -> None:
    found = calculate_unit_price(cents, amount, "g")
    exact = Fraction(cents * 1000, amount)
    if amount == 1000:
        assert found is None
    else:
        assert found is not None
        assert -Fraction(1, 2) < found.cents - exact <= Fraction(1, 2)


@given(cents=st.integers(1, 2_500_000), amount=st.integers(10, 100_000), times=st.integers(2, 20))
def test_a_bigger_pack_at_the_same_price_is_never_dearer_by_the_kilo(cents: int, amount: int, times: int) -> None:
    small, big = calculate_unit_price(cents, amount, "ml"), calculate_unit_price(cents, amount * times, "ml")
    if small and big:
        assert big.cents <= small.cents


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("500 g", (500, "g")),
        ("0,75 l", (750, "ml")),
        ("1.5 kg", (1500, "g")),
        ("6 x 0,33 l", (1980, "ml")),
        ("3 Stück", (3, "piece")),
        ("2 m", (200, "cm")),
        ("0,3333 g", None),
        ("viel", None),
        ("0 g", None),
        ("2,5 Stück", None),
    ],
)
def test_contents_are_read_from_a_field(text: str, expected: tuple[int, str] | None) -> None:
    assert parse_content(text) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Niederegger Marzipan Schwarzbrot 125G", (125, "g")),
        ("Apfelsaft naturtrüb 6 x 1 l", (6000, "ml")),
        ("Natur Comp Klare Gemüsebrühe, 126 GR Packung", (126, "g")),
        ("Tomate Basilikum Käse - 50 % Fett i. Tr.", None),
        ("Pizza 30 cm", None),
        ("iPhone 14 Hülle", None),
    ],
)
def test_contents_are_read_out_of_names(name: str, expected: tuple[int, str] | None) -> None:
    assert find_content_in_name(name) == expected


@pytest.mark.parametrize(
    ("amount", "unit", "text"),
    [
        (500, "g", "500 g"),
        (1500, "ml", "1,5 l"),
        (1000, "g", "1 kg"),
        (1050, "g", "1,05 kg"),
        (3, "piece", "3 Stück"),
        (250, "cm", "2,5 m"),
    ],
)
def test_contents_are_shown_as_on_a_label(amount: int, unit: str, text: str) -> None:
    assert format_content(amount, unit) == text
    assert parse_content(text) == (amount, unit)
