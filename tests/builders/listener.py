"""A real server that writes down what it is told and answers as it is bidden."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


@dataclass
class Listener:
    """`answers` are the statuses to give, one a request, then 204."""

    url: str
    heard: list[tuple[dict[str, str], str]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    drip: bool = False


@contextmanager
def listening(*, certificate: Path | None = None, name: str = "localhost") -> Iterator[Listener]:
    """A listener on this machine; with a certificate it speaks TLS."""
    scheme = "https" if certificate else "http"
    made: list[Listener] = []
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            listener = made[0]
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            listener.heard.append((dict(self.headers.items()), text))
            if listener.drip:
                while not over.wait(0.05):
                    self.wfile.write(b"H")
                return
            self.send_response(listener.answers.pop(0) if listener.answers else 204)
            for header, value in listener.headers.items():
                self.send_header(header, value)
            self.end_headers()

        def log_message(self, *_args: Any) -> None:
            """Quiet."""

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_args: Any) -> None:
            """Clients that go away in the middle are part of the tests."""

    server = Quiet(("127.0.0.1", 0), Handler)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    made.append(Listener(f"{scheme}://{name}:{server.server_address[1]}/hier?a=1"))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield made[0]
    finally:
        over.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
