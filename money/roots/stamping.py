"""Time stamps by RFC 3161: an authority signs that it saw a root at an instant. Asked outside of every transaction."""

from datetime import datetime
from pathlib import Path

import urllib3
from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from foundation.config import settings

SECONDS = urllib3.Timeout(connect=5, read=20)
MAX_TOKEN_BYTES = 64 * 1024


class StampRefused(Exception):
    """The authority gave no stamp, or none that holds. Told to operators, not to people."""


def request_stamp(url: str, message: bytes) -> bytes:
    """Ask for a stamp on a message and check it. Raises `StampRefused`, also when the server cannot be reached."""
    asked = TimestampRequestBuilder().data(message).hash_algorithm(HashAlgorithm.SHA256).build()
    headers = {"Content-Type": "application/timestamp-query"}
    try:
        with urllib3.PoolManager(retries=False, timeout=SECONDS) as pool:
            answer = pool.request("POST", url, body=asked.as_bytes(), headers=headers, preload_content=False)
            token = answer.read(MAX_TOKEN_BYTES + 1)
    except urllib3.exceptions.HTTPError as error:
        raise StampRefused(f"no answer: {type(error).__name__}") from error
    if answer.status != 200 or len(token) > MAX_TOKEN_BYTES:
        raise StampRefused(f"status {answer.status}, {len(token)} bytes")
    read_stamp(token, message)
    return token


def read_stamp(token: bytes, message: bytes) -> datetime:
    """Give the instant of a stamp. Raises `StampRefused`: it is for something else, or signed by nobody we trust."""
    builder = VerifierBuilder()
    for certificate in _load_authorities():
        builder = builder.add_root_certificate(certificate)
    try:
        stamp = decode_timestamp_response(token)
        builder.build().verify_message(stamp, message)
    except (ValueError, VerificationError) as error:
        raise StampRefused(str(error)) from error
    return stamp.tst_info.gen_time


def _load_authorities() -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(Path(settings().timestamp_certificates).read_bytes())
    except (OSError, ValueError) as error:
        raise StampRefused(f"certificates: {error}") from error
