"""The rotating code: a QR that is worth nothing a minute later, so that nobody can spend a photograph of it.

`ML2.<handle>.<eight digits>`: the digits are a TOTP (RFC 6238, SHA-1, 30 seconds). The telephone can work them out
without a network; the till's side checks them and goes on with the voucher's own token, which never leaves the house.
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
from foundation.languages import _
from foundation.security import decrypt, encrypt
from vouchers.stored_value import codes, credentials
from vouchers.stored_value.codes import CredentialHash
from vouchers.stored_value.credentials import Expired

PREFIX, KEPT = "ML2.", "MLK."
STEP_SECONDS = 30
DIGITS = 8
TOLERATED_STEPS = 1
HANDLE_SYMBOLS = 10
NOTE_TTL = timedelta(minutes=10)
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
    """How an item is called in its codes: it opens nothing."""
    return "".join(secrets.choice(codes.SYMBOLS) for _place in range(HANDLE_SYMBOLS))


def make_totp_secret() -> str:
    """A secret of 160 bits, in base 32."""
    return pyotp.random_base32(32)


def build_code(handle: str, totp: str) -> str:
    """What the QR holds at this moment."""
    return f"{PREFIX}{handle}.{_otp(totp).at(int(now().timestamp()))}"


def count_seconds_left() -> int:
    """How long the present code is shown before the next one: 1 to 30."""
    return STEP_SECONDS - int(now().timestamp()) % STEP_SECONDS


def seal_note(presented: str) -> str:
    """What a till keeps while the amount is typed: a rotating code becomes a sealed note that is good for ten minutes.

    The note stays in the till's own page. Anything else is given back as it is.
    """
    try:
        secret = None if presented.startswith(KEPT) else resolve(presented)
    except Expired:  # good a moment ago, when it was looked up: then the till hears so when it takes the amount
        secret = None
    return f"{KEPT}{encrypt(_stamp(secret)).decode()}" if secret else presented


def resolve(presented: str) -> CredentialHash | None:
    """The token behind a rotating code, or behind a till's own note; nothing for what is neither.

    Refuses (`Expired`) what is older than one step, wrong, or of no wallet: one sentence that a cashier can say.
    """
    if presented.startswith(KEPT):
        return _unseal(presented[len(KEPT) :])
    found = CODE_SHAPE.fullmatch("".join(presented.split()).upper())
    return _resolve_item(found[1], found[2]) if found else None


def _resolve_item(handle: str, digits: str) -> CredentialHash:
    rows = call(FIND_ITEM, handle=handle)
    if not rows:
        raise _expired()
    item = rows[0]
    try:
        token, totp = decrypt(item.token).decode(), decrypt(item.totp).decode()
    except InvalidToken:  # encrypted with a key that is no more: the holder gets new codes by mail
        raise _expired() from None
    secret = CredentialHash(codes.hash_token(token), by_code=False)
    if item.wrong_codes >= MAX_WRONG_CODES and item.wrong_since and item.wrong_since > now() - WRONG_CODE_AGE:
        raise _expired(secret)
    step = _find_step(totp, digits)
    if step is None:
        _count_miss(item.id)
        raise _expired(secret)
    if step:
        log.info("wallet_code_skew", item=str(item.id), steps=step)
    return secret


def _find_step(totp: str, digits: str) -> int | None:
    """By how many steps the telephone's clock is off; nothing if the digits belong to none that is tolerated."""
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


def _stamp(secret: CredentialHash) -> bytes:
    return f"{int(now().timestamp())}|{secret.hash.hex()}".encode()


def _unseal(note: str) -> CredentialHash:
    try:
        made, token_hash = decrypt(note.encode()).decode().split("|")
    except (InvalidToken, ValueError):
        raise _expired() from None
    if int(made) < (now() - NOTE_TTL).timestamp():
        raise _expired(CredentialHash(bytes.fromhex(token_hash), by_code=False))
    return CredentialHash(bytes.fromhex(token_hash), by_code=False)


def _expired(secret: CredentialHash | None = None) -> Expired:
    found = Expired(_("Der gezeigte Code ist abgelaufen. Bitte neu anzeigen lassen."))
    found.secret = secret
    return found


def plug() -> None:
    """Tills read this form, too."""
    credentials.register("wallet", resolve, proves_itself=True)
