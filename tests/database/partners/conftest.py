"""Certificates made on the spot: a root, one for localhost, one for somebody else."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """Files: the root, a certificate of localhost, one of another name; the latter two with their keys."""
    folder, root_key = tmp_path_factory.mktemp("certificates"), ec.generate_private_key(ec.SECP256R1())

    def sign(subject: str, key: ec.EllipticCurvePrivateKey, authority: bool) -> x509.Certificate:
        today = datetime.now(UTC)
        made = x509.CertificateBuilder().subject_name(_name(subject)).issuer_name(_name("Wurzel"))
        made = made.public_key(key.public_key()).serial_number(x509.random_serial_number())
        made = made.not_valid_before(today - timedelta(days=1)).not_valid_after(today + timedelta(days=1))
        made = made.add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key())
        made = made.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        made = made.add_extension(identifier, critical=False)
        if authority:
            usage = dict.fromkeys(
                (
                    "digital_signature",
                    "content_commitment",
                    "key_encipherment",
                    "data_encipherment",
                    "key_agreement",
                    "encipher_only",
                    "decipher_only",
                ),
                False,
            )
            made = made.add_extension(x509.KeyUsage(key_cert_sign=True, crl_sign=True, **usage), critical=True)
        else:
            made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(subject)]), critical=False)
        return made.sign(root_key, hashes.SHA256())

    root = folder / "root.pem"
    root.write_bytes(sign("Wurzel", root_key, True).public_bytes(serialization.Encoding.PEM))
    files = [root]
    for name in ("localhost", "kasse.example.org"):
        key = ec.generate_private_key(ec.SECP256R1())
        file = folder / f"{name}.pem"
        file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + sign(name, key, False).public_bytes(serialization.Encoding.PEM)
        )
        files.append(file)
    return files[0], files[1], files[2]
