"""Ports for programs that the tests start, apart from those that the system hands out by itself."""

import random
import socket

# Below what Linux (32768) and macOS (49152) give to whoever asks for any port: none of these is taken in between.
RANGE = range(20_000, 32_000)


def free_port() -> int:
    """Find a port of this machine on which nobody listens."""
    while True:
        port = random.SystemRandom().choice(RANGE)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
