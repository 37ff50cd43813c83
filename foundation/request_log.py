"""What every request carries: an id, one line in the log, and its figures for Prometheus."""

import re
import time
import uuid
from functools import lru_cache

import structlog
from flask import Flask, Response, g, request
from prometheus_client import Counter, Histogram

SECRET_PARTS = {"link", "payment", "secret", "signed", "token"}  # names in routes whose value is a proof
REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
MAX_PATH_SYMBOLS = 200

log = structlog.get_logger("request")
requests_total = Counter("http_requests_total", "Answers by endpoint and status", ["endpoint", "status"])
request_seconds = Histogram("http_request_seconds", "Seconds to an answer by endpoint", ["endpoint"])


@lru_cache(maxsize=2000)  # finding them by their labels costs more than counting
def _figures(endpoint: str, status: int) -> tuple[Counter, Histogram]:
    return requests_total.labels(endpoint, status), request_seconds.labels(endpoint)


def _begin() -> None:
    sent_id = request.headers.get("X-Request-ID", "")
    g.request_id = sent_id if REQUEST_ID.fullmatch(sent_id) else uuid.uuid4().hex
    g.began = time.perf_counter()


def path_without_secrets() -> str:
    """Give the path as a log may hold it: parts that open something (links by mail, invitations) are left out."""
    if request.url_rule is None:
        return request.path[:MAX_PATH_SYMBOLS]
    secret = {name: value for name, value in (request.view_args or {}).items() if name in SECRET_PARTS}
    path = request.path
    for name, value in secret.items():
        path = path.replace(str(value), f"<{name}>")
    return path[:MAX_PATH_SYMBOLS]


def _finish(response: Response) -> Response:
    seconds = time.perf_counter() - g.get("began", time.perf_counter())
    endpoint = request.endpoint or "none"
    counter, histogram = _figures(endpoint, response.status_code)
    counter.inc()
    histogram.observe(seconds)
    response.headers["X-Request-ID"] = g.get("request_id", "")
    if endpoint != "static":
        log.info(
            "answered",
            method=request.method,
            path=path_without_secrets(),
            status=response.status_code,
            ms=round(seconds * 1000, 1),
            request_id=g.get("request_id"),
        )
    return response


def plug(app: Flask) -> None:
    """Give every request its id, its log line and its figures."""
    app.before_request(_begin)
    app.after_request(_finish)
