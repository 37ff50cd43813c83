"""The examples of docs/api run against the application, also when answers get lost on the way."""

import importlib.util
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import make_server

from tests.builders import vouchers as build
from tests.builders.booking import counts

EXAMPLES = Path(__file__).resolve().parents[3] / "docs" / "api" / "examples"


class Line:
    """The way to the application. It loses as many answers as `lost` says, after the work was done."""

    def __init__(self, app: Flask) -> None:
        self.app, self.lost, self.asked, self.url = app, 0, [], ""

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        self.asked.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}")
        if self.lost and environ["REQUEST_METHOD"] == "POST":
            self.lost -= 1
            answer = self.app(environ, lambda *_args: lambda _data: None)
            b"".join(answer)
            getattr(answer, "close", lambda: None)()
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            return []
        return self.app(environ, start_response)


@pytest.fixture
def line(app: Flask) -> Iterator[Line]:
    made = Line(app)
    server = make_server("127.0.0.1", 0, made, threaded=True)
    server.log = lambda *_args: None
    made.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture
def client_module() -> Iterator[ModuleType]:
    wanted = importlib.util.spec_from_file_location("example_client", EXAMPLES / "client.py")
    assert wanted
    assert wanted.loader
    made = importlib.util.module_from_spec(wanted)
    sys.modules["example_client"] = made
    wanted.loader.exec_module(made)
    yield made
    del sys.modules["example_client"]


def scene(app: Flask) -> tuple[build.Shop, Any]:
    with app.app_context():
        _programme, shop, voucher = build.scene(100_00)
    return shop, voucher


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", str(EXAMPLES / "client.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=240)


def shell(line: Line, token: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    given = {"PATH": os.environ["PATH"], "ADDRESS": line.url, "TOKEN": token}
    command = ["sh", str(EXAMPLES / "redeem.sh"), *arguments]
    return subprocess.run(command, env=given, capture_output=True, text=True, timeout=240)


def test_the_python_example_takes_and_says_what_is_left(app: Flask, line: Line) -> None:
    shop, voucher = scene(app)
    done = python(line.url, shop.token, voucher.token, "12.50", "K-1")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Taken: 12.50 EUR, left: 87.50 EUR" in done.stdout
    refused = python(line.url, shop.token, voucher.token, "1000.00", "K-2")
    assert (refused.returncode, refused.stdout.split(":")[0]) == (1, "Refused (insufficient)")


def test_the_python_example_repeats_under_the_same_key(app: Flask, line: Line, client_module: ModuleType) -> None:
    shop, voucher = scene(app)
    till = client_module.RegisterClient(line.url, shop.token, pause_seconds=0.01)
    line.lost = 2
    told = till.redeem(voucher.token, 12_50, "a-key-of-the-till", "K-1")
    assert (told["amount_cents"], told["remaining_cents"]) == (12_50, 87_50)
    assert line.asked == ["POST /api/v1/redemptions"] * 3
    with app.app_context():
        assert counts(voucher.voucher_id)[0] == 2, "issued and taken once"
    line.lost = 1
    voided = till.void(told["redemption_id"], "another-key", "Vertippt")
    assert voided["remaining_cents"] == 100_00


def test_the_python_example_asks_by_key_when_every_answer_is_lost(
    app: Flask, line: Line, client_module: ModuleType
) -> None:
    shop, voucher = scene(app)
    till = client_module.RegisterClient(line.url, shop.token, pause_seconds=0.01)
    line.lost = 4
    told = till.redeem(voucher.token, 12_50, "a-key-of-the-till")
    assert told["remaining_cents"] == 87_50
    assert line.asked[-1] == "GET /api/v1/redemptions/by-key/a-key-of-the-till"
    line.lost = 4
    with pytest.raises(client_module.Declined) as refused:
        till.redeem(voucher.token, 1000_00, "a-second-key")
    assert refused.value.code == "insufficient"
    assert till.look(voucher.token)["remaining_cents"] == 87_50
    assert till.refund(told["redemption_id"], 2_50, "a-third-key")["remaining_cents"] == 90_00


def test_the_python_example_keeps_the_key_when_nobody_can_be_reached(client_module: ModuleType) -> None:
    till = client_module.RegisterClient("http://127.0.0.1:9", "nobody-there", pause_seconds=0.01)
    with pytest.raises(client_module.Unknown):
        till.redeem("ML1.X", 1, "a-key-of-the-till")


def test_the_curl_example_takes_once_also_when_an_answer_is_lost(app: Flask, line: Line) -> None:
    shop, voucher = scene(app)
    line.lost = 1
    done = shell(line, shop.token, voucher.token, "1250", "K-1")
    assert done.returncode == 0, done.stderr
    assert '"remaining_cents":8750' in done.stdout.replace(" ", "")
    assert line.asked == ["POST /api/v1/redemptions"] * 2
    refused = shell(line, shop.token, voucher.token, "100000", "K-2")
    assert refused.returncode == 1
    assert "insufficient" in refused.stderr
    with app.app_context():
        assert counts(voucher.voucher_id)[0] == 3, "issued, taken once, refused once"
