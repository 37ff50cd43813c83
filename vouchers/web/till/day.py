"""What this shop's tills took: the day's list, void, the day's closing."""

from datetime import date
from uuid import UUID, uuid4

from flask import Response, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from foundation.clock import today as business_day
from foundation.errors import DomainError, Invalid
from foundation.forms import accept_fields
from foundation.http import status_of
from foundation.languages import _
from money import amount
from vouchers.web import closing
from vouchers.web.fields import place, read_refusal
from vouchers.web.till import form_input, mode
from vouchers.web.till.blueprint import till


@till.get("/heute")
def today(errors: dict[str, object] | None = None) -> str:
    """Today's redemptions of this till, or with `alle` of the whole shop, and their sum."""
    whole = request.args.get("alle") == "1"
    place = g.till_session.till
    taken = mode.redemption_log().of_day(place.outlet_id, till_id=None if whole else place.id)
    return render_template(
        "vouchers/till/day/today.html",
        taken=taken,
        whole=whole,
        day=business_day(),
        total=sum(line.net for line in taken),
        key=lambda: str(uuid4()),
        errors=errors or {},
        values=request.form,
    )


@till.post("/storno/<uuid:redemption_id>")
@accept_fields("key", "reason")
def void(redemption_id: UUID) -> Answer | tuple[str, int]:
    """Take a redemption of today back, with a reason."""
    try:
        reason = form_input.read_reason()
        key = request.form.get("key", "")[: form_input.MAX_KEY_CHARACTERS] or str(uuid4())
        answer = mode.till_service().void(
            g.till_session.bearer, redemption_id, key=key, reason=reason, staff_id=g.till_session.staff.id
        )
    except Invalid as error:
        return today(place(read_refusal(error), {"reason": f"reason-{redemption_id}"})), status_of(error)
    except DomainError as error:
        flash(str(error.sentence), "bad")
    else:
        left = amount.euro(answer.body["remaining_cents"])
        flash(_("Storniert. Auf dem Gutschein sind jetzt wieder %(left)s.", left=left), "ok")
    return redirect(url_for("till.today"))


@till.get("/abschluss")
def close() -> str | tuple[str, int] | Response:
    """Show the day's closing, to lie beside the register's Z report: this till, or with `alle` the whole shop."""
    try:
        day = date.fromisoformat(request.args["tag"]) if request.args.get("tag") else business_day()
    except ValueError:
        day = business_day()
    whole, place = request.args.get("alle") == "1", g.till_session.till
    lines = mode.redemption_log().sums(place.outlet_id, day, None if whole else place.id)
    if request.args.get("form") == "text":
        return closing.answer_text(closing.write_text(place.outlet.name, day, lines, practice=g.till_session.practice))
    if request.args.get("form") == "csv":
        return closing.answer_csv(closing.write_csv(day, lines), f"gutscheine-{day.isoformat()}")
    return render_template(
        "vouchers/till/day/close.html",
        day=day,
        whole=whole,
        tills=closing.group_by_till(lines),
        total=closing.sum_lines(lines),
    )
