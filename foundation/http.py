"""How errors become answers: people get a page, machines a problem document (RFC 9457).

The only place that knows status numbers.
"""

from typing import Any

import psycopg
import structlog
from flask import Flask, Response, g, has_request_context, jsonify, render_template, request
from flask_limiter.errors import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, InterfaceError, OperationalError
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from foundation import errors
from foundation.database import session
from foundation.languages import _
from foundation.request_log import path_without_secrets

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

log = structlog.get_logger("request")


def status_of(error: errors.DomainError) -> int:
    """Give the HTTP status of a kind of refusal."""
    return next(number for kind, number in STATUS.items() if isinstance(error, kind))


def is_answering() -> bool:
    """Whether this thread answers a request, and somebody waits; jobs and commands do not."""
    return has_request_context()


def wants_json() -> bool:
    """Whether the client wants JSON and so gets a problem document (RFC 9457) instead of a page."""
    if request.path.startswith(("/api/", "/hooks/")) or request.is_json:
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], "text/html")
    return best == "application/json"


def problem(status: int, code: str, sentence: str, **details: Any) -> Response:
    """Build a problem document (RFC 9457): `code` for machines, `title` for people."""
    body = {"type": "about:blank", "status": status, "code": code, "title": sentence, **details}
    answer = jsonify(body | {"request_id": g.get("request_id")})
    answer.status_code, answer.mimetype = status, PROBLEM
    return answer


def answer(status: int, code: str, sentence: str, **details: Any) -> Response:
    """Write the refusal as a page or as a problem document, whichever the client can read."""
    if wants_json():
        return problem(status, code, sentence, **details)
    return Response(render_template("errors/error.html", status=status, code=code, sentence=sentence), status)


def answer_refusal(error: errors.DomainError) -> Response:
    """Roll back, and answer with the refusal's sentence and its status."""
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
    log.warning("unreadable", path=path_without_secrets(), kind=type(error).__name__, request_id=g.get("request_id"))
    return answer(400, "not_readable", SENTENCES[400]())


def _database_gone(error: OperationalError | InterfaceError) -> Response:
    """The database was restarted or a lock took too long: not now, and nothing was changed that was not confirmed."""
    session.rollback()
    log.exception("database", path=path_without_secrets(), request_id=g.get("request_id"))
    return answer_refusal(errors.database_away())


def _crash(error: Exception) -> Response:
    session.rollback()
    log.exception("crash", path=path_without_secrets(), request_id=g.get("request_id"))
    sentence = _(
        "Bei uns ist etwas schiefgegangen. Es wurde nichts geändert; bitte versuchen Sie es gleich noch einmal."
    )
    return answer(500, "internal_error", sentence)


def plug(app: Flask) -> None:
    """Give every error its answer: refusals, HTTP errors, a database that is away, crashes."""
    app.register_error_handler(errors.DomainError, answer_refusal)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(RateLimitExceeded, _http_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(DataError, _unreadable)
    app.register_error_handler(psycopg.DataError, _unreadable)
    app.register_error_handler(RecursionError, _unreadable)
    app.register_error_handler(OperationalError, _database_gone)
    app.register_error_handler(InterfaceError, _database_gone)
    app.register_error_handler(Exception, _crash)
