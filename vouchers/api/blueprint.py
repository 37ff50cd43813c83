"""The entrance for tills: bearer token, problem documents, OpenAPI."""

import hashlib
import time
from typing import Any

from flask import Flask, Response, g, json, jsonify, request
from flask_limiter.errors import RateLimitExceeded
from flask_limiter.util import get_remote_address
from flask_smorest import Api, Blueprint

from foundation import http
from foundation.errors import DomainError, NotSignedIn, TooMany
from foundation.languages import _
from foundation.machines import House
from foundation.security import csrf, limiter
from vouchers.api import errors
from vouchers.practice import setup
from vouchers.practice.service import PRACTICE
from vouchers.tills import calls
from vouchers.tills.errors import InProgress
from vouchers.tills.service import LIVE, TillService

KEY_SYMBOLS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:")
MAX_BEARER_CHARACTERS = 200
PER_TOKEN = "300 per minute"  # noqa: S105 a rule, no secret
UNKNOWN_PER_ADDRESS = "60 per minute"
TEN_MINUTES = "600"
REFUSED_FOR_FORM = frozenset({400, 413, 415, 422, 428})


class TillApi(Api):
    """flask-smorest for routes and their description; refusals are answered by the foundation as everywhere else."""

    def _register_error_handlers(self) -> None:
        """Nothing of its own."""


def till_guard() -> None:
    """Only with a bearer token. Whether it is a till's decides the one statement that each call makes."""
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not 8 <= len(token) <= MAX_BEARER_CHARACTERS or not token.isascii():
        raise errors.till_unknown()
    g.bearer = token


def till_service() -> TillService:
    """Give the real acts, or for a practice key those that can never post."""
    return PRACTICE if is_practice_key() else LIVE


def is_practice_key() -> bool:
    """Whether the bearer is a practice key."""
    return str(g.bearer).startswith(setup.KEY_PREFIX)


def with_practice_mark(body: dict[str, Any]) -> dict[str, Any]:
    """The answer; what was only practised says so."""
    return body | {"practice": True} if is_practice_key() else body


def to_response(answer: calls.TillAnswer) -> tuple[Response, int]:
    """What an act answers: 201 the first time, 200 when its key comes again."""
    return jsonify(with_practice_mark(answer.body)), 200 if answer.replay else 201


def read_presented(body: dict[str, Any]) -> str:
    """Read what is presented in a request: a token, else a typed code."""
    return str(body.get("token") or body["code"])


def _identify_caller() -> str:
    """One token, one count; whoever brings none is counted by address. Only a hash is kept."""
    bearer = request.headers.get("Authorization", "")
    return hashlib.sha256(bearer.encode()).hexdigest() if bearer else get_remote_address()


def allow_everyone() -> None:
    """The guard of what every developer may read."""


tills = Blueprint("api", __name__, url_prefix="/api/v1", description="For tills")
tills.before_request(till_guard)
tills.guard = till_guard
limiter.shared_limit(PER_TOKEN, scope="api", key_func=_identify_caller)(tills)
limiter.shared_limit(UNKNOWN_PER_ADDRESS, scope="api", deduct_when=lambda answer: answer.status_code == 401)(tills)
public = Blueprint("api_public", __name__, url_prefix="/api", description="For everyone")
public.before_request(allow_everyone)
public.guard = allow_everyone


def read_key() -> str:
    """Read the key of this call. Refuses calls without (`KeyMissing`) and what is no key (`Invalid`)."""
    key: str = request.headers.get("Idempotency-Key", "").strip()
    if not key:
        raise errors.key_missing()
    return check_key(key)


def check_key(key: str) -> str:
    """The same text, if a key can look like this (`Invalid` if not)."""
    if not is_key(key):
        raise errors.key_not_valid()
    return key


def is_key(key: str) -> bool:
    """Whether a key can look like this."""
    return 8 <= len(key) <= 64 and KEY_SYMBOLS.issuperset(key)


@tills.after_request
def _say_whether_decided(response: Response) -> Response:
    """Say of a call that was refused for its form what stands under its key: it may have been sent well before."""
    if request.method != "POST" or response.status_code not in REFUSED_FOR_FORM or "bearer" not in g:
        return response
    body, key = response.get_json(), request.headers.get("Idempotency-Key", "").strip()
    if "decided" not in body:
        decided = till_service().is_decided(g.bearer, key) if is_key(key) else False
        if decided is not None:
            response.set_data(json.dumps(body | {"decided": decided}))
    return response


@tills.errorhandler(DomainError)
def _refused(error: DomainError) -> Response:
    if error.decided is not None:
        error.details["decided"] = error.decided
    return http.answer_refusal(error)


@tills.errorhandler(InProgress)
def _in_progress(error: InProgress) -> Response:
    answer = http.problem(409, error.code, str(error.sentence))
    answer.headers["Retry-After"] = "1"
    return answer


@tills.errorhandler(NotSignedIn)
def _not_signed_in(error: NotSignedIn) -> Response:
    answer = http.problem(401, error.code, str(error.sentence))
    answer.headers["WWW-Authenticate"] = 'Bearer realm="till"'
    return answer


@tills.errorhandler(TooMany)
def _too_many(error: TooMany) -> Response:
    answer: Response = _refused(error)
    answer.headers["Retry-After"] = TEN_MINUTES
    return answer


@tills.errorhandler(RateLimitExceeded)
def _rate_limited(_error: RateLimitExceeded) -> Response:
    answer = http.problem(
        429, "rate_limited", _("Zu viele Anfragen in kurzer Zeit. Bitte warten Sie einen Augenblick.")
    )
    over = limiter.current_limit
    seconds = over.reset_at - time.time() if over else 60  # the limiter counts by the wall clock
    answer.headers["Retry-After"] = str(max(1, int(seconds) + 1))
    return answer


def plug(app: Flask) -> Api:
    """Add the interface and its description."""
    app.config.update(
        API_TITLE="Marktplatz Münsterland: Gutscheine für Kassen",
        API_VERSION="v1",
        OPENAPI_VERSION="3.0.3",
        API_SPEC_OPTIONS={
            "info": {
                "description": "Redeem regional vouchers at a till. All amounts are whole cents of euro. Every "
                "refusal is a problem document (RFC 9457); none tells whether a code exists. Keys that begin with "
                "`mlt_` are practice keys: same calls, nothing is booked, answers carry `practice: true`."
            },
            "components": {
                "securitySchemes": {
                    "till": {"type": "http", "scheme": "bearer", "description": "Token of a till, with scopes"}
                }
            },
        },
    )
    if isinstance(app, House):
        app.machines = (*app.machines, f"{tills.url_prefix}/")
    api = TillApi(app)
    csrf.exempt(tills)
    for blueprint in (tills, public):
        api.register_blueprint(blueprint)
    app.extensions["voucher_api"] = api
    return api
