"""Static files with the version of their content in the address, so that browsers may keep them for a year."""

import hashlib
from functools import lru_cache
from pathlib import Path

from flask import Flask, get_template_attribute, request, url_for
from markupsafe import Markup

from foundation import languages

YEAR_SECONDS, HOUR_SECONDS = 365 * 86400, 3600


@lru_cache(maxsize=1000)
def _version(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10] if path.is_file() else "0"


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


def _add_foot(app: Flask) -> None:
    @lru_cache(maxsize=10)  # the same on every page for everybody: only the language changes it
    def draw(language: str, root: str) -> Markup:
        return Markup(get_template_attribute("parts/foot.html", "links")())  # noqa: S704 a macro's output

    app.jinja_env.globals["foot_links"] = lambda: draw(languages.current_language(), request.script_root)


def plug(app: Flask) -> None:
    """Give templates `asset` and the foot of every page."""
    _add_static_files(app)
    _add_foot(app)
