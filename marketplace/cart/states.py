"""What can have become of a line since the shopper put it into the basket."""

from enum import StrEnum


class Trouble(StrEnum):
    """Why a line cannot be ordered as it is."""

    GONE = "gone"  # sold out, hidden, or the shop hands nothing over any more
    STOCK = "stock"  # fewer pieces are left than are in the basket
    PRICE = "price"  # it costs more now; a price that fell is no trouble
