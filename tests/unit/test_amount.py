"""Amounts as people type and read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.errors import Invalid
from money.amount import MAX_CENTS, euro, parse, plain


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("12,50", 1250),
        ("12.50", 1250),
        ("12,5", 1250),
        ("12", 1200),
        ("0,01", 1),
        ("1.234,50", 123450),
        ("1,234.50", 123450),
        ("1.234", 123400),
        ("1.000", 100000),
        ("1 234,50", 123450),
        ("1\u202f234,50 €", 123450),
        ("12,50 €", 1250),
        ("€12.50", 1250),
        ("12,50 EUR", 1250),
        ("  7 ", 700),
        ("007,50", 750),
        ("100000", 10_000_000),
    ],
)
def test_a_german_or_english_amount_is_read(text: str, cents: int) -> None:
    assert parse(text) == cents


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "amount_missing"),
        (" € ", "amount_missing"),
        ("zwölf", "amount_unreadable"),
        ("-5", "amount_unreadable"),
        ("+5", "amount_unreadable"),
        ("1e3", "amount_unreadable"),
        ("12,505", "amount_unreadable"),
        ("1,234", "amount_unreadable"),
        ("1.23.45", "amount_unreadable"),
        ("1.234.50", "amount_unreadable"),
        ("1.2345,00", "amount_unreadable"),
        ("12,50,", "amount_unreadable"),
        (",50", "amount_unreadable"),
        ("12,", "amount_unreadable"),
        ("١٢", "amount_unreadable"),
        ("NaN", "amount_unreadable"),
        ("0x10", "amount_unreadable"),
        ("12 $", "amount_unreadable"),
        ("9" * 25, "amount_unreadable"),
        ("1" * 10_000, "amount_unreadable"),
        ("0", "amount_out_of_range"),
        ("0,00", "amount_out_of_range"),
        ("100000,01", "amount_out_of_range"),
        ("9" * 24, "amount_out_of_range"),
    ],
)
def test_anything_else_is_refused_with_a_sentence(text: str, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        parse(text, field="price")
    assert refusal.value.code == code
    assert refusal.value.details["field"] == "price"
    assert len(str(refusal.value.sentence)) < 120


def test_limits_are_named_in_the_refusal() -> None:
    with pytest.raises(Invalid, match="zwischen 10,00\u202f€ und 250,00\u202f€"):
        parse("9,99", minimum=1000, maximum=25000)
    assert parse("10", minimum=1000, maximum=25000) == 1000
    assert parse("250,00", minimum=1000, maximum=25000) == 25000


@pytest.mark.parametrize(
    ("cents", "german", "english"),
    [
        (1250, "12,50\u202f€", "€12.50"),
        (0, "0,00\u202f€", "€0.00"),
        (5, "0,05\u202f€", "€0.05"),
        (123450, "1.234,50\u202f€", "€1,234.50"),
        (123456789012, "1.234.567.890,12\u202f€", "€1,234,567,890.12"),
        (-1250, "\u221212,50\u202f€", "\u2212€12.50"),
    ],
)
def test_an_amount_is_shown_as_the_language_writes_it(cents: int, german: str, english: str) -> None:
    assert euro(cents) == german
    assert euro(cents, "en") == english


@given(st.integers(1, MAX_CENTS))
def test_what_is_shown_can_be_typed(cents: int) -> None:
    assert parse(euro(cents)) == cents
    assert parse(euro(cents, "en")) == cents
    assert parse(plain(cents)) == cents


@given(st.text(max_size=40))
def test_no_text_does_anything_but_an_amount_or_a_refusal(text: str) -> None:
    try:
        cents = parse(text)
    except Invalid:
        return
    assert 1 <= cents <= MAX_CENTS
