"""Addresses that leave the house: absolute links for mails, and signed links for guests."""

from flask import current_app, has_request_context, url_for
from itsdangerous import BadData, URLSafeSerializer, URLSafeTimedSerializer

from foundation.config import settings
from foundation.errors import link_not_valid

MAX_PATH_SYMBOLS = 1000


def absolute_url(endpoint: str, **values: object) -> str:
    """Make the full address of a page, under BASE_URL, also where there is no request."""
    if has_request_context():
        path = url_for(endpoint, **values)  # type: ignore[arg-type]
    else:
        with current_app.test_request_context():
            path = url_for(endpoint, **values)  # type: ignore[arg-type]
    return settings().base_url.rstrip("/") + path


def keep_own_path(text: str, otherwise: str = "/") -> str:
    """Keep a path to go back to if it is one of ours, else give `otherwise`.

    Browsers drop tabs and line ends and read a backslash as a slash: "/<tab>/elsewhere" would lead away.
    """
    ours = text.startswith("/") and not text.startswith("//") and text.isprintable() and "\\" not in text
    return text if ours and len(text) <= MAX_PATH_SYMBOLS else otherwise


def sign(purpose: str, payload: str, *, timed: bool = False) -> str:
    """`payload` with a signature that only holds for `purpose`. Readable by its owner: nothing secret goes in."""
    kind = URLSafeTimedSerializer if timed else URLSafeSerializer
    return str(kind(settings().secret_key, salt=purpose).dumps(payload))


def unsign(purpose: str, text: str, max_age_seconds: int | None = None) -> str:
    """Read the payload of `sign`. Refuses with `NotFound` what was changed, is too old or made for something else."""
    try:
        if max_age_seconds is None:
            return str(URLSafeSerializer(settings().secret_key, salt=purpose).loads(text[:2000]))
        timed = URLSafeTimedSerializer(settings().secret_key, salt=purpose)
        return str(timed.loads(text[:2000], max_age=max_age_seconds))
    except BadData as error:
        raise link_not_valid() from error
