"""How errors become answers, and what every request carries. The only place that knows status numbers."""

import hmac
import re
import time
import uuid
from typing import Any

import sqlalchemy as sa
import structlog
from flask import Flask, Response, g, jsonify, render_template, request
from flask_limiter.errors import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Histogram, generate_latest
from sqlalchemy.exc import DataError, InterfaceError, OperationalError
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from foundation import errors
from foundation.config import settings
from foundation.database import session
from foundation.languages import _

STATUS: dict[type[errors.DomainError], int] = {
    errors.NotSignedIn: 401,
    errors.NotEnough: 402,
    errors.NotAllowed: 403,
    errors.NotFound: 404,
    errors.Refused: 409,
    errors.Invalid: 422,
    errors.KeyMissing: 428,
    errors.TooMany: 429,
    errors.Busy: 503,
}
PROBLEM = "application/problem+json"
SECRET_PARTS = {"link", "payment", "secret", "signed", "token"}  # names in routes whose value is a proof
REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")

log = structlog.get_logger("request")
requests_total = Counter("http_requests_total", "Answers by endpoint and status", ["endpoint", "status"])
request_seconds = Histogram("http_request_seconds", "Seconds to an answer by endpoint", ["endpoint"])


def status_of(error: errors.DomainError) -> int:
    """The number that a kind of refusal has on the wire."""
    return next(number for kind, number in STATUS.items() if isinstance(error, kind))


def wants_json() -> bool:
    """Machines get problem documents (RFC 9457), people get a page."""
    if request.path.startswith(("/api/", "/hooks/")) or request.is_json:
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], "text/html")
    return best == "application/json"


def problem(status: int, code: str, sentence: str, **details: Any) -> Response:
    """A problem document (RFC 9457): `code` for machines, `title` for people."""
    body = {"type": "about:blank", "status": status, "code": code, "title": sentence, **details}
    answer = jsonify(body | {"request_id": g.get("request_id")})
    answer.status_code, answer.mimetype = status, PROBLEM
    return answer


def answer(status: int, code: str, sentence: str, **details: Any) -> Response:
    """The refusal as whoever asks can read it."""
    if wants_json():
        return problem(status, code, sentence, **details)
    return Response(render_template("errors/error.html", status=status, code=code, sentence=sentence), status)


def _domain_error(error: errors.DomainError) -> Response:
    session.rollback()
    response = answer(status_of(error), error.code, str(error.sentence), **error.details)
    if isinstance(error, errors.Busy | errors.TooMany):
        response.headers["Retry-After"] = "2"
    return response


SENTENCES = {
    400: lambda: _("Diese Anfrage konnten wir nicht lesen. Bitte gehen Sie zurück und versuchen Sie es noch einmal."),
    404: lambda: _("Diese Seite gibt es nicht (mehr). Die Suche oben hilft weiter."),
    405: lambda: _("So lässt sich diese Adresse nicht aufrufen. Bitte gehen Sie zurück zur letzten Seite."),
    413: lambda: _("Das ist zu groß. Erlaubt sind höchstens 2 Megabyte."),
    415: lambda: _("Dieses Format können wir nicht lesen."),
    429: lambda: _("Das waren zu viele Versuche in kurzer Zeit. Bitte warten Sie einen Augenblick."),
}


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400 or error.response is not None:
        return error.get_response()  # type: ignore[return-value]
    sentence = SENTENCES.get(status, lambda: _("Das hat nicht geklappt. Bitte versuchen Sie es noch einmal."))()
    response = answer(status, f"http_{status}", sentence)
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))  # RFC 9110, 15.5.6
    return response


def _csrf_error(error: CSRFError) -> Response:
    sentence = _("Diese Seite war zu lange offen. Bitte laden Sie sie neu und senden Sie noch einmal ab.")
    return answer(400, "form_expired", sentence)


def _unreadable(error: Exception) -> Response:
    """What no column and no parser can take: NUL in a text, a number beyond 64 bit, brackets nested by the thousand."""
    session.rollback()
    log.warning("unreadable", path=_spoken_path(), kind=type(error).__name__, request_id=g.get("request_id"))
    return answer(400, "not_readable", SENTENCES[400]())


def _database_gone(error: OperationalError | InterfaceError) -> Response:
    """The database was restarted or a lock took too long: not now, and nothing was changed that was not confirmed."""
    session.rollback()
    log.exception("database", path=_spoken_path(), request_id=g.get("request_id"))
    busy = errors.Busy(_("Gerade geht es nicht. Bitte versuchen Sie es in einer Minute noch einmal."))
    return _domain_error(busy)


def _crash(error: Exception) -> Response:
    session.rollback()
    log.exception("crash", path=_spoken_path(), request_id=g.get("request_id"))
    sentence = _(
        "Bei uns ist etwas schiefgegangen. Es wurde nichts geändert; bitte versuchen Sie es gleich noch einmal."
    )
    return answer(500, "internal_error", sentence)


def _begin() -> None:
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
    g.began = time.perf_counter()


def _spoken_path() -> str:
    """The path as a log may hold it: words in it that open something (links by mail, invitations) are left out."""
    if request.url_rule is None:
        return request.path[:200]
    secret = {name: value for name, value in (request.view_args or {}).items() if name in SECRET_PARTS}
    path = request.path
    for name, value in secret.items():
        path = path.replace(str(value), f"<{name}>")
    return path[:200]


def _finish(response: Response) -> Response:
    seconds = time.perf_counter() - g.get("began", time.perf_counter())
    endpoint = request.endpoint or "none"
    requests_total.labels(endpoint, response.status_code).inc()
    request_seconds.labels(endpoint).observe(seconds)
    response.headers["X-Request-ID"] = g.get("request_id", "")
    if endpoint != "static":
        log.info(
            "answered",
            method=request.method,
            path=_spoken_path(),
            status=response.status_code,
            ms=round(seconds * 1000, 1),
            request_id=g.get("request_id"),
        )
    return response


def alive() -> Response:
    """The process answers."""
    return jsonify(status="ok")


def ready() -> Response:
    """The database answers and carries the schema this code was written for."""
    found = session.scalar(sa.text("SELECT version_num FROM alembic_version"))
    response = jsonify(status="ok", schema=found)
    return response


def metrics() -> Response:
    """Figures for Prometheus. For this machine itself, or with METRICS_TOKEN as bearer token."""
    token = settings().metrics_token
    local = request.remote_addr in {"127.0.0.1", "::1"} and "X-Forwarded-For" not in request.headers
    if not (hmac.compare_digest(request.headers.get("Authorization", ""), f"Bearer {token}") if token else local):
        raise errors.NotAllowed(_("Diese Zahlen sind nicht öffentlich."))
    return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def plug(app: Flask) -> None:
    """Errors, request ids, log lines and figures for every request."""
    app.before_request(_begin)
    app.after_request(_finish)
    app.register_error_handler(errors.DomainError, _domain_error)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(RateLimitExceeded, _http_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(DataError, _unreadable)
    app.register_error_handler(RecursionError, _unreadable)
    app.register_error_handler(OperationalError, _database_gone)
    app.register_error_handler(InterfaceError, _database_gone)
    app.register_error_handler(Exception, _crash)
