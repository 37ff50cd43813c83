"""How this package plugs into the application."""

from flask import Flask

from marketplace.catalogue import models as catalogue_models
from marketplace.shops import models as shop_models


def plug(app: Flask) -> None:
    """Register tables, pages, commands and jobs."""
    assert shop_models
    assert catalogue_models
