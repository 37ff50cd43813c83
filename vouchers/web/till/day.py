"""What this shop's tills took today: list, sum, void, receipt."""

from typing import Any
from uuid import UUID, uuid4

from flask import Response, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from foundation.clock import today as business_day
from foundation.config import settings
from foundation.errors import DomainError, NotFound
from foundation.languages import _
from vouchers import queries, receipts, redeeming
from vouchers.web.till.blueprint import till


@till.get("/heute")
def today() -> str:
    """Today's redemptions of this till, or with `alle` of the whole shop, and their sum."""
    whole = request.args.get("alle") == "1"
    standing = g.standing
    taken = queries.day_of(standing.till.outlet_id, till_id=None if whole else standing.till.id)
    return render_template(
        "vouchers/till/day/today.html",
        taken=taken,
        whole=whole,
        day=business_day(),
        total=sum(line.net for line in taken),
        key=lambda: str(uuid4()),
    )


@till.post("/storno/<uuid:redemption_id>")
def void(redemption_id: UUID) -> Answer:
    """Take a redemption of today back, with a reason."""
    reason = " ".join(request.form.get("reason", "").split())[:200]
    if not reason or not reason.isprintable():
        flash(_("Bitte geben Sie einen Grund für das Storno an."), "bad")
        return redirect(url_for("till.today"))
    try:
        answer = redeeming.void(
            g.standing.bearer,
            redemption_id,
            key=request.form.get("key", "")[:64] or str(uuid4()),
            reason=reason,
            staff_id=g.standing.staff.id,
        )
    except DomainError as error:
        flash(str(error.sentence), "bad")
    else:
        left = receipts.euro(answer.body["remaining"])
        flash(_("Storniert. Auf dem Gutschein sind jetzt wieder %(left)s.", left=left), "ok")
    return redirect(url_for("till.today"))


@till.get("/beleg/<uuid:redemption_id>")
def receipt(redemption_id: UUID) -> str:
    """The receipt to print. Every call after the first screen is a copy and says so."""
    answer, voided = _stored(redemption_id)
    return render_template(
        "vouchers/till/day/receipt.html", answer=answer, voided=voided, when=receipts.when(answer), note=receipts.note()
    )


@till.get("/beleg/<uuid:redemption_id>.txt")
def receipt_text(redemption_id: UUID) -> Response:
    """The same in 80 columns."""
    answer, voided = _stored(redemption_id)
    text = receipts.text(answer, hotline=settings().hotline, copy=True, voided=voided)
    return Response(text, content_type="text/plain; charset=utf-8")


def _stored(redemption_id: UUID) -> tuple[dict[str, Any], bool]:
    found = queries.redemption_of(g.standing.till.outlet_id, redemption_id)
    if found is None or found.answer is None:
        raise NotFound(_("Diesen Beleg gibt es hier nicht."))
    return found.answer, queries.is_voided(found)
