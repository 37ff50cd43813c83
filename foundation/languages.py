"""Languages: German is the source, English complete. The choice is a cookie; without one what the browser prefers."""

from datetime import date, datetime, time
from functools import lru_cache
from typing import Any

from flask import Flask, Response, g, has_request_context, make_response, redirect, request
from flask_babel import (
    Babel,
    force_locale,
    format_date,
    format_datetime,
    get_locale,
    get_translations,
)
from flask_babel import ngettext as plural
from flask_babel.speaklater import LazyString
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from foundation.clock import berlin
from foundation.links import keep_own_path

LANGUAGES = {"de": "Deutsch", "en": "English"}
COOKIE = "language"

__all__ = ["LANGUAGES", "_", "current_language", "force_locale", "lazy", "localise_number", "plural", "show_date"]

babel = Babel()


def select_language() -> str:
    """Two letters of the language to answer in: what was chosen, else what the browser or machine prefers."""
    if not has_request_context():
        return "de"
    chosen = g.get("language") or ("Cookie" in request.headers and request.cookies.get(COOKIE))  # machines send none
    return chosen if chosen in LANGUAGES else _read_preference(request.headers.get("Accept-Language", "")[:200])


@lru_cache(maxsize=1000)  # there are few, and every redemption brings one
def _read_preference(header: str) -> str:
    return parse_accept_header(header, LanguageAccept).best_match(list(LANGUAGES), "de") or "de"


def current_language() -> str:
    """Two letters of the language this request is answered in."""
    found = get_locale()
    return str(found.language) if found else "de"


def language_switch() -> list[tuple[str, str, str]]:
    """(code, own name, address) of each language, for the header."""
    return [
        (code, name, f"/sprache/{code}?zurueck={request.full_path.rstrip('?')}") for code, name in LANGUAGES.items()
    ]


def choose_language(code: str) -> Response:
    """Remember the language for a year and go back to where the reader was (paths of ours only)."""
    response = make_response(redirect(keep_own_path(request.args.get("zurueck", "/"))))
    if code in LANGUAGES:
        response.set_cookie(COOKIE, code, max_age=365 * 86400, samesite="Lax", httponly=True)
    return response


def _(text: str, /, **values: object) -> str:
    """The text in the reader's language, with values put in their places."""
    found: str = _texts().ugettext(text)
    return found % values if values else found


def lazy(text: str, /, **values: object) -> Any:
    """Mark a text to be translated when it is shown: for texts that are written before the language is known."""
    return LazyString(_, text, **values)


@pass_eval_context
def _in_template(context: EvalContext, text: str, /, **values: object) -> str:
    """`_` in templates: a value is escaped, the text is not. As Jinja's own, but without three calls within calls."""
    found: str = _texts().ugettext(text)
    shown = Markup(found) if context.autoescape else found  # noqa: S704 texts are ours
    return shown % values if values or "%" in found else shown


def _texts() -> Any:
    """The translations of the present language, looked up once: a page asks for dozens of texts."""
    held = getattr(g, "_flask_babel", None) if g else None
    if held is None or getattr(held, "babel_locale", None) is None:
        get_locale()
        held = getattr(g, "_flask_babel", None) if g else None
    if held is None:
        return get_translations()
    known = getattr(held, "texts", None)
    if known is None or known[0] is not held.babel_locale:
        known = held.texts = (held.babel_locale, get_translations())
    return known[1]


def plug(app: Flask) -> None:
    """Babel, the filters for dates, and the switch."""
    app.config["BABEL_DEFAULT_LOCALE"] = "de"
    app.config["BABEL_DEFAULT_TIMEZONE"] = "Europe/Berlin"
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = app.root_path + "/translations"
    babel.init_app(app, locale_selector=select_language)
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: _texts().ugettext(text),
        lambda one, many, count: _texts().ungettext(one, many, count),
        newstyle=True,
        pgettext=lambda context, text: _texts().upgettext(context, text),
        npgettext=lambda context, one, many, count: _texts().unpgettext(context, one, many, count),
    )
    app.jinja_env.globals.update(_=_in_template, gettext=_in_template)
    app.jinja_env.filters["date"] = show_date
    app.jinja_env.filters["time"] = show_time
    app.jinja_env.filters["datetime"] = show_day_and_time
    app.jinja_env.globals.update(current_language=current_language, language_switch=language_switch)


def _pattern(form: str) -> str:
    """The pattern as the reader's language writes it: English has no full stop after the number of a day."""
    if current_language() == "de":
        return form
    return form.replace("dd.MM.y", "dd/MM/y").replace("d.M.y", "d/M/y").replace("d.M.", "d/M").replace("d. ", "d ")


def show_date(value: date | datetime, form: str = "d. MMMM y") -> str:
    """Show a day in words, in the reader's language and in Berlin. `form` is a pattern as German writes it."""
    return str(format_date(value, _pattern(form)))


def show_day_and_time(value: datetime) -> str:
    """Write a day and its time of day in the reader's language."""
    return str(format_datetime(value, _pattern("d. MMM y, HH:mm")))


def show_time(value: datetime | time) -> str:
    """Show a time of day in Berlin, the same in every language. The checkout shows it by the hundred."""
    return f"{berlin(value) if isinstance(value, datetime) else value:%H:%M}"


def localise_number(text: str) -> str:
    """A number written with a decimal comma, as the reader's language writes it."""
    return text if current_language() == "de" else text.replace(",", ".")
