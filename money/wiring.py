"""How this package plugs into the application."""

from flask import Flask

from money import amount, commands
from money.law import models as law_models
from money.ledger import checks, explaining, invariants
from money.ledger import models as ledger_models


def plug(app: Flask) -> None:
    """Register tables, pages, commands and jobs."""
    assert law_models
    assert ledger_models
    assert checks
    invariants.plug()
    explaining.plug()
    app.cli.add_command(commands.money)
    app.jinja_env.filters["euro"] = amount.euro
