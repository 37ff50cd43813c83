"""What a till's page keeps of a rotating code while the cashier types the amount: a note, good for ten minutes.

It is encrypted. The code itself is worth nothing a minute after it was shown. Decision 0312.
"""

from datetime import timedelta

from cryptography.fernet import InvalidToken

from foundation.clock import now
from foundation.security import decrypt, encrypt
from vouchers.stored_value import credentials
from vouchers.stored_value.codes import CredentialHash
from vouchers.stored_value.credentials import Expired
from vouchers.wallet import errors, rotating_code

PREFIX = "MLN."
NOTE_TTL = timedelta(minutes=10)


def seal(presented: str) -> str:
    """Turn a rotating code into a note. Whatever else was presented, a note too, is given back as it is."""
    try:
        credential = rotating_code.resolve(presented)
    except Expired:  # good a moment ago, when it was looked up: then the till hears so when it takes the amount
        credential = None
    return PREFIX + encrypt(_stamp(credential)).decode() if credential else presented


def resolve(presented: str) -> CredentialHash | None:
    """Find the token behind a note; nothing for what is none. Refuses (`Expired`) old and foreign ones."""
    return _unseal(presented.removeprefix(PREFIX)) if presented.startswith(PREFIX) else None


def _stamp(credential: CredentialHash) -> bytes:
    return f"{int(now().timestamp())}|{credential.hash.hex()}".encode()


def _unseal(note: str) -> CredentialHash:
    try:
        sealed_at, token_hash = decrypt(note.encode()).decode().split("|")
    except (InvalidToken, ValueError):
        raise errors.code_expired() from None
    credential = CredentialHash(bytes.fromhex(token_hash), by_code=False)
    if int(sealed_at) < (now() - NOTE_TTL).timestamp():
        raise errors.code_expired(credential)
    return credential


def plug() -> None:
    """Let tills read such notes as credentials."""
    credentials.register("sealed note", resolve, proves_itself=True)
