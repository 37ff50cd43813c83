"""Codes of other systems: how they are read at a till and at the balance page, and how the database knows them.

A list with codes in plain gives vouchers whose code hash is that of the code, without spaces, hyphens and case. A list
with SHA-256 digests gives an index from the digest to the voucher. Neither the code nor the digest is stored.
"""

import hashlib
import re
import time
from collections.abc import Iterator

import sqlalchemy as sa

from foundation.database import session
from foundation.security import keyed_hash
from vouchers.moving.models import MovedCode, MoveIn
from vouchers.stored_value import codes
from vouchers.stored_value.codes import CredentialHash
from vouchers.stored_value.models import Voucher

NO_LISTS_TTL_SECONDS = 60
_asked: dict[str, float] = {}  # until when no list is expected
_OURS = re.compile(r"\s*ML[0-9T][.:]", re.IGNORECASE)
_LETTERS = re.compile(r"[0-9A-Z]{6,64}")


def normalise(text: str) -> str | None:
    """The code in its usual form; nothing for what no other system would call a code, or what has our own prefix."""
    if _OURS.match(text):
        return None
    bare = re.sub(r"[\s\-_.:/]", "", text).upper()
    return bare if _LETTERS.fullmatch(bare) else None


def forget_lists() -> None:
    """Ask the database again whether any list has come in."""
    _asked.clear()


def _lists_came_in() -> bool:
    """Kept for a minute: nearly no house has such lists, and every typed code would ask."""
    found = _asked.get("until")
    if found is None or found < time.monotonic():
        if not session.scalar(sa.select(sa.exists().where(MoveIn.id.is_not(None)))):
            _asked["until"] = time.monotonic() + NO_LISTS_TTL_SECONDS
            return False
        return True
    return False


def hash_code(code: str) -> bytes:
    """How the database knows a code in its usual form. One that happens to look like ours is read as ours."""
    return codes.hash_code(codes.read_code(code) or code)


def hash_digest(digest: bytes) -> bytes:
    """How the database knows the SHA-256 of a code."""
    return keyed_hash("voucher moved digest", digest.hex())


def resolve(presented: str) -> CredentialHash | None:
    """The secret behind another system's code. Nothing as long as no list has come in, or when it is no such code."""
    text = presented.strip()
    code = normalise(text)
    if code is None or not _lists_came_in():
        return None
    hashes = [hash_digest(hashlib.sha256(way.encode()).digest()) for way in _ways(text, code)]
    found = session.scalar(
        sa.select(Voucher.code_hash)
        .join(MovedCode, MovedCode.voucher_id == Voucher.id)
        .where(MovedCode.hash.in_(hashes))
        .limit(1)
    )
    return CredentialHash(found or hash_code(code), by_code=True)


def _ways(text: str, code: str) -> Iterator[str]:
    """How the other system may have written what it hashed."""
    yield from dict.fromkeys([text, text.upper(), text.lower(), code, code.lower()])
