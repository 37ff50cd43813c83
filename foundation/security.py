"""Safe by default: headers, CSRF, rate limits, cookies, size limits, keyed hashes and encryption at rest."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from flask import Flask, Response, g, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from foundation.config import Settings, settings

MAX_BODY_BYTES = 2 * 1024 * 1024
TRANSPORT_SECURITY = "max-age=31536000; includeSubDomains"
CHECKOUT_PAGE = "https://checkout.stripe.com"

csrf = CSRFProtect()
limiter = Limiter(key_func=get_remote_address, strategy="fixed-window", headers_enabled=False)


def keyed_hash(purpose: str, text: str, pepper: str | None = None) -> bytes:
    """Hash `text` with the pepper (HMAC-SHA-256, 32 bytes): equal texts have equal hashes, and nobody can guess
    them without the pepper."""
    return hmac.digest((pepper or settings().code_pepper).encode(), f"{purpose}\0{text}".encode(), "sha256")


@lru_cache(maxsize=1)
def _box() -> Fernet:
    key = hashlib.sha256(b"at rest\0" + settings().secret_key.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))


def encrypt(data: bytes) -> bytes:
    """Encrypt what must be stored for a while and be unreadable in the database (Fernet)."""
    return _box().encrypt(data)


def decrypt(data: bytes) -> bytes:
    """Decrypt what `encrypt` gave. Raises `cryptography.fernet.InvalidToken` when it was changed."""
    return _box().decrypt(data)


def limit(rule: str, **options: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Limit a view to so many calls from one address, such as "10 per minute"; more are refused with 429."""
    return limiter.limit(rule, **options)


def allow_scanning() -> None:
    """Let the page of this request use the camera, and WebAssembly to read codes in its picture."""
    g.scanning = True


def _content_policy(chosen: Settings) -> tuple[str, str]:
    forms = " ".join(filter(None, ["'self'", CHECKOUT_PAGE, chosen.stripe_api_base.rstrip("/")]))
    rest = (
        f"style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; "
        f"media-src 'self' blob:; worker-src 'self'; form-action {forms}; frame-ancestors 'none'; base-uri 'none'"
    )
    return (
        f"default-src 'none'; script-src 'self'; {rest}",
        f"default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; {rest}",
    )


@lru_cache(maxsize=1)
def list_machine_headers() -> tuple[tuple[str, str], ...]:
    """List the safe headers of answers to machines; those about pages, frames and cameras mean nothing to them."""
    policy = ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
    always = (policy, ("X-Content-Type-Options", "nosniff"), ("Cache-Control", "no-store"))
    return (*always, ("Strict-Transport-Security", TRANSPORT_SECURITY)) if settings().secure_cookies else always


class OneName:
    """Replace the Host header by that of BASE_URL, so that no link in a mail is built from what a request claims."""

    def __init__(self, application: Any, base_url: str) -> None:
        self.application = application
        place = urlsplit(base_url)
        self.fixed = {"HTTP_HOST": place.netloc, "wsgi.url_scheme": place.scheme}

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        return self.application(environ | self.fixed, start_response)


def plug(app: Flask) -> None:
    """Switch all of it on for every view; a view can only add the camera."""
    chosen = settings()
    app.config.update(
        SECRET_KEY=chosen.secret_key,
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES,
        MAX_FORM_PARTS=2000,
        SESSION_COOKIE_NAME="session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=chosen.secure_cookies,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
        RATELIMIT_ENABLED=chosen.rate_limits != "off",
        RATELIMIT_STORAGE_URI="memory://" if chosen.rate_limits == "off" else chosen.rate_limits,
    )
    csrf.init_app(app)
    limiter.init_app(app)
    app.wsgi_app = OneName(app.wsgi_app, chosen.base_url)  # type: ignore[method-assign]
    if chosen.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=chosen.proxies, x_proto=chosen.proxies)  # type: ignore[method-assign]
    plain, scanning = _content_policy(chosen)
    fixed = {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "X-Frame-Options": "DENY",
    }
    if chosen.secure_cookies:
        fixed["Strict-Transport-Security"] = TRANSPORT_SECURITY

    @app.after_request
    def protect(response: Response) -> Response:
        headers = response.headers
        may_scan = g.get("scanning", False)
        headers.setdefault("Content-Security-Policy", scanning if may_scan else plain)
        headers["Permissions-Policy"] = f"camera=({'self' if may_scan else ''}), microphone=(), geolocation=(self)"
        for name, value in fixed.items():
            headers[name] = value
        if request.endpoint != "static":
            headers.setdefault("Cache-Control", "no-store")
        return response
