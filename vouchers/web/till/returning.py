"""Giving back: find the redemption by receipt, void code or day, say how much and why; the value goes back to its lots.

On the same day everybody at the till may; later only who leads it (vouchers.md, 36 to 40).
"""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from flask import g, render_template, request

from foundation.clock import today
from foundation.config import settings
from foundation.errors import Busy, DomainError, Invalid
from foundation.forms import accept_fields
from foundation.http import status_of
from foundation.languages import _
from money import amount
from vouchers.tills import errors, receipts, redeeming
from vouchers.tills.redemption_log import MAX_FOUND_REDEMPTIONS, LoggedRedemption
from vouchers.web.fields import read_refusal
from vouchers.web.till import form_input, mode
from vouchers.web.till.blueprint import require_lead, till
from vouchers.web.till.errors import late_refund_for_lead_only


@till.get("/rueckgabe")
def search() -> str | tuple[str, int]:
    """Find a redemption of this shop: by the number of the receipt, by void code, or by day."""
    words = " ".join(request.args.get("suche", "").split())[:60]
    try:
        day = date.fromisoformat(request.args["tag"]) if request.args.get("tag") else None
    except ValueError:
        sentence = _("Bitte wählen Sie einen gültigen Tag.")
        return render_template(
            "vouchers/till/returning/search.html", found=[], words=words, day="", error=sentence
        ), 422
    found = _load_redemption(words, day)
    return render_template(
        "vouchers/till/returning/search.html", found=found[:MAX_FOUND_REDEMPTIONS], words=words, day=day, error=None
    )


@till.get("/rueckgabe/<uuid:redemption_id>")
def ask(redemption_id: UUID, errors: dict[str, object] | None = None, key: str | None = None) -> str:
    """Ask how much is given back, and why."""
    return render_template(
        "vouchers/till/returning/ask.html",
        line=_load_line(redemption_id),
        late=_is_late(_load_line(redemption_id)),
        key=key or str(uuid4()),
        errors=errors or {},
        values=request.form,
    )


@till.post("/rueckgabe/<uuid:redemption_id>")
@accept_fields("amount", "key", "reason")
def refund(redemption_id: UUID) -> str | tuple[str, int]:
    """Give a part of a redemption back to its voucher."""
    line = _load_line(redemption_id)
    try:
        key = form_input.read_key()
    except Invalid as error:
        return ask(redemption_id, read_refusal(error)), 422
    try:
        if _is_late(line):
            require_lead(late_refund_for_lead_only())
        cents = amount.parse(request.form.get("amount", ""), maximum=redeeming.MAX_REDEMPTION_CENTS)
        answer = mode.till_service().refund(
            g.till_session.bearer,
            redemption_id,
            cents=cents,
            key=key,
            reason=form_input.read_reason(),
            staff_id=g.till_session.staff.id,
        )
    except (errors.InProgress, Busy) as error:
        return ask(redemption_id, {"form": str(error.sentence)}, key), status_of(error)
    except DomainError as error:
        return ask(redemption_id, {str(error.details.get("field", "form")): _explain(error)}), status_of(error)
    return render_template(
        "vouchers/till/returning/refund.html", answer=answer.body, line=line, sheet=_make_sheet(answer.body, line)
    )


@till.get("/rueckgabe/<uuid:redemption_id>/beleg")
def return_receipt(redemption_id: UUID) -> str:
    """Show the receipts of what was given back, the newest first; copies, and marked so."""
    line = _load_line(redemption_id)
    given_back = mode.redemption_log().returns_of(g.till_session.till.outlet_id, redemption_id)
    sheets = [_make_sheet(answer, line, copy=True) for answer in reversed(given_back)]
    return render_template("vouchers/till/returning/return_receipt.html", line=line, sheets=[s for s in sheets if s])


def _load_redemption(words: str, day: date | None) -> list[LoggedRedemption]:
    place, books = g.till_session.till.outlet_id, mode.redemption_log()
    if not words:
        return books.of_day(place, day) if day else []
    found = [*books.under(place, words), *books.by_void_code(place, words)]
    unique = {line.id: line for line in found if day is None or line.booked_on == day}
    return sorted(unique.values(), key=lambda line: line.recorded_at, reverse=True)


def _load_line(redemption_id: UUID) -> LoggedRedemption:
    found = mode.redemption_log().one(g.till_session.till.outlet_id, redemption_id)
    if found is None:
        raise errors.redemption_unknown()
    return found


def _is_late(line: LoggedRedemption) -> bool:
    return line.booked_on < today()


def _explain(error: DomainError) -> str:
    left = error.details.get("returnable_cents")
    if error.code == "more_than_redeemed" and isinstance(left, int):
        return _("Von dieser Einlösung lassen sich noch %(left)s zurückgeben.", left=amount.euro(left))
    if error.code == "key_reused":
        return _("Unter diesem Vorgang wurde schon etwas anderes zurückgegeben. Bitte sehen Sie unten nach.")
    return str(error.sentence)


def _make_sheet(answer: dict[str, Any], line: LoggedRedemption, *, copy: bool = False) -> receipts.ReceiptSheet | None:
    if line.answer is None or "receipt" not in line.answer:
        return None
    return receipts.make_return_sheet(
        answer, line.answer, hotline=settings().hotline, copy=copy, practice=g.till_session.practice
    )
