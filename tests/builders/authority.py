"""A time-stamping authority (RFC 3161) as a program of its own: OpenSSL signs, Python's server answers."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

CONFIG = """
[ca]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[tsa_cert]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
subjectKeyIdentifier = hash
[req]
distinguished_name = name
[name]
[tsa]
default_tsa = tsa_config
[tsa_config]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256
ess_cert_id_alg = sha256
"""


@dataclass(frozen=True)
class Authority:
    """Where it answers, and the certificate by which its stamps are known."""

    url: str
    certificates: Path


@contextmanager
def authority() -> Iterator[Authority]:
    """An authority that stamps whatever it is asked, until the end."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _make_keys(folder)
        server = subprocess.Popen([sys.executable, "-m", __name__, name], stdout=subprocess.PIPE, text=True)
        assert server.stdout
        try:
            yield Authority(f"http://127.0.0.1:{int(server.stdout.readline())}/", folder / "ca.pem")
        finally:
            server.kill()
            server.wait()
            server.stdout.close()


def _openssl(*arguments: str, given: bytes | None = None) -> bytes:
    return subprocess.run(["openssl", *arguments], input=given, check=True, capture_output=True).stdout


def _make_keys(folder: Path) -> None:
    config = folder / "openssl.cnf"
    config.write_text(CONFIG.format(folder=folder))
    (folder / "serial").write_text("01\n")
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-config", str(config))
    ca = ("-keyout", f"{folder}/ca.key", "-out", f"{folder}/ca.pem", "-subj", "/CN=Test CA", "-days", "36500")
    _openssl("req", "-x509", *curve, *ca, "-extensions", "ca")
    _openssl("req", *curve, "-keyout", f"{folder}/tsa.key", "-out", f"{folder}/tsa.csr", "-subj", "/CN=Test TSA")
    signed = ("-CA", f"{folder}/ca.pem", "-CAkey", f"{folder}/ca.key", "-CAcreateserial", "-days", "36500")
    kind = ("-extfile", str(config), "-extensions", "tsa_cert")
    _openssl("x509", "-req", "-in", f"{folder}/tsa.csr", "-out", f"{folder}/tsa.pem", *signed, *kind)


class _Handler(BaseHTTPRequestHandler):
    folder = ""

    def do_POST(self) -> None:
        asked = self.rfile.read(int(self.headers["Content-Length"]))
        query = Path(self.folder) / "query.tsq"
        query.write_bytes(asked)
        arguments = ("-config", f"{self.folder}/openssl.cnf", "-queryfile", str(query))
        answer = _openssl("ts", "-reply", *arguments)
        self.send_response(200)
        self.send_header("Content-Type", "application/timestamp-reply")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    _Handler.folder = sys.argv[1]
    made = HTTPServer(("127.0.0.1", 0), _Handler)
    print(made.server_port, flush=True)
    made.serve_forever()
