"""How packages plug in: what each adds is a table (`Package`), and what the foundation itself adds is here too."""

from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import click
from flask import Blueprint, Flask

from foundation import assets, commands, database, http, languages, logs, models, request_log, security, templates
from foundation.config import settings
from foundation.navigation import MenuEntry, navigation
from foundation.web import house

__all__ = ["MenuEntry", "Package", "audience", "navigation"]

Guard = Callable[[], None]


def audience(name: str, import_name: str, *, guard: Guard, url_prefix: str | None = None) -> Blueprint:
    """Make a blueprint for one audience. Its guard runs before every view and raises when the visitor may not enter."""
    blueprint = Blueprint(name, import_name, url_prefix=url_prefix)
    blueprint.before_request(guard)
    blueprint.guard = guard  # type: ignore[attr-defined]
    return blueprint


@dataclass(frozen=True)
class Package:
    """What a package, or a room of it, adds to the application.

    `modules` are those whose import is all they need: tables, jobs, and views that lie beside their blueprint.
    """

    modules: tuple[ModuleType, ...] = ()
    pages: tuple[Blueprint, ...] = ()
    menu: tuple[MenuEntry, ...] = ()
    commands: tuple[click.Command, ...] = ()
    filters: dict[str, Callable[..., Any]] = field(default_factory=dict)

    def plug(self, app: Flask) -> None:
        """Register all of it."""
        for blueprint in self.pages:
            app.register_blueprint(blueprint)
        for command in self.commands:
            app.cli.add_command(command)
        navigation.extend(self.menu)
        app.jinja_env.filters.update(self.filters)


def plug(app: Flask) -> None:
    """Add everything that has no word of the trade."""
    chosen = settings()
    logs.plug()
    for part in (database, request_log, http, security, languages, commands, templates, assets):
        part.plug(app)
    app.jinja_env.globals.update(
        navigation=navigation,
        settings_public={
            "region": chosen.region_name,
            "hotline": chosen.hotline,
            "demo": chosen.demo,
            "base_url": chosen.base_url,
        },
    )
    house_pages = audience("house", __name__, guard=house.allow_everyone)
    house.routes(house_pages)
    Package(modules=(models,), pages=(house_pages,)).plug(app)
