"""Did it work? The clear answer for a receipt's number, with what was taken under it."""

from flask import g, render_template, request

from foundation.clock import today
from foundation.errors import Invalid
from foundation.languages import _
from vouchers.tills.redemption_log import LoggedRedemption
from vouchers.web.till import form_input, mode
from vouchers.web.till.blueprint import till


@till.get("/geklappt")
def receipt_status() -> str | tuple[str, int]:
    """Show what was redeemed under a receipt's number: today's, and what was before."""
    asked = "suche" in request.args
    number: str | None = None
    error: str | None = None
    found: list[LoggedRedemption] = []
    try:
        number = form_input.read_receipt_no("suche")
        found = mode.redemption_log().under(g.till_session.till.outlet_id, number) if number else []
        if asked and not number:
            error = _("Bitte geben Sie die Belegnummer ein.")
    except Invalid as refused:
        error = str(refused.sentence)
    here = [line for line in found if line.booked_on == today()]
    page = render_template(
        "vouchers/till/receipt_status/receipt_status.html",
        number=number,
        error=error,
        here=here,
        redeemed_cents=sum(line.net for line in here),
        before=[line for line in found if line.booked_on < today()],
    )
    return (page, 422) if error else page
