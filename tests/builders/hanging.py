"""A provider that hangs: a real server that takes every request and answers none until it is let go."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Hanging:
    """`held` requests wait now; `came` came in all. `changed` is told whenever one comes."""

    url: str
    held: int = 0
    came: int = 0
    changed: threading.Condition = field(default_factory=threading.Condition)
    over: threading.Event = field(default_factory=threading.Event)

    def wait_for(self, held: int) -> None:
        """Return when so many requests hang."""
        with self.changed:
            self.changed.wait_for(lambda: self.held >= held)


@contextmanager
def hanging() -> Iterator[Hanging]:
    """Hang on this machine; whoever waits at the end is cut off."""
    made: list[Hanging] = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            provider = made[0]
            self.rfile.readline()
            with provider.changed:
                provider.held, provider.came = provider.held + 1, provider.came + 1
                provider.changed.notify_all()
            provider.over.wait()
            with provider.changed:
                provider.held -= 1

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True
        request_queue_size = 100

    with Server(("127.0.0.1", 0), Handler) as server:
        made.append(Hanging(f"http://127.0.0.1:{server.server_address[1]}"))
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield made[0]
        finally:
            made[0].over.set()
            server.shutdown()
            thread.join()
