"""How this package plugs into the application."""

from flask import Flask

from money.ledger import models as ledger_models


def plug(app: Flask) -> None:
    """Register tables, pages, commands and jobs."""
    assert ledger_models
