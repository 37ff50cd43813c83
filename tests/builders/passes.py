"""Certificates and keys as Apple and Google give them out, made here; nothing of it is real."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

PASS_TYPE, TEAM = "pass.org.example.gutschein", "TEAM123456"
ISSUER = "3388000000012345678"


@dataclass(frozen=True)
class Papers:
    """Files in a folder, and the settings that name them."""

    folder: Path
    root: Path
    settings: dict[str, str]
    google_key: rsa.RSAPublicKey


def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def certificate(
    subject: x509.Name,
    signed: rsa.RSAPrivateKey,
    issuer: x509.Name,
    signer: rsa.RSAPrivateKey,
    *,
    authority: bool,
    days: int = 30,
) -> x509.Certificate:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(signed.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=60))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(authority, None), critical=True)
        .sign(signer, hashes.SHA256())
    )


def private(made: rsa.RSAPrivateKey, password: str = "") -> bytes:
    locked = serialization.BestAvailableEncryption(password.encode()) if password else serialization.NoEncryption()
    return made.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, locked)


def name(common: str, pass_type: str = "", team: str = "") -> x509.Name:
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, common)]
    if pass_type:
        parts += [x509.NameAttribute(NameOID.USER_ID, pass_type)]
        parts += [x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, team)]
    return x509.Name(parts)


def papers(folder: Path, *, days: int = 30, password: str = "", pass_type: str = PASS_TYPE) -> Papers:
    """A root, Apple's certificate below it, ours below that, and a service account."""
    root_key, above_key, our_key, google = key(), key(), key(), key()
    root_name, above_name = name("Test Root"), name("Test WWDR")
    root = certificate(root_name, root_key, root_name, root_key, authority=True)
    above = certificate(above_name, above_key, root_name, root_key, authority=True)
    ours = certificate(
        name("Pass Type ID", pass_type, TEAM), our_key, above_name, above_key, authority=False, days=days
    )
    for file, data in (
        ("root.pem", root.public_bytes(serialization.Encoding.PEM)),
        ("above.pem", above.public_bytes(serialization.Encoding.PEM)),
        ("ours.pem", ours.public_bytes(serialization.Encoding.PEM)),
        ("ours.key", private(our_key, password)),
    ):
        (folder / file).write_bytes(data)
    account = {"client_email": "wallet@example.iam", "private_key": private(google).decode()}
    (folder / "google.json").write_text(json.dumps(account))
    settings = {
        "apple_pass_certificate": str(folder / "ours.pem"),
        "apple_pass_key": str(folder / "ours.key"),
        "apple_pass_key_password": password,
        "apple_wwdr_certificate": str(folder / "above.pem"),
        "google_wallet_issuer": ISSUER,
        "google_wallet_key": str(folder / "google.json"),
    }
    return Papers(folder, folder / "root.pem", settings, google.public_key())
