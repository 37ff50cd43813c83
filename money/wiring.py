"""How this package plugs into the application."""

from flask import Flask


def plug(app: Flask) -> None:
    """Register tables, pages, commands and jobs."""
