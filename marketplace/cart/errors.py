"""What baskets refuse: each code and its sentence once."""

from foundation.errors import Invalid, NotFound, Refused
from foundation.languages import _


def quantity_not_valid() -> Invalid:
    """Ask for a quantity of 1 to 99."""
    return Invalid(_("Bitte geben Sie eine Menge von 1 bis 99 an."), "quantity_not_valid", field="quantity")


def cart_unknown() -> NotFound:
    """Say that there is no such basket, or that it was ordered."""
    return NotFound(_("Diesen Warenkorb gibt es nicht mehr."), "cart_unknown")


def cart_closed() -> Refused:
    """Say that the basket became an order."""
    return Refused(_("Dieser Warenkorb ist schon bestellt."), "cart_closed")


def cart_being_paid() -> Refused:
    """Say that a basket stays as it is while its payment is under way."""
    return Refused(
        _("Für diesen Warenkorb läuft eine Zahlung. Bringen Sie sie bitte zu Ende oder brechen Sie sie ab."),
        "cart_being_paid",
    )


def offer_unknown() -> NotFound:
    """Say that there is no such offer."""
    return NotFound(_("Dieses Angebot gibt es nicht (mehr)."), "offer_unknown")


def offer_not_sold() -> Refused:
    """Say that the offer is hidden, or its shop does not hand over."""
    return Refused(_("Dieses Angebot kann gerade nicht bestellt werden."), "offer_not_sold")


def offer_missing() -> Invalid:
    """Ask for one of the variants."""
    return Invalid(_("Bitte wählen Sie eine Ausführung."), "offer_missing", field="offer_id")


def line_unknown() -> NotFound:
    """Say that the line is not in this basket."""
    return NotFound(_("Das liegt nicht (mehr) in Ihrem Warenkorb."), "line_unknown")


def sold_out(name: str) -> Refused:
    """Say that no piece is left."""
    return Refused(_("„%(name)s“ ist gerade nicht da.", name=name), "sold_out", left=0)


def cart_full() -> Refused:
    """Say that a basket has 50 lines at most."""
    return Refused(_("In den Warenkorb passen 50 verschiedene Artikel. Bitte bestellen Sie diese zuerst."), "cart_full")
