"""A pass for Google Wallet: a link with a signed description (JWT, RS256). Nobody is called to make it.

Decision 0316.
"""

import json
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import jwt
import structlog
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from foundation import clock
from foundation.config import settings
from vouchers.passes import contents, errors
from vouchers.passes.contents import PassContents

SAVE_URL = "https://pay.google.com/gp/v/save/"
MAX_MERCHANT_CHARACTERS = 20  # of Google, for the name of a merchant

log = structlog.get_logger("passes")


@dataclass(frozen=True)
class GoogleSigner:
    """The service account that Google knows us by."""

    email: str
    key: rsa.RSAPrivateKey


def load_signer() -> GoogleSigner | None:
    """Load who signs, when issuer id and key file are configured; otherwise passes are not offered."""
    chosen = settings()
    if not (chosen.google_wallet_issuer and chosen.google_wallet_key):
        return None
    return _read_signer(chosen.google_wallet_key)


@lru_cache(maxsize=4)
def _read_signer(path: str) -> GoogleSigner | None:
    try:
        account = json.loads(Path(path).read_text("utf-8"))
        key = serialization.load_pem_private_key(account["private_key"].encode(), None)
        email = str(account["client_email"])
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        log.error("google_pass_settings_unusable", reason=type(error).__name__)
        return None
    if not isinstance(key, rsa.RSAPrivateKey):
        log.error("google_pass_settings_unusable", reason="no RSA key")
        return None
    return GoogleSigner(email, key)


def build_link(voucher: PassContents) -> str:
    """Build the address that saves the pass. It holds the token: for who has it already. Refuses where nothing is
    configured."""
    signing = load_signer()
    if signing is None:
        raise errors.google_not_offered()
    claims = {
        "iss": signing.email,
        "aud": "google",
        "typ": "savetowallet",
        "iat": int(clock.now().timestamp()),
        "origins": [settings().base_url.rstrip("/")],
        "payload": {
            "giftCardClasses": [_build_class(voucher)],
            "giftCardObjects": [_build_object(voucher)],
        },
    }
    return SAVE_URL + jwt.encode(claims, signing.key, algorithm="RS256")


def _build_class_id(voucher: PassContents) -> str:
    return f"{settings().google_wallet_issuer}.{voucher.programme.slug}"


def _build_class(voucher: PassContents) -> dict[str, Any]:
    logo = f"{settings().base_url.rstrip('/')}/static/vouchers/passes/google-logo.png"
    return {
        "id": _build_class_id(voucher),
        "issuerName": voucher.programme.issuer.name,
        "merchantName": voucher.programme.name[:MAX_MERCHANT_CHARACTERS],
        "programLogo": {"sourceUri": {"uri": logo}},
        "hexBackgroundColor": "#1F5A46",
        "reviewStatus": "UNDER_REVIEW",
    }


def _build_object(voucher: PassContents) -> dict[str, Any]:
    texts = contents.list_texts(voucher.programme)
    end = datetime.combine(voucher.ends_on + timedelta(days=1), time(), tzinfo=clock.BERLIN) - timedelta(seconds=1)
    return {
        "id": f"{settings().google_wallet_issuer}.{voucher.voucher_id}",
        "classId": _build_class_id(voucher),
        "state": "ACTIVE",
        "cardNumber": f"… {voucher.last4}",
        "barcode": {"type": "QR_CODE", "value": voucher.address, "alternateText": f"… {voucher.last4}"},
        "validTimeInterval": {"end": {"date": end.isoformat()}},
        "linksModuleData": {"uris": [{"id": "balance", "uri": voucher.address, "description": texts["balance"]}]},
        "textModulesData": [{"id": "where", "header": texts["where"], "body": texts["where_text"]}],
    }
