"""Identifiers shaped like Stripe's: a prefix that names the kind, then letters and digits."""

import secrets
import string

_SYMBOLS = string.ascii_letters + string.digits


def symbols(length: int) -> str:
    return "".join(secrets.choice(_SYMBOLS) for _ in range(length))


def new(prefix: str) -> str:
    """`pi` -> `pi_3Q…`; Checkout sessions are longer, as Stripe's are."""
    if prefix == "cs_test":
        return f"cs_test_a1{symbols(56)}"
    return f"{prefix}_{symbols(24)}"
