"""A pass for Apple Wallet: a zip of pass.json, pictures and texts, a manifest of their hashes, and its signature.

Pass type and team stand in the certificate itself (UID and OU of its subject). Decision 0316.
"""

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import structlog
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import NameOID

from foundation import clock
from foundation.config import settings
from foundation.languages import LANGUAGES, force_locale
from vouchers.passes import contents, errors
from vouchers.passes.contents import PassContents

MIME = "application/vnd.apple.pkpass"
PICTURES = Path(__file__).resolve().parent.parent.parent / "static" / "vouchers" / "passes"
SHARED_PICTURES = ("icon.png", "icon@2x.png", "icon@3x.png", "logo.png", "logo@2x.png", "logo@3x.png")

log = structlog.get_logger("passes")


@dataclass(frozen=True)
class AppleSigner:
    """Apple's certificate for our passes, its key, and the certificate of Apple that signed it (WWDR)."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey
    above: x509.Certificate

    @property
    def pass_type(self) -> str:
        return self._named(NameOID.USER_ID)

    @property
    def team(self) -> str:
        return self._named(NameOID.ORGANIZATIONAL_UNIT_NAME)

    def _named(self, oid: x509.ObjectIdentifier) -> str:
        found = self.certificate.subject.get_attributes_for_oid(oid)
        return str(found[0].value) if found else ""

    @property
    def valid(self) -> bool:
        """Whether both certificates hold now: iPhones refuse what an old one signed."""
        return all(
            each.not_valid_before_utc <= clock.now() < each.not_valid_after_utc
            for each in (self.certificate, self.above)
        )


def load_signer() -> AppleSigner | None:
    """Load who signs, when everything for it is configured and valid; otherwise passes are not offered."""
    chosen = settings()
    paths = (chosen.apple_pass_certificate, chosen.apple_pass_key, chosen.apple_wwdr_certificate)
    if not all(paths):
        return None
    found = _read_signer(*paths, chosen.apple_pass_key_password)
    return found if found and found.valid else None


@lru_cache(maxsize=4)
def _read_signer(certificate: str, key: str, above: str, password: str) -> AppleSigner | None:
    try:
        private = serialization.load_pem_private_key(Path(key).read_bytes(), password.encode() or None)
        found = x509.load_pem_x509_certificate(Path(certificate).read_bytes())
        upper = x509.load_pem_x509_certificate(Path(above).read_bytes())
    except (OSError, ValueError, TypeError) as error:
        log.error("apple_pass_settings_unusable", reason=type(error).__name__)
        return None
    if not isinstance(private, rsa.RSAPrivateKey) or private.public_key() != found.public_key():
        log.error("apple_pass_settings_unusable", reason="the key is not the certificate's")
        return None
    made = AppleSigner(found, private, upper)
    if not (made.pass_type and made.team):
        log.error("apple_pass_settings_unusable", reason="the certificate is none for passes")
        return None
    return made


def build_pass(voucher: PassContents) -> bytes:
    """Build the pass as a file (.pkpass), signed. Refuses where nothing is configured."""
    signing = load_signer()
    if signing is None:
        raise errors.apple_not_offered()
    files = {"pass.json": json.dumps(_build_description(voucher, signing), ensure_ascii=False).encode()}
    files |= {name: (PICTURES / name).read_bytes() for name in SHARED_PICTURES}
    files |= {
        f"strip{size}.png": (PICTURES / f"strip-{voucher.design}{size}.png").read_bytes() for size in ("@2x", "@3x")
    }
    files |= _build_texts(voucher)
    manifest = json.dumps({name: hashlib.sha1(data, usedforsecurity=False).hexdigest() for name, data in files.items()})
    files |= {"manifest.json": manifest.encode(), "signature": _sign(signing, manifest.encode())}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return out.getvalue()


def _sign(signing: AppleSigner, manifest: bytes) -> bytes:
    return (
        pkcs7.PKCS7SignatureBuilder()
        .set_data(manifest)
        .add_signer(signing.certificate, signing.key, hashes.SHA256())
        .add_certificate(signing.above)
        .sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary])
    )


def _build_description(voucher: PassContents, signing: AppleSigner) -> dict[str, Any]:
    """Build pass.json with keys as texts: each language has its own file of texts."""
    end = datetime.combine(voucher.ends_on + timedelta(days=1), time(), tzinfo=clock.BERLIN) - timedelta(seconds=1)
    code = {
        "format": "PKBarcodeFormatQR",
        "message": voucher.address,
        "messageEncoding": "iso-8859-1",
        "altText": f"… {voucher.last4}",
    }
    return {
        "formatVersion": 1,
        "passTypeIdentifier": signing.pass_type,
        "teamIdentifier": signing.team,
        "serialNumber": str(voucher.voucher_id),
        "organizationName": voucher.programme.issuer.name,
        "description": f"{voucher.programme.name} … {voucher.last4}",
        "logoText": voucher.programme.name,
        "backgroundColor": "rgb(251, 248, 242)",
        "foregroundColor": "rgb(30, 36, 33)",
        "labelColor": "rgb(31, 90, 70)",
        "expirationDate": end.isoformat(),
        "barcodes": [code],
        "storeCard": {
            "headerFields": [],
            "secondaryFields": [
                {
                    "key": "until",
                    "label": "until",
                    "value": end.isoformat(),
                    "dateStyle": "PKDateStyleMedium",
                    "ignoresTimeZone": True,
                }
            ],
            "auxiliaryFields": [{"key": "issuer", "label": "issuer", "value": voucher.programme.issuer.legal_name}],
            "backFields": [
                {"key": "balance", "label": "balance", "value": voucher.address},
                *({"key": key, "label": key, "value": f"{key}_text"} for key in ("parts", "where", "keep")),
            ],
        },
    }


def _build_texts(voucher: PassContents) -> dict[str, bytes]:
    """Build one file of texts a language (`"key" = "text";`, UTF-16 as Apple's tools write it)."""
    files = {}
    for language in LANGUAGES:
        with force_locale(language):
            known = contents.list_texts(voucher.programme)
        lines = "".join(f'"{key}" = "{_quote(text)}";\n' for key, text in known.items())
        files[f"{language}.lproj/pass.strings"] = lines.encode("utf-16")
    return files


def _quote(text: str) -> str:
    plain = "".join(letter if letter.isprintable() or letter == "\n" else " " for letter in text)
    return plain.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
