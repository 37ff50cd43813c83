"""How this package plugs into the application."""

from flask import Flask

from marketplace.cart import models as cart_models
from marketplace.catalogue import models as catalogue_models
from marketplace.handover import models as handover_models
from marketplace.orders import models as order_models
from marketplace.shops import models as shop_models


def plug(app: Flask) -> None:
    """Register tables, pages, commands and jobs."""
    assert shop_models
    assert catalogue_models
    assert cart_models
    assert handover_models
    assert order_models
