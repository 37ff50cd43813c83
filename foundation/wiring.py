"""How packages plug in: audiences (a blueprint with its guard), navigation, and what the foundation itself adds."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby
from pathlib import Path

from flask import Blueprint, Flask, get_template_attribute, request, url_for
from markupsafe import Markup

from foundation import commands, database, http, languages, logs, models, security
from foundation.config import settings
from foundation.web import house

Guard = Callable[[], None]


def audience(name: str, import_name: str, *, guard: Guard, url_prefix: str | None = None) -> Blueprint:
    """A blueprint for one audience. Its guard runs before every view and raises when the visitor may not enter."""
    blueprint = Blueprint(name, import_name, url_prefix=url_prefix)
    blueprint.before_request(guard)
    blueprint.guard = guard  # type: ignore[attr-defined]
    return blueprint


@lru_cache(maxsize=500)  # every page asks for each of them several times
def _address(endpoint: str, root: str) -> str:
    return url_for(endpoint)


@dataclass(frozen=True)
class Entry:
    """One place in a navigation."""

    endpoint: str
    label: object
    order: int
    permission: str | None = None
    group: object = ""
    note: object = ""
    symbol: str = "chevron-right"


@dataclass(frozen=True)
class Link:
    """An entry as a page shows it. `active`: the visitor is there, or somewhere below it and below no other entry."""

    url: str
    label: object
    active: bool
    group: object = ""
    note: object = ""
    symbol: str = "chevron-right"


@dataclass
class Navigation:
    """What the layouts link to; filled by the packages, shown to those who may go there."""

    entries: dict[str, list[Entry]] = field(default_factory=dict)
    may: Callable[[str], bool] = field(default=lambda permission: False)

    def add(
        self,
        place: str,
        endpoint: str,
        label: object,
        *,
        order: int,
        permission: str | None = None,
        group: object = "",
        note: object = "",
        symbol: str = "chevron-right",
    ) -> None:
        """Add an entry to `main`, `desk`, `office`, `account`, `counter` or `footer`. The same endpoint is added once.

        Orders keep a group together; `note` says in a few words what is there.
        """
        known = self.entries.setdefault(place, [])
        if all(entry.endpoint != endpoint for entry in known):
            known.append(Entry(endpoint, label, order, permission, group, note, symbol))
            known.sort(key=lambda entry: entry.order)

    def __call__(self, place: str) -> list[Link]:
        """The entries of a place that this visitor may open."""
        shown = [e for e in self.entries.get(place, []) if e.permission is None or self.may(e.permission)]
        urls = [url_for(e.endpoint) for e in shown]
        above = [u for u in urls if request.path == u or request.path.startswith(u.rstrip("/") + "/")]
        here = max(above, key=len, default=None)
        return [Link(url, e.label, url == here, e.group, e.note, e.symbol) for url, e in zip(urls, shown, strict=True)]

    def groups(self, place: str) -> list[tuple[str, list[Link]]]:
        """The same entries under the names of their groups."""
        return [(name, list(links)) for name, links in groupby(self(place), key=lambda link: str(link.group))]


navigation = Navigation()


@lru_cache(maxsize=1000)
def _version(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10] if path.is_file() else "0"


def _static(app: Flask) -> None:
    folder = Path(app.static_folder or "static")

    @lru_cache(maxsize=1000)  # a page asks for dozens, and building an address costs more than drawing a tile
    def asset(name: str) -> str:
        return url_for("static", filename=name, v=_version(folder / name))

    def age(filename: str | None) -> int:
        told = request.args.get("v") or (filename or "").startswith("vendor/")  # vendor's folders carry versions
        return 365 * 86400 if told else 3600

    app.get_send_file_max_age = age  # type: ignore[method-assign]
    app.jinja_env.globals["asset"] = asset


def _foot(app: Flask) -> None:
    @lru_cache(maxsize=10)  # the same on every page for everybody: only the language changes it
    def drawn(language: str, root: str) -> Markup:
        return Markup(get_template_attribute("parts/foot.html", "links")())  # noqa: S704 a macro's output

    app.jinja_env.globals["foot_links"] = lambda: drawn(languages.current_language(), request.script_root)


def plug(app: Flask) -> None:
    """Everything that has no word of the trade."""
    chosen = settings()
    logs.plug()
    database.plug(app)
    http.plug(app)
    security.plug(app)
    languages.plug(app)
    commands.plug(app)
    _static(app)
    _foot(app)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        navigation=navigation,
        settings_public={
            "region": chosen.region_name,
            "hotline": chosen.hotline,
            "demo": chosen.demo,
            "base_url": chosen.base_url,
        },
    )
    house_pages = audience("house", __name__, guard=house.everyone)
    house.routes(house_pages)
    app.register_blueprint(house_pages)
    assert models
