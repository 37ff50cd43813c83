"""The web server: `/v1/…` like Stripe, pages for people, and the doors that start with `_`."""

import re
import secrets
import socket
import threading
import time
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, jsonify, request
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from . import accounts, disputes, intents, journal, payouts, refunds, sessions, transfers
from .api import Question, answer
from .doors import doors
from .errors import StripeError
from .events import API_VERSION
from .mailbox import mailbox
from .options import Options
from .pages import pages
from .state import State
from .webhooks import Dispatcher, Target

Json = dict[str, Any]
# Imported so that their endpoints are registered.
ENDPOINTS = (accounts, disputes, intents, journal, payouts, refunds, sessions, transfers)
_LARGEST_BODY = 1_000_000
_KEY = re.compile(r"^(sk|rk)_test_\w+$")


def create_app(state: State, dispatcher: Dispatcher) -> Flask:
    app = Flask(__name__, static_url_path="/_static")
    app.config.update(MAX_CONTENT_LENGTH=_LARGEST_BODY, STANDIN_STATE=state, STANDIN_DISPATCHER=dispatcher)
    app.register_blueprint(pages)
    app.register_blueprint(doors)
    app.register_blueprint(mailbox)
    app.add_url_rule("/v1/<path:rest>", "api", _api, methods=["GET", "POST", "DELETE"])
    app.register_error_handler(StripeError, _refused)
    return app


def _refused(error: StripeError) -> tuple[Response, int]:
    return jsonify(error.body()), error.status


def _api(rest: str) -> Response:
    """One call of the official client."""
    request_id = f"req_{secrets.token_hex(7)}"
    text = request.query_string.decode() if request.method == "GET" else request.get_data(as_text=True)
    try:
        _check_secret()
        reply, fault = answer(
            current_app.config["STANDIN_STATE"],
            Question(
                request.method,
                f"/v1/{rest}",
                text,
                request.headers.get("Idempotency-Key"),
                request.headers.get("Stripe-Account"),
                request_id,
            ),
        )
    except StripeError as error:
        return _dress(jsonify(error.body()), error.status, request_id)
    if fault and fault["kind"] in ("answer_lost", "request_lost"):
        return _cut()
    if fault and fault["kind"] == "slow":
        time.sleep(float(fault["seconds"]))
    response = _dress(jsonify(reply.body), reply.status, request_id)
    response.headers.update(reply.headers)
    return response


def _dress(response: Response, status: int, request_id: str) -> Response:
    response.status_code = status
    response.headers["Request-Id"] = request_id
    response.headers["Stripe-Version"] = request.headers.get("Stripe-Version", API_VERSION)
    if key := request.headers.get("Idempotency-Key"):
        response.headers["Idempotency-Key"] = key
    if account := request.headers.get("Stripe-Account"):
        response.headers["Stripe-Account"] = account
    return response


def _check_secret() -> None:
    """Any test key opens; a live key has no business here."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme == "Basic" and request.authorization:
        given = request.authorization.username or ""
    if not _KEY.match(given):
        word = (
            "No API key provided."
            if not given
            else "Invalid API key: the stand-in takes keys that begin with sk_test_."
        )
        raise StripeError(word, status=401, executed=False)


def _cut() -> Response:
    """Ends the connection without a byte of answer."""
    connection = request.environ.get("werkzeug.socket")
    if isinstance(connection, socket.socket):
        connection.shutdown(socket.SHUT_RDWR)
    return Response(status=500)


class _Quiet(WSGIRequestHandler):
    """No access log; names no software in answers."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass

    def version_string(self) -> str:
        return "stripe-standin"


class StandIn:
    """The running stand-in: store, dispatcher, web server in a thread."""

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        path: Path | None = None,
        target: Target = None,
        secret: str = "whsec_test",  # noqa: S107
        options: Options | None = None,
    ) -> None:
        self.state = State(path, options)
        self.dispatcher = Dispatcher(self.state, target, secret)
        self.app = create_app(self.state, self.dispatcher)
        self.server: BaseWSGIServer = make_server(host, port, self.app, threaded=True, request_handler=_Quiet)
        self.base = f"http://{host}:{self.server.server_port}"
        self.state.base = self.base
        self._thread = threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, name="standin", daemon=True
        )

    def start(self) -> None:
        self.dispatcher.start()
        self._thread.start()

    def wait(self) -> None:
        self._thread.join()

    def stop(self) -> None:
        self.dispatcher.stop()
        self.server.shutdown()
        self.server.server_close()
        self._thread.join(timeout=5)
        self.state.close()
