"""Static files with the version of their content in the address, so that browsers may keep them for a year.

Style sheets are laid out for those who write them and sent without that layout: a till on a slow line loads them bare
(decision 0602).
"""

import hashlib
from functools import lru_cache
from io import BytesIO
from pathlib import Path

import rcssmin
from flask import Flask, Response, get_template_attribute, request, send_file, url_for
from markupsafe import Markup
from werkzeug.security import safe_join

from foundation import languages

YEAR_SECONDS, HOUR_SECONDS = 365 * 86400, 3600


@lru_cache(maxsize=1000)
def _version(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10] if path.is_file() else "0"


@lru_cache(maxsize=100)
def minify_sheet(path: Path, _changed_ns: int) -> bytes:
    """Minify a style sheet: no comments, no layout, the same rules in the same order. Read anew when it changed."""
    return bytes(rcssmin.cssmin(path.read_bytes()))


def _serve_minified_sheets(app: Flask, folder: Path) -> None:
    """Serve our own style sheets through `minify_sheet`, those of others and all other files as they lie there."""
    send_as_it_is = app.view_functions["static"]

    def static(filename: str) -> Response:
        found = safe_join(str(folder), filename)
        path = Path(found or folder)
        if path.suffix != ".css" or filename.startswith("vendor/") or not path.is_file():
            return send_as_it_is(filename=filename)  # type: ignore[return-value]
        sheet = minify_sheet(path, path.stat().st_mtime_ns)
        return send_file(
            BytesIO(sheet),
            mimetype="text/css",
            etag=hashlib.sha256(sheet).hexdigest()[:20],
            max_age=app.get_send_file_max_age(filename),
        )

    app.view_functions["static"] = static


def _add_static_files(app: Flask) -> None:
    folder = Path(app.static_folder or "static")

    @lru_cache(maxsize=1000)  # a page asks for dozens, and building an address costs more than drawing a tile
    def asset(name: str) -> str:
        return url_for("static", filename=name, v=_version(folder / name))

    def max_age(filename: str | None) -> int:
        versioned = "v" in request.args or (filename or "").startswith("vendor/")  # vendor's folders carry versions
        return YEAR_SECONDS if versioned else HOUR_SECONDS

    app.get_send_file_max_age = max_age  # type: ignore[method-assign]
    app.jinja_env.globals["asset"] = asset
    _serve_minified_sheets(app, folder)


def _add_foot(app: Flask) -> None:
    @lru_cache(maxsize=10)  # the same on every page for everybody: only the language changes it
    def draw(language: str, root: str) -> Markup:
        return Markup(get_template_attribute("parts/foot.html", "links")())  # noqa: S704 a macro's output

    app.jinja_env.globals["foot_links"] = lambda: draw(languages.current_language(), request.script_root)


def plug(app: Flask) -> None:
    """Give templates `asset` and the foot of every page."""
    _add_static_files(app)
    _add_foot(app)
