"""Codes of other systems: how they are read at a till and at the balance page, and how the database knows them.

A list with codes in plain gives vouchers whose code hash is that of the code, without spaces, hyphens and case. A list
with SHA-256 digests gives an index from the digest to the voucher. Neither the code nor the digest is stored.
Decision 0317.
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
_no_lists_until: dict[str, float] = {}  # until when no list is expected
_OURS = re.compile(r"\s*ML[0-9T][.:]", re.IGNORECASE)
_LETTERS = re.compile(r"[0-9A-Z]{6,64}")


def normalise(text: str) -> str | None:
    """Bring a code into its usual form; None for what no other system would call a code, and for our own prefix."""
    if _OURS.match(text):
        return None
    bare = re.sub(r"[\s\-_.:/]", "", text).upper()
    return bare if _LETTERS.fullmatch(bare) else None


def forget_lists() -> None:
    """Forget that no list has come in: the next code asks the database again."""
    _no_lists_until.clear()


def _has_lists() -> bool:
    """Whether any list has come in. The answer no is kept for a minute, for every typed code would ask."""
    found = _no_lists_until.get("until")
    if found is None or found < time.monotonic():
        if not session.scalar(sa.select(sa.exists().where(MoveIn.id.is_not(None)))):
            _no_lists_until["until"] = time.monotonic() + NO_LISTS_TTL_SECONDS
            return False
        return True
    return False


def hash_code(code: str) -> bytes:
    """Hash a code in its usual form as the database knows it. One that looks like ours is read as ours."""
    return codes.hash_code(codes.read_code(code) or code)


def hash_digest(digest: bytes) -> bytes:
    """Hash the SHA-256 of a code as the database knows it."""
    return keyed_hash("voucher moved digest", digest.hex())


def resolve(presented: str) -> CredentialHash | None:
    """Resolve another system's code. None as long as no list has come in, and for what is no such code."""
    text = presented.strip()
    code = normalise(text)
    if code is None or not _has_lists():
        return None
    hashes = [hash_digest(hashlib.sha256(spelling.encode()).digest()) for spelling in _spellings(text, code)]
    found = session.scalar(
        sa.select(Voucher.code_hash)
        .join(MovedCode, MovedCode.voucher_id == Voucher.id)
        .where(MovedCode.hash.in_(hashes))
        .limit(1)
    )
    return CredentialHash(found or hash_code(code), by_code=True)


def _spellings(text: str, code: str) -> Iterator[str]:
    """How the other system may have written what it hashed."""
    yield from dict.fromkeys([text, text.upper(), text.lower(), code, code.lower()])
