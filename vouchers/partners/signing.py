"""Signatures by the Standard Webhooks scheme (standardwebhooks.com): HMAC-SHA-256 over id, time and body."""

import base64
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime

PREFIX = "whsec_"
SECRET_BYTES = 32


def generate_secret() -> str:
    """A fresh secret as it is shown, once."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def sign_headers(secrets_valid: Iterable[str], message_id: str, at: datetime, body: str) -> dict[str, str]:
    """The three headers. While a secret is being replaced there are two signatures; the receiver needs one to fit."""
    instant = str(int(at.timestamp()))
    signed = f"{message_id}.{instant}.{body}".encode()
    signatures = [_signature(secret, signed) for secret in secrets_valid]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": instant,
        "webhook-signature": " ".join(signatures),
    }


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
