"""Flask-Security as this house uses it: passwords, code generators, passkeys, recovery codes, our own outbox."""

import hashlib
import unicodedata
from typing import Any

from flask import Flask, Response, redirect, request, url_for
from flask_limiter.util import get_remote_address
from flask_security import MailUtil, Security, SQLAlchemyUserDatastore, hash_password
from werkzeug.exceptions import UnsupportedMediaType

from foundation import audit, http, mail
from foundation.config import settings
from foundation.database import db, transact
from foundation.errors import NotAllowed, NotSignedIn
from foundation.security import limiter
from people.models import Passkey, Person
from people.web import guards, security_words

PATHS = {
    "LOGIN_URL": "/anmelden",
    "LOGOUT_URL": "/abmelden",
    "RESET_URL": "/anmelden/passwort-vergessen",
    "CHANGE_URL": "/konto/passwort",
    "VERIFY_URL": "/anmelden/bestaetigen",
    "TWO_FACTOR_SETUP_URL": "/konto/zweiter-faktor",
    "TWO_FACTOR_TOKEN_VALIDATION_URL": "/anmelden/code",
    "TWO_FACTOR_SELECT_URL": "/anmelden/wahl",
    "TWO_FACTOR_RESCUE_URL": "/anmelden/hilfe",
    "MULTI_FACTOR_RECOVERY_CODES_URL": "/konto/notfallcodes",
    "MULTI_FACTOR_RECOVERY_URL": "/anmelden/notfallcode",
    "WAN_REGISTER_URL": "/konto/passkeys",
    "WAN_SIGNIN_URL": "/anmelden/passkey",
    "WAN_DELETE_URL": "/konto/passkeys/entfernen",
    "WAN_VERIFY_URL": "/anmelden/passkey-bestaetigen",
}
THROTTLED = ("login", "forgot_password", "two_factor_token_validation", "mf_recovery", "verify", "wan_signin")


class Outbox(MailUtil):
    """Sends what Flask-Security writes through our own outbox."""

    def send_mail(
        self,
        template: str,
        subject: Any,
        recipient: Any,
        sender: Any,
        body: str | None,
        html: str | None,
        **kwargs: Any,
    ) -> None:
        """Queue one mail."""
        to = recipient if isinstance(recipient, str) else recipient[1]
        transact(mail.send_rendered, to, template, mail.MailContent(str(subject), body or "", html or ""))


def password_hash(password: str) -> str:
    """Hash a password (argon2), after the same normalisation that the sign-in form uses."""
    return str(hash_password(unicodedata.normalize("NFKD", password)))


def _derived(purpose: str) -> str:
    return hashlib.sha256(f"{purpose}\0{settings().secret_key}".encode()).hexdigest()


def _configure(app: Flask) -> None:
    values: dict[str, Any] = {
        **PATHS,
        **security_words.settings(),
        "PASSWORD_HASH": "argon2",
        "PASSWORD_SALT": _derived("password"),
        "PASSWORD_LENGTH_MIN": 12,
        "PASSWORD_COMPLEXITY_CHECKER": None,
        "CHANGEABLE": True,
        "RECOVERABLE": True,
        "TWO_FACTOR": True,
        "TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
        "TWO_FACTOR_RESCUE_EMAIL": False,
        "TOTP_SECRETS": {"1": _derived("totp")},
        "TOTP_ISSUER": f"Marktplatz {settings().region_name}",
        "MULTI_FACTOR_RECOVERY_CODES": True,
        "WEBAUTHN": True,
        "WAN_RP_NAME": f"Marktplatz {settings().region_name}",
        "WAN_ALLOW_USER_HINTS": False,
        "POST_LOGIN_VIEW": "/konto",
        "POST_LOGOUT_VIEW": "/",
        "LOGOUT_METHODS": ["POST"],
        "FLASH_MESSAGES": True,
        "EMAIL_SENDER": settings().mail_sender,
        "EMAIL_VALIDATOR_ARGS": {"check_deliverability": False, "test_environment": settings().demo},
        "RETURN_GENERIC_RESPONSES": True,
        "DEFAULT_REMEMBER_ME": False,
        "ANONYMOUS_USER_DISABLED": False,
        "JOIN_USER_ROLES": False,
    }
    for name, value in values.items():
        app.config[f"SECURITY_{name}"] = value
    app.config["REMEMBER_COOKIE_SAMESITE"] = "Lax"
    app.config["REMEMBER_COOKIE_SECURE"] = settings().secure_cookies
    app.config["REMEMBER_COOKIE_HTTPONLY"] = True


def _name_tried() -> str:
    return f"{get_remote_address()}|{request.form.get('email', '').strip().lower()[:254]}"


def _throttle(app: Flask) -> None:
    for name in THROTTLED:
        endpoint = f"security.{name}"
        if view := app.view_functions.get(endpoint):
            often = limiter.limit("20 per minute", methods=["POST"])
            same = limiter.limit("6 per 5 minutes", methods=["POST"], key_func=_name_tried)
            throttled: Any = often(same(view))
            app.view_functions[endpoint] = throttled


def _to_sign_in(error: NotSignedIn) -> Response:
    if http.wants_json() or request.method != "GET":
        return http.answer_refusal(error)
    stale = error.code == "sign_in_not_fresh"
    endpoint = "security.verify" if stale else "security.login"
    return redirect(url_for(endpoint, next=request.full_path.rstrip("?")))  # type: ignore[return-value]


def _to_second_factor(error: NotAllowed) -> Response:
    if error.code != "second_factor_missing" or http.wants_json():
        return http.answer_refusal(error)
    return redirect(url_for("account.safety"))  # type: ignore[return-value]


def _actor() -> str | None:
    person = guards.current_person() if request else None
    return f"person:{person.id}" if person else None


def _forms_only() -> None:
    """Our pages send forms; documents would go around their checks."""
    if request.blueprint == "security" and request.is_json:
        raise UnsupportedMediaType


def plug(app: Flask) -> None:
    """Sign-in for persons, with German addresses, throttled."""
    _configure(app)
    datastore = SQLAlchemyUserDatastore(db, Person, None, Passkey)  # type: ignore[arg-type]
    Security(app, datastore, mail_util_cls=Outbox, register_blueprint=True)
    _throttle(app)
    app.before_request(_forms_only)
    app.register_error_handler(NotSignedIn, _to_sign_in)
    app.register_error_handler(NotAllowed, _to_second_factor)
    audit.name_of_actor.append(_actor)
