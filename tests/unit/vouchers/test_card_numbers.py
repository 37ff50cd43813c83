"""Numbers on cards: read as people type them, and no slip goes unseen."""

import pytest

from foundation.errors import Invalid
from vouchers.cards import numbers

SERIAL = 10_000_001


def test_a_number_is_read_as_it_is_shown_typed_and_scanned() -> None:
    assert numbers.format_number(SERIAL) == "1000 0001 6"
    for text in ("1000 0001 6", "100000016", " 1000-0001-6 ", "MLK100000016", "mlk 1000.0001.6"):
        assert numbers.read_number(text) == SERIAL, text


def test_every_single_wrong_digit_is_found() -> None:
    for serial in (SERIAL, 23_456_789, 99_999_999):
        right = numbers.format_barcode(serial)[3:]
        for place in range(9):
            for digit in set("0123456789") - {right[place]}:
                assert numbers.read_number(right[:place] + digit + right[place + 1 :]) is None


@pytest.mark.parametrize(
    "text", ["", "0", "1000 0001", "1000 0001 7", "MLK", "١٠٠٠٠٠٠١٦", "1" * 500, "ML1.0123", "1000 0001 6 1"]
)
def test_what_is_no_number_is_none(text: str) -> None:
    assert numbers.read_number(text) is None
    with pytest.raises(Invalid) as refused:
        numbers.read_number_field(text, "first")
    assert refused.value.details["field"] == "first"
