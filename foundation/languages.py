"""Languages: German is the source, English complete. The choice is a cookie; without one the browser's wish counts."""

from datetime import date, datetime
from typing import Any

from flask import Flask, Response, g, has_request_context, make_response, redirect, request
from flask_babel import Babel, force_locale, format_date, format_datetime, format_time, get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy
from flask_babel import ngettext as plural

LANGUAGES = {"de": "Deutsch", "en": "English"}
COOKIE = "language"

__all__ = ["LANGUAGES", "_", "current_language", "force_locale", "lazy", "plural"]

babel = Babel()


def _select() -> str:
    if not has_request_context():
        return "de"
    chosen = g.get("language") or request.cookies.get(COOKIE)
    return chosen if chosen in LANGUAGES else request.accept_languages.best_match(list(LANGUAGES), "de") or "de"


def current_language() -> str:
    """Two letters of the language this request is answered in."""
    return str(get_locale() or "de")[:2]


def language_switch() -> list[tuple[str, str, str]]:
    """(code, own name, address) of each language, for the header."""
    return [
        (code, name, f"/sprache/{code}?zurueck={request.full_path.rstrip('?')}") for code, name in LANGUAGES.items()
    ]


def choose(code: str) -> Response:
    """Remember the language for a year and go back to where the reader was (paths of ours only)."""
    back = request.args.get("zurueck", "/")
    safe = back if back.startswith("/") and not back.startswith(("//", "/\\")) else "/"
    response = make_response(redirect(safe))
    if code in LANGUAGES:
        response.set_cookie(COOKIE, code, max_age=365 * 86400, samesite="Lax", httponly=True)
    return response


def plug(app: Flask) -> None:
    """Babel, the filters for dates, and the switch."""
    app.config["BABEL_DEFAULT_LOCALE"] = "de"
    app.config["BABEL_DEFAULT_TIMEZONE"] = "Europe/Berlin"
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = app.root_path + "/translations"
    babel.init_app(app, locale_selector=_select)
    app.jinja_env.filters["date"] = show_date
    app.jinja_env.filters["time"] = lambda value: format_time(value, "short")
    app.jinja_env.filters["datetime"] = lambda value: format_datetime(value, "d. MMM y, HH:mm")
    app.jinja_env.globals.update(current_language=current_language, language_switch=language_switch)


def show_date(value: date | datetime, form: Any = "d. MMMM y") -> str:
    """A day in words, in the reader's language and in Berlin."""
    return str(format_date(value, form))
