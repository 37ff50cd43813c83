"""The entrance for tills: bearer token, problem documents, OpenAPI."""

from flask import Flask, Response, g, request
from flask_smorest import Api, Blueprint

from foundation import http
from foundation.errors import Invalid, KeyMissing, NotSignedIn
from foundation.languages import _
from foundation.security import csrf
from vouchers.redeeming import InProgress

KEY_SYMBOLS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:")
BEARER_LIMIT = 200


class House(Api):
    """flask-smorest for routes and their description; refusals are answered by the foundation as everywhere else."""

    def _register_error_handlers(self) -> None:
        """Nothing of its own."""


def till_guard() -> None:
    """Only with a bearer token. Whether it is a till's decides the one statement that each call makes."""
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not 8 <= len(token) <= BEARER_LIMIT or not token.isascii():
        raise NotSignedIn(_("Diese Kasse ist nicht angemeldet."), "till_unknown")
    g.bearer = token


def everyone() -> None:
    """The guard of what every developer may read."""


tills = Blueprint("api", __name__, url_prefix="/api/v1", description="For tills")
tills.before_request(till_guard)
tills.guard = till_guard
public = Blueprint("api_public", __name__, url_prefix="/api", description="For everyone")
public.before_request(everyone)
public.guard = everyone


def idempotency_key() -> str:
    """The key of this call. Refuses calls without (`KeyMissing`) and what is no key (`Invalid`)."""
    key: str = request.headers.get("Idempotency-Key", "").strip()
    if not key:
        raise KeyMissing(_("Es fehlt der Schlüssel (Idempotency-Key), an dem eine Wiederholung erkannt wird."))
    if not 8 <= len(key) <= 64 or not KEY_SYMBOLS.issuperset(key):
        raise Invalid(
            _("Der Schlüssel (Idempotency-Key) braucht 8 bis 64 Zeichen, am besten eine UUID."), "key_not_valid"
        )
    return key


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


def plug(app: Flask) -> Api:
    """Add the interface and its description."""
    app.config.update(
        API_TITLE="Marktplatz Münsterland: Gutscheine für Kassen",
        API_VERSION="v1",
        OPENAPI_VERSION="3.0.3",
        API_SPEC_OPTIONS={
            "info": {
                "description": "Redeem regional vouchers at a till. All amounts are whole cents of euro. Every "
                "refusal is a problem document (RFC 9457); none tells whether a code exists."
            },
            "components": {
                "securitySchemes": {
                    "till": {"type": "http", "scheme": "bearer", "description": "Token of an enrolled till"}
                }
            },
        },
    )
    api = House(app)
    csrf.exempt(tills)
    for blueprint in (tills, public):
        api.register_blueprint(blueprint)
    app.extensions["voucher_api"] = api
    return api
