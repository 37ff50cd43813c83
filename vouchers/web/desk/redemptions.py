"""The retailer's desk: what was redeemed on a day, and the day's closing for the register's Z report."""

from datetime import date
from uuid import UUID

from flask import Response, render_template, request

from foundation.clock import today
from foundation.errors import date_not_valid
from foundation.wiring import audience
from people.web.guards import list_current_outlets, require_outlet, requires
from vouchers.tills import redemption_log
from vouchers.web import closing

PERMISSION = "redemptions.see"

desk = audience("desk_redemptions", __name__, guard=requires(PERMISSION), url_prefix="/desk/einloesungen")


@desk.get("")
def redemptions() -> str:
    """Each redemption of a day, by shop, with the sum."""
    day = _day()
    shops = [
        (outlet, redemption_log.LIVE_LOG.of_day(outlet.id, day))
        for outlet in list_current_outlets(PERMISSION, suspended=True)
    ]
    total = sum(line.net for _outlet, lines in shops for line in lines)
    return render_template("vouchers/desk/redemptions/redemptions.html", day=day, shops=shops, total=total)


@desk.get("/abschluss")
def close() -> str:
    """Show the closing of a day by shop, till and programme: what the shop is owed for it."""
    day = _day()
    shops = [
        (outlet, redemption_log.LIVE_LOG.sums(outlet.id, day))
        for outlet in list_current_outlets(PERMISSION, suspended=True)
    ]
    return render_template("vouchers/desk/redemptions/close.html", day=day, shops=shops, total=closing.sum_lines)


@desk.get("/abschluss/<uuid:outlet_id>.<any(csv, txt):form>")
def close_file(outlet_id: UUID, form: str) -> Response:
    """Give the closing of one shop as CSV or in 80 columns."""
    outlet, day = require_outlet(outlet_id, PERMISSION, suspended=True), _day()
    lines = redemption_log.LIVE_LOG.sums(outlet.id, day)
    if form == "txt":
        return closing.answer_text(closing.write_text(outlet.name, day, lines))
    return closing.answer_csv(closing.write_csv(day, lines), f"gutscheine-{outlet.slug}-{day.isoformat()}")


def _day() -> date:
    try:
        return date.fromisoformat(request.args["tag"]) if request.args.get("tag") else today()
    except ValueError as error:
        raise date_not_valid() from error
