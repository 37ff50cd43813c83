"""The demo's post box: every mail the application wrote into a folder, to read in the browser. In German."""

import re
from pathlib import Path

from flask import Blueprint, Response, current_app, make_response
from markupsafe import Markup, escape

from . import letters
from .pages import show
from .state import State

mailbox = Blueprint("mailbox", __name__, url_prefix="/_mail")
_LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)]")
# The mail's own look is allowed, its scripts are not; links open outside of the frame.
_MAIL_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation; default-src 'none'; "
    "style-src 'unsafe-inline'; img-src 'self' data: http: https:; font-src data:; frame-ancestors 'self'"
)


def _folder() -> Path:
    state: State = current_app.config["STANDIN_STATE"]
    return Path(state.options.mailbox or "/nonexistent")


@mailbox.get("")
def listed() -> Response:
    return show("mails.html", "de", letters=letters.newest(_folder()))


@mailbox.get("/<name>")
def letter(name: str) -> Response:
    found = letters.read(_folder(), name)
    if found is None:
        return _missing()
    return show("mail.html", "de", letter=found, text=_linked(found.text))


@mailbox.get("/<name>/html")
def html(name: str) -> Response:
    """The HTML part alone, for the frame."""
    found = letters.read(_folder(), name)
    if found is None:
        return _missing()
    pictured = re.sub(r"cid:([\w.@+=-]+)", rf"/_mail/{name}/inline/\1", found.html)
    response = make_response(re.sub(r"(<head[^>]*>)", r'\1<base target="_top">', pictured, count=1, flags=re.I))
    response.headers["Content-Security-Policy"] = _MAIL_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@mailbox.get("/<name>/attachment/<int:place>")
def attachment(name: str, place: int) -> Response:
    found = letters.attachment(_folder(), name, place)
    if found is None:
        return _missing()
    file_name, kind, content = found
    response = make_response(content)
    response.headers["Content-Type"] = kind
    response.headers.set("Content-Disposition", "attachment", filename=file_name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@mailbox.get("/<name>/inline/<content_id>")
def inline(name: str, content_id: str) -> Response:
    found = letters.inline(_folder(), name, content_id)
    if found is None or not found[0].startswith("image/"):
        return _missing()
    response = make_response(found[1])
    response.headers["Content-Type"] = found[0]
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _missing() -> Response:
    return show(
        "notice.html",
        "de",
        404,
        title="Diese E-Mail gibt es nicht",
        text="Vielleicht wurde sie gelöscht.",
        back="/_mail",
        back_text="Zurück zum Postfach",
    )


def _linked(text: str) -> Markup:
    """The plain text with clickable addresses."""
    result, end = Markup(""), 0
    for match in _LINK.finditer(text):
        result += escape(text[end : match.start()]) + Markup('<a href="{0}">{0}</a>').format(match[0])
        end = match.end()
    return result + escape(text[end:])
