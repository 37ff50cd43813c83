"""Codes: what people read, type and scan."""

import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from vouchers.stored_value import codes

BODY = st.text(alphabet=codes.SYMBOLS, min_size=10, max_size=10)


@st.composite
def typed(draw: st.DrawFn) -> str:
    body = draw(BODY)
    check = codes.check_symbol(body)
    assume(check in codes.SYMBOLS)
    return body + check


def test_a_new_code_has_three_groups_and_none_of_the_symbols_that_are_confused() -> None:
    for _i in range(300):
        code = codes.make_code()
        assert [len(group) for group in code.split("-")] == [4, 4, 3]
        assert not set("ILOU") & set(code)
        assert codes.read_code(code) == code


def test_a_new_token_has_128_bits_behind_its_prefix() -> None:
    tokens = {codes.make_token() for _i in range(300)}
    assert len(tokens) == 300
    for token in tokens:
        assert token.startswith("ML1.")
        assert len(token) == 30
        assert token[4] in "01234567"
        assert not set("ILOU") & set(token[4:])
        assert codes.read_token(token) == token


@given(typed(), st.integers(0, 10), st.sampled_from(codes.SYMBOLS))
def test_every_single_wrong_symbol_is_found(code: str, place: int, wrong: str) -> None:
    assume(code[place] != wrong)
    assert codes.read_code(code[:place] + wrong + code[place + 1 :]) is None


@given(typed(), st.integers(0, 9))
def test_every_swap_of_neighbours_is_found(code: str, place: int) -> None:
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assume(swapped != code)
    assert codes.read_code(swapped) is None


@given(typed(), st.data())
def test_case_spaces_and_confused_symbols_do_not_matter(code: str, data: st.DataObject) -> None:
    sloppy = "".join(
        data.draw(st.sampled_from({"0": ["0", "o", "O"], "1": ["1", "i", "L", "l", "I"]}.get(c, [c, c.lower()])))
        + data.draw(st.sampled_from(["", " ", "-", "."]))
        for c in code
    )
    assume(len(sloppy) <= 40)
    assert codes.read_code(sloppy) == codes.group_symbols(code)


@given(st.integers(0, 2**128 - 1))
def test_a_token_is_read_out_of_the_address_of_its_qr(number: int) -> None:
    body = "".join(codes.SYMBOLS[number >> 5 * place & 31] for place in reversed(range(26)))
    token = f"ML1.{body}"
    for given_text in (token, f"https://markt.example/g#{token}", f"  http://127.0.0.1:8000/g#{token.lower()}\n"):
        assert codes.read_token(given_text) == token


@given(st.text(max_size=500))
def test_whatever_is_presented_is_read_as_something(text: str) -> None:
    assume(not any(0xD800 <= ord(c) <= 0xDFFF for c in text))
    assert len(codes.read_credential(text).hash) == 32


@pytest.mark.parametrize(
    "text",
    ["", "ML1.", "ML2." + "0" * 26, "ML1." + "0" * 25, "ML1." + "Z" * 26, "ML1." + "U" * 26, "x#" * 300, "0" * 26],
)
def test_what_is_no_token_is_not_read_as_one(text: str) -> None:
    assert codes.read_token(text) is None


def test_token_code_and_pin_of_the_same_text_have_different_hashes() -> None:
    text = string.digits
    assert len({codes.hash_token(text), codes.hash_code(text), codes.hash_pin(text, text)}) == 3
