"""How this package plugs into the application."""

from flask import Flask

from vouchers import models


def plug(app: Flask) -> None:
    """Register tables, pages, commands and jobs."""
    assert models
