"""Pages of the house itself: health, figures, language, the style page."""

from flask import Blueprint, Response, render_template

from foundation import languages
from foundation.web import health


def allow_everyone() -> None:
    """The guard of pages that are for everyone."""


def language(code: str) -> Response:
    """Choose a language and go back."""
    return languages.choose_language(code)


def style() -> str:
    """Every component on one page, for those who build pages."""
    return render_template("foundation/house/style.html")


def routes(blueprint: Blueprint) -> None:
    """Add the addresses of these pages to their blueprint."""
    blueprint.add_url_rule("/healthz", view_func=health.report_alive)
    blueprint.add_url_rule("/readyz", view_func=health.report_ready)
    blueprint.add_url_rule("/metrics", view_func=health.report_metrics)
    blueprint.add_url_rule("/sprache/<code>", view_func=language)
    blueprint.add_url_rule("/stil", view_func=style)
