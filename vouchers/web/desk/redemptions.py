"""The retailer's desk: what was redeemed on a day."""

from datetime import date

from flask import render_template, request

from foundation.clock import today
from foundation.errors import Invalid
from foundation.languages import _
from foundation.wiring import audience
from people.web.guards import current_outlets, requires
from vouchers import queries

PERMISSION = "redemptions.see"

desk = audience("desk_redemptions", __name__, guard=requires(PERMISSION), url_prefix="/desk/einloesungen")


@desk.get("")
def redemptions() -> str:
    """Each redemption of a day, by shop, with the sum."""
    try:
        day = date.fromisoformat(request.args["tag"]) if request.args.get("tag") else today()
    except ValueError as error:
        raise Invalid(_("Bitte wählen Sie einen gültigen Tag.")) from error
    shops = [(outlet, queries.day_of(outlet.id, day)) for outlet in current_outlets(PERMISSION)]
    total = sum(line.net for _outlet, lines in shops for line in lines)
    return render_template("vouchers/desk/redemptions/redemptions.html", day=day, shops=shops, total=total)
