"""The rotating code: a QR that is worth nothing a minute later, so that nobody can spend a photograph of it.

`ML2.<handle>.<eight digits>`: the digits are a TOTP (RFC 6238, SHA-1, 30 seconds). The telephone can work them out
without a network; the till's side checks them and goes on with the voucher's own token, which never leaves the house.
Decision 0312.
"""

import re
import secrets
from datetime import timedelta
from uuid import UUID

import pyotp
import sqlalchemy as sa
import structlog
from cryptography.fernet import InvalidToken

from foundation.clock import now
from foundation.database import call
from foundation.security import decrypt
from vouchers.stored_value import codes, credentials
from vouchers.stored_value.codes import CredentialHash
from vouchers.wallet import errors

PREFIX = "ML2."
STEP_SECONDS = 30
DIGITS = 8
TOLERATED_STEPS = 1
HANDLE_SYMBOLS = 10
MAX_WRONG_CODES = 20
WRONG_CODE_AGE = timedelta(minutes=10)
CODE_SHAPE = re.compile(rf"ML2\.([0-9A-Z]{{{HANDLE_SYMBOLS}}})\.([0-9]{{{DIGITS}}})")

FIND_ITEM = sa.text(
    "SELECT id, token, totp, wrong_codes, wrong_since FROM wallet_item WHERE handle = :handle AND removed_at IS NULL"
)
COUNT_MISS = sa.text(
    "UPDATE wallet_item SET wrong_codes = CASE WHEN wrong_since > :begin THEN least(wrong_codes + 1, 1000) ELSE 1 END,"
    " wrong_since = CASE WHEN wrong_since > :begin THEN wrong_since ELSE :at END WHERE id = :item RETURNING id"
).bindparams(sa.bindparam("begin", type_=sa.DateTime(timezone=True)))

log = structlog.get_logger("wallet")


def make_handle() -> str:
    """Make the name of an item in its codes, ten symbols: it opens nothing."""
    return "".join(secrets.choice(codes.SYMBOLS) for _place in range(HANDLE_SYMBOLS))


def make_totp_secret() -> str:
    """Make a secret of 160 bits, in base 32 (RFC 6238)."""
    return pyotp.random_base32(32)


def build_code(handle: str, totp: str) -> str:
    """Build what the QR holds at this moment: handle and digits of the present 30 seconds."""
    return f"{PREFIX}{handle}.{_otp(totp).at(int(now().timestamp()))}"


def count_seconds_left() -> int:
    """Count the seconds (1 to 30) until the present code is followed by the next one."""
    return STEP_SECONDS - int(now().timestamp()) % STEP_SECONDS


def resolve(presented: str) -> CredentialHash | None:
    """Find the token behind a rotating code; nothing for what is none.

    Refuses (`Expired`) what is older than one step, wrong, or of no wallet: one sentence that a cashier can say.
    """
    found = CODE_SHAPE.fullmatch("".join(presented.split()).upper())
    return _resolve_item(found[1], found[2]) if found else None


def _resolve_item(handle: str, digits: str) -> CredentialHash:
    rows = call(FIND_ITEM, handle=handle)
    if not rows:
        raise errors.code_expired()
    item = rows[0]
    try:
        token, totp = decrypt(item.token).decode(), decrypt(item.totp).decode()
    except InvalidToken:  # encrypted with a key that is no more: the holder gets new codes by mail
        raise errors.code_expired() from None
    secret = CredentialHash(codes.hash_token(token), by_code=False)
    if item.wrong_codes >= MAX_WRONG_CODES and item.wrong_since and item.wrong_since > now() - WRONG_CODE_AGE:
        raise errors.code_expired(secret)
    step = _find_step(totp, digits)
    if step is None:
        _count_miss(item.id)
        raise errors.code_expired(secret)
    if step:
        log.info("wallet_code_skew", item=str(item.id), steps=step)
    return secret


def _find_step(totp: str, digits: str) -> int | None:
    """Find by how many steps the telephone's clock is off; nothing if the digits belong to none that is tolerated."""
    otp, at = _otp(totp), int(now().timestamp())
    for step in sorted(range(-TOLERATED_STEPS, TOLERATED_STEPS + 1), key=abs):
        if secrets.compare_digest(otp.at(at + step * STEP_SECONDS), digits):
            return step
    return None


def _count_miss(item_id: UUID) -> None:
    # A transaction of its own: the miss counts although the till's request comes to nothing.
    call(COUNT_MISS, item=item_id, at=now(), begin=now() - WRONG_CODE_AGE)


def _otp(totp: str) -> pyotp.TOTP:
    return pyotp.TOTP(totp, digits=DIGITS, interval=STEP_SECONDS)


def plug() -> None:
    """Let tills and checkouts read rotating codes."""
    credentials.register("rotating code", resolve, proves_itself=True)
