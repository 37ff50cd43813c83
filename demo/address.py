"""Where the demo listens: checked before anything is started, so that a taken port is a plain sentence."""

import errno
import socket
from dataclasses import dataclass

from demo.processes import Failed


@dataclass(frozen=True)
class Address:
    """What gunicorn binds, and how this machine's browser reaches it."""

    host: str
    port: int

    @property
    def bind(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def reachable_host(self) -> str:
        """An address one can connect to, also when we listen on every one."""
        return {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "[::1]"}.get(  # noqa: S104
            self.host, f"[{self.host}]" if ":" in self.host else self.host
        )

    @property
    def url(self) -> str:
        return f"http://{self.reachable_host}:{self.port}"


def wanted(host: str, port: str) -> Address:
    """The address asked for. Refuses one that is no address, or is taken, or may not be used."""
    if not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise Failed(f"PORT={port} is not a port: it must be a number from 1 to 65535.")
    address = Address(host, int(port))
    trouble = _trouble(address)
    if trouble == errno.EADDRINUSE:
        raise Failed(
            f"Port {port} on {host} is taken by another program. Choose another one: make demo PORT={int(port) + 1}"
        )
    if trouble in (errno.EACCES, errno.EPERM):
        raise Failed(f"Port {port} may not be used by this user. Choose one above 1023: make demo PORT=8000")
    if trouble:
        raise Failed(f"HOST={host} is not an address of this machine. Use 127.0.0.1, or 0.0.0.0 for all.")
    return address


def nearby(address: Address, distance: int) -> Address:
    """A free port for a neighbour: the usual one if it is free, so that addresses stay the same, else any."""
    usual = Address(address.host, (address.port + distance - 1024) % 64512 + 1024)
    if not _trouble(usual):
        return usual
    with socket.socket(_family(address.host)) as probe:
        probe.bind((address.host, 0))
        return Address(address.host, probe.getsockname()[1])


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _trouble(address: Address) -> int:
    """The error number of trying to listen there, or 0."""
    with socket.socket(_family(address.host)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address.host, address.port))
            probe.listen(1)
        except socket.gaierror:
            return errno.EADDRNOTAVAIL
        except OSError as refusal:
            return refusal.errno or errno.EADDRNOTAVAIL
    return 0
