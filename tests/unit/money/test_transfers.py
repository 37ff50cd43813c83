"""References that people type, and the GiroCode that banking apps read."""

import io

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from PIL import Image

from money.bank import girocode, references

GOOD = {
    "holder": "Münsterland e.V.",
    "iban": "DE89 3704 0044 0532 0130 00",
    "bic": "COBADEFFXXX",
    "cents": 42_50,
    "remittance": "RF417K4M2XWQ",
}


def test_the_check_digits_are_those_of_the_standard() -> None:
    # ISO 11649's own example is RF18 5390 0754 7034; ours have eight symbols and the same rule.
    assert references._check("539007547034") == 18


@given(st.integers(0, 11), st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
def test_every_single_wrong_digit_and_letter_is_found(place: int, symbol: str) -> None:
    right = references.create()
    assume(symbol.isdigit() == right[place].isdigit())  # a letter counts as two digits, and one in 97 such swaps passes
    wrong = right[:place] + symbol + right[place + 1 :]
    assert references.is_valid(right)
    assert references.is_valid(wrong) == (wrong == right)


@given(st.integers(0, 10))
def test_swapped_neighbours_are_found(place: int) -> None:
    right = references.create()
    assume(right[place].isdigit() == right[place + 1].isdigit())  # 1B and B1, 2M and M2, 3X and X3 count the same
    wrong = right[:place] + right[place + 1] + right[place] + right[place + 2 :]
    assert references.is_valid(wrong) == (wrong == right)


@given(st.text(max_size=300))
def test_whatever_a_payer_writes_is_read_without_fault(text: str) -> None:
    assert all(references.is_valid(found) for found in references.find_in(text))


def test_references_are_read_from_lines_and_groups_and_once_each() -> None:
    one, two = references.create(), references.create()
    text = f"Rechnung RF {references.group_reference(one)}\n/{two.lower()}, noch einmal {one}"
    assert references.find_in(text) == [one, two]
    assert references.group_reference(one).count(" ") == 2


def test_the_girocode_says_what_the_standard_wants_line_by_line() -> None:
    assert girocode.write_text(**GOOD).split("\n") == [  # type: ignore[arg-type]
        "BCD",
        "002",
        "1",
        "SCT",
        "COBADEFFXXX",
        "Münsterland e.V.",
        "DE89370400440532013000",
        "EUR42.50",
        "",
        "",
        "RF417K4M2XWQ",
    ]


@pytest.mark.parametrize(("cents", "shown"), [(1, "EUR0.01"), (1000_00, "EUR1000.00"), (5, "EUR0.05")])
def test_amounts_have_a_point_and_two_places(cents: int, shown: str) -> None:
    assert girocode.write_text(**(GOOD | {"cents": cents})).split("\n")[7] == shown  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong",
    [{"cents": 0}, {"cents": -1}, {"cents": 10**11}, {"holder": ""}, {"holder": "x" * 71}, {"remittance": "x" * 141}],
)
def test_what_the_standard_has_no_room_for_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        girocode.write_text(**(GOOD | wrong))  # type: ignore[arg-type]


def test_umlauts_count_as_bytes_and_line_breaks_are_no_lines() -> None:
    with pytest.raises(ValueError, match="331"):
        girocode.write_text(**(GOOD | {"holder": "ü" * 70, "remittance": "ä" * 140}))  # type: ignore[arg-type]
    lines = girocode.write_text(**(GOOD | {"holder": "A\nEUR1.00", "remittance": "x\ny"})).split("\n")  # type: ignore[arg-type]
    assert (len(lines), lines[5], lines[10]) == (11, "A EUR1.00", "x y")


def test_it_is_drawn_for_pages_and_for_mails() -> None:
    said = girocode.write_text(**GOOD)  # type: ignore[arg-type]
    assert str(girocode.draw_svg(said)).startswith("<svg")
    picture = Image.open(io.BytesIO(girocode.draw_png(said)))
    assert picture.format == "PNG"
    assert picture.size[0] == picture.size[1] > 200
