"""Which servers get messages: https, a public name, a usual port. The rule is applied again at every connection.

A name that leads into our own network would let a shop read what only we may reach (server-side request forgery):
names are resolved here, every address must be public, and the connection goes to the address that was checked.
Decision 0314.
"""

import ipaddress
import re
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from foundation.config import settings
from vouchers.partners import errors

MAX_URL_LENGTH = 500
LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
LOCAL_NAMES = frozenset({"localhost", "127.0.0.1"})
# Prefixes that carry an IPv4 address inside: what looks public may lead to a private one.
IPV4_CARRIERS = tuple(
    ipaddress.ip_network(text) for text in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")
)

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Unreachable(Exception):
    """No connection may or can be made; the text is the word for the log."""


@dataclass(frozen=True)
class ServerAddress:
    """A server's address, taken apart. `path` holds the query too."""

    secure: bool
    host: str
    port: int
    path: str

    @property
    def local(self) -> bool:
        """This machine itself; only in the demo."""
        return self.host in LOCAL_NAMES


def parse_url(url: str) -> ServerAddress:
    """Take an address apart. Refuses (`Invalid`) what is not https on a public name; the demo takes localhost too."""
    text = url.strip()
    if (
        not 1 <= len(text) <= MAX_URL_LENGTH
        or not text.isascii()
        or not text.isprintable()
        or " " in text
        or "\\" in text
    ):
        raise errors.address_not_valid()
    try:
        parts = urlsplit(text)
        explicit_port = parts.port
    except ValueError as error:
        raise errors.address_not_valid() from error
    host, secure = (parts.hostname or "").rstrip("."), parts.scheme == "https"
    if (
        parts.username is not None
        or parts.password is not None
        or parts.fragment
        or parts.scheme not in ("http", "https")
    ):
        raise errors.address_not_valid()
    port = explicit_port or (443 if secure else 80)
    place = ServerAddress(secure, host, port, (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
    if place.local and settings().demo:
        return place
    labels = host.split(".")
    named = len(labels) > 1 and len(host) <= 253 and all(LABEL.fullmatch(label) for label in labels)
    if not secure or not named or labels[-1].isdigit() or not (port == 443 or port >= 1024):
        raise errors.address_not_valid()
    return place


def resolve(place: ServerAddress) -> str:
    """Resolve to the address to connect to. Raises `Unreachable` for unknown names and for addresses not public."""
    try:
        found = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unreachable("name_unknown") from error
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses:
        raise Unreachable("name_unknown")
    if not (place.local and settings().demo) and not all(is_public(text) for text in addresses):
        raise Unreachable("address_refused")
    return addresses[0]


def is_public(text: str) -> bool:
    """Whether an IP address belongs to somebody out there, and not to a private, local or special network."""
    try:
        address: Address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return is_public(str(address.ipv4_mapped))
        if any(address in network for network in IPV4_CARRIERS):
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved
