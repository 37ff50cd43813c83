"""The numbers on the outside of cards: eight digits and a check digit (ISO/IEC 7064, MOD 11,10), as `1000 0001 6`.

The check digit finds every wrong digit and nearly every swap of two neighbours. A number is no secret and proves
nothing: it only says which card lies on the counter. Decision 0315.
"""

import re

from vouchers.cards import errors

FIRST_SERIAL = 10_000_001
LAST_SERIAL = 99_999_999
BARCODE_PREFIX = "MLK"
MAX_TYPED_CHARACTERS = 40
SHAPE = re.compile(rf"(?:{BARCODE_PREFIX})?([0-9]{{8}})([0-9])")


def calculate_check_digit(serial: int) -> int:
    """Calculate the check digit of eight digits (ISO/IEC 7064, MOD 11,10)."""
    product = 10
    for digit in str(serial):
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    return (11 - product) % 10


def format_number(serial: int) -> str:
    """Format a serial as people read it: in groups, with its check digit."""
    text = str(serial)
    return f"{text[:4]} {text[4:]} {calculate_check_digit(serial)}"


def format_barcode(serial: int) -> str:
    """Format a serial as scanners read it, from a QR code or bar code on the outside."""
    return f"{BARCODE_PREFIX}{serial}{calculate_check_digit(serial)}"


def read_number(text: str) -> int | None:
    """Read the serial in what was typed or scanned; nothing if it cannot be a card's number, such as after a slip."""
    if len(text) > MAX_TYPED_CHARACTERS:
        return None
    found = SHAPE.fullmatch(re.sub(r"[\s\-_.]", "", text).upper())
    if not found or int(found[2]) != calculate_check_digit(int(found[1])) or int(found[1]) < FIRST_SERIAL:
        return None
    return int(found[1])


def read_number_field(text: str, field: str) -> int:
    """Read the serial in a field of a form. Refuses (`Invalid`, with `field`) what is no card's number."""
    serial = read_number(text)
    if serial is None:
        raise errors.number_unreadable(field)
    return serial
