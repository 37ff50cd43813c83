"""One message to one server: a single request that follows no redirect, reads no body and ends within 15 seconds."""

import socket
import ssl
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException

import certifi
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, NewConnectionError, SSLError

from foundation.errors import Invalid
from vouchers.partners import addresses
from vouchers.partners.addresses import ServerAddress, Unreachable

MAX_REQUEST_SECONDS = 15
MAX_CONNECT_SECONDS = 5
AGENT = "Marktplatz-Webhooks/1"
FAULTS: tuple[tuple[type[Exception], str], ...] = (
    (Invalid, "address_refused"),
    (TimeoutError, "timeout"),
    (ssl.SSLError, "certificate_refused"),
    (SSLError, "certificate_refused"),
    (NewConnectionError, "not_connected"),
    (ConnectionRefusedError, "not_connected"),
)


@dataclass(frozen=True)
class RequestOutcome:
    """What became of one attempt to deliver a message."""

    status: int | None
    error: str | None
    milliseconds: int

    @property
    def good(self) -> bool:
        """Only an answer from 200 to 299 says that the message arrived."""
        return self.status is not None and 200 <= self.status <= 299

    @property
    def gone(self) -> bool:
        """The server says that nothing more shall come (410)."""
        return self.status == 410


def post(url: str, headers: dict[str, str], body: str, *, roots: str | None = None) -> RequestOutcome:
    """Send `body`. Never raises for what the other side does. `roots`: another file of trusted certificates."""
    began = time.monotonic()
    status, error = None, None
    try:
        place = addresses.parse_url(url)
        status = _ask(place, addresses.resolve(place), headers, body, roots or certifi.where())
    except Unreachable as refused:
        error = str(refused)
    except (Invalid, HTTPError, HTTPException, OSError, ValueError) as fault:
        late = time.monotonic() - began >= MAX_REQUEST_SECONDS
        error = "timeout" if late else next((word for kind, word in FAULTS if isinstance(fault, kind)), "broken_off")
    return RequestOutcome(status, error, int((time.monotonic() - began) * 1000))


def _ask(place: ServerAddress, address: str, headers: dict[str, str], body: str, roots: str) -> int:
    connection = _connection(place, address, roots)
    # Waiting is bounded for each packet only; who answers byte by byte is cut off here.
    guard = threading.Timer(MAX_REQUEST_SECONDS, _cut, [connection])
    guard.daemon = True
    guard.start()
    try:
        connection.connect()
        connection.timeout = MAX_REQUEST_SECONDS
        standard = place.port == (443 if place.secure else 80)
        own = {
            "Host": place.host if standard else f"{place.host}:{place.port}",
            "User-Agent": AGENT,
            "Content-Type": "application/json",
            "Connection": "close",
        }
        connection.request("POST", place.path, body=body.encode(), headers=headers | own, preload_content=False)
        return connection.getresponse().status
    finally:
        guard.cancel()
        connection.close()


def _connection(place: ServerAddress, address: str, roots: str) -> HTTPConnection:
    """To the address that was checked; the certificate must be the name's."""
    if not place.secure:
        return HTTPConnection(address, place.port, timeout=MAX_CONNECT_SECONDS)
    return HTTPSConnection(
        address,
        place.port,
        timeout=MAX_CONNECT_SECONDS,
        server_hostname=place.host,
        cert_reqs="CERT_REQUIRED",
        ca_certs=roots,
    )


def _cut(connection: HTTPConnection) -> None:
    with suppress(OSError, AttributeError):
        socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)
