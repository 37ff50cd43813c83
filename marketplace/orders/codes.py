"""Pick-up codes: eight digits in two groups, easily read aloud; one order, one hand-over. Decision 0505.

The database keeps a keyed hash to find the order by, and the digits encrypted to show them to the shopper.
"""

import secrets

import sqlalchemy as sa

from foundation.database import session
from foundation.security import decrypt, encrypt, keyed_hash
from marketplace.orders.models import Order

CODE_DIGITS = 8


def assign_code(order: Order) -> None:
    """Give an order a code that no other order has."""
    while True:
        digits = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
        hashed = hash_code(digits)
        if session.scalar(sa.select(Order.id).where(Order.code_hash == hashed)) is None:
            break
    order.code_hash, order.code_box = hashed, encrypt(digits.encode())


def reveal_code(order: Order) -> str | None:
    """Decrypt the code in two groups, "1234 5678"; nothing once the order ended."""
    if order.code_box is None:
        return None
    digits = decrypt(order.code_box).decode()
    return f"{digits[:4]} {digits[4:]}"


def parse_code(typed: str) -> str | None:
    """Read the eight digits of what was typed or scanned; nothing when it is no code."""
    digits = "".join(typed[:40].split()).replace("-", "")
    return digits if len(digits) == CODE_DIGITS and digits.isascii() and digits.isdigit() else None


def hash_code(digits: str) -> bytes:
    """Hash a code with the key; the database knows no more of it."""
    return keyed_hash("pickup", digits)
