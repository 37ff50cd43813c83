"""What people and tills hold: QR tokens, typed codes, PINs. Made here, read here, stored as keyed hashes only.

Crockford's 32 symbols leave out I, L, O and U; reading is tolerant: case, spaces, O for 0, I and L for 1.
"""

import re
import secrets
from dataclasses import dataclass

from foundation.security import keyed_hash

SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CHECKS = SYMBOLS + "*~$=U"
PREFIX = "ML1."
TOKEN_SYMBOLS = 26  # 128 bits need 25.6
CODE_SYMBOLS = 10  # 50 bits: only in an enrolled till or together with the PIN
PIN_DIGITS = 6
MAX_PRESENTED_CHARACTERS = 400  # a whole address with the token behind #

_CONFUSED = str.maketrans({"O": "0", "I": "1", "L": "1"})
_TOKEN = re.compile(r"ML1[.:]?([0-9A-Z]{26})")
_VALUES = {symbol: value for value, symbol in enumerate(SYMBOLS)}


@dataclass(frozen=True)
class CredentialHash:
    """What was presented, as the database knows it. `by_code`: the short typed code, which alone proves little."""

    hash: bytes
    by_code: bool


@dataclass(frozen=True)
class Hashes:
    """The secrets of one voucher as the database knows them, and the four symbols that receipts show."""

    token: bytes
    code: bytes
    pin: bytes
    last4: str


def hash_secrets(token: str, code: str, pin: str) -> Hashes:
    """Hash a voucher's three secrets as the database knows them."""
    return Hashes(hash_token(token), hash_code(code), hash_pin(code, pin), read_last4(code))


def read_last4(code: str) -> str:
    """Read the four symbols that receipts show."""
    return code.replace("-", "")[-4:]


def make_token() -> str:
    """128 random bits behind the version prefix."""
    number = secrets.randbits(128)
    return PREFIX + "".join(SYMBOLS[number >> 5 * place & 31] for place in reversed(range(TOKEN_SYMBOLS)))


def make_code() -> str:
    """Make a typed code with its check symbol, grouped XXXX-XXXX-XXX. Its check symbol is a letter or digit, too."""
    while True:
        body = "".join(secrets.choice(SYMBOLS) for _ in range(CODE_SYMBOLS))
        check = check_symbol(body)
        if check in _VALUES:
            return group_symbols(body + check)


def make_pin() -> str:
    """Make a PIN of six random digits."""
    return f"{secrets.randbelow(10**PIN_DIGITS):0{PIN_DIGITS}d}"


def check_symbol(body: str) -> str:
    """Crockford's check symbol: the number modulo 37. It finds every single wrong symbol and every swap of two."""
    number = 0
    for symbol in body:
        number = (number * 32 + _VALUES[symbol]) % 37
    return CHECKS[number]


def group_symbols(code: str) -> str:
    """Group a code's symbols as people read it: XXXX-XXXX-XXX."""
    return f"{code[:4]}-{code[4:8]}-{code[8:]}"


def read_token(text: str) -> str | None:
    """Read the token in what a scanner or a person gave, also inside a whole address; nothing if there is none."""
    if len(text) > MAX_PRESENTED_CHARACTERS:
        return None
    tail = text.rsplit("#", 1)[-1]
    found = _TOKEN.fullmatch("".join(tail.split()).upper())
    if not found:
        return None
    body = found.group(1).translate(_CONFUSED)
    return PREFIX + body if _VALUES.keys() >= set(body) and body[0] in "01234567" else None


def read_code(text: str) -> str | None:
    """Read the typed code in its usual form; nothing if it cannot be one, such as after a typing error."""
    if len(text) > 40:
        return None
    bare = re.sub(r"[\s\-_.]", "", text).upper()
    if len(bare) != CODE_SYMBOLS + 1:
        return None
    bare = bare.translate(_CONFUSED)
    body, check = bare[:-1], bare[-1]
    if any(symbol not in _VALUES for symbol in body) or check_symbol(body) != check:
        return None
    return group_symbols(body + check)


def looks_like_code(text: str) -> bool:
    """Whether it has the length of a typed code: then a wrong check symbol is a typing error, and may be told."""
    return len(re.sub(r"[\s\-_.]", "", text[:60])) in range(CODE_SYMBOLS, CODE_SYMBOLS + 3)


def hash_token(token: str) -> bytes:
    """How the database knows a token."""
    return keyed_hash("voucher token", token)


def hash_code(code: str) -> bytes:
    """How the database knows a typed code."""
    return keyed_hash("voucher code", code)


def hash_pin(code: str, pin: str) -> bytes:
    """How the database knows a PIN; it holds for its own code only."""
    return keyed_hash("voucher pin", f"{code}|{pin}")


def read_credential(text: str) -> CredentialHash:
    """Whatever was presented. What cannot be a token or a code gets a hash that nobody has: no special way for it."""
    token = read_token(text)
    if token:
        return CredentialHash(hash_token(token), by_code=False)
    code = read_code(text)
    if code:
        return CredentialHash(hash_code(code), by_code=True)
    return CredentialHash(keyed_hash("voucher nothing", text[:MAX_PRESENTED_CHARACTERS]), by_code=True)
