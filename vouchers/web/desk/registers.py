"""The retailer's desk: cash systems that use the interface, with their tokens."""

from flask import render_template

from foundation.wiring import audience
from people.web.guards import current_outlets, requires
from vouchers import tills

PERMISSION = "tills.manage"

desk = audience("desk_registers", __name__, guard=requires(PERMISSION), url_prefix="/desk/kassensysteme")


@desk.get("")
def registers() -> str:
    """What cash systems there are at every shop of this retailer."""
    shops = [(outlet, tills.tills_of(outlet.id)) for outlet in current_outlets(PERMISSION)]
    return render_template("vouchers/desk/registers/registers.html", shops=shops)
