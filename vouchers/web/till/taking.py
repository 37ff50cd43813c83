"""Scan, amount, green or red. Works with plain forms; the script adds the camera, the keypad and the patience."""

from typing import Any
from uuid import uuid4

from flask import g, jsonify, redirect, render_template, request, url_for
from flask.wrappers import Response
from werkzeug.wrappers import Response as Answer

from foundation.errors import Busy, DomainError, Invalid, NotFound
from foundation.forms import accept_fields
from foundation.http import status_of
from foundation.languages import _
from foundation.security import allow_scanning
from money import amount
from vouchers.stored_value import codes
from vouchers.stored_value.states import Outcome
from vouchers.tills import errors, receipts, redeeming
from vouchers.tills.redeeming import RedemptionOrder
from vouchers.wallet import sealed_note
from vouchers.web.till import form_input, mode
from vouchers.web.till.blueprint import till
from vouchers.web.till.errors import more_than_missing, taken_before_practice
from vouchers.web.till.split_receipt import SplitReceipt, load_split_receipt, make_receipt_no, read_split_receipt


@till.get("/scannen")
def scan(error: str | None = None) -> str:
    """Show camera and a field for a keyboard scanner or typed code; for one voucher or the next of a bill."""
    allow_scanning()
    return render_template(
        "vouchers/till/taking/scan.html", errors={"presented": error} if error else {}, bill=read_split_receipt()
    )


@till.post("/gutschein")
@accept_fields("presented", "receipt_no", "total")
def look() -> str | tuple[str, int] | Answer:
    """What was presented: programme and balance, and the amount to take."""
    presented, bill = form_input.read_presented(), read_split_receipt()
    if bill and not bill.missing:
        return redirect(url_for("till.state", **bill.query))
    if not presented:
        return scan(_("Bitte geben Sie den Code des Gutscheins ein.")), 422
    if codes.looks_like_code(presented) and codes.read_code(presented) is None:
        return scan(_("Da ist ein Tippfehler im Code. Bitte vergleichen Sie ihn Zeichen für Zeichen.")), 422
    try:
        found = mode.look(presented)
    except DomainError as error:
        return _show_refusal(error, bill)
    return _ask_amount(presented, found, str(uuid4()), bill)


@till.post("/einloesen")
@accept_fields("presented", "amount", "key", "receipt_no", "total", "client_time")
def redeem() -> str | tuple[str, int]:
    """Take the amount. The form carries its key, so that sending it again takes nothing twice."""
    presented, bill = form_input.read_presented(), read_split_receipt()
    try:
        key, receipt_no = form_input.read_key(), form_input.read_receipt_no()
    except Invalid as error:
        return _show_refusal(error, bill)
    if mode.was_taken_before_practice(key):
        raise taken_before_practice()
    try:
        cents = amount.parse(request.form.get("amount", ""), maximum=redeeming.MAX_REDEMPTION_CENTS)
        if bill and cents > bill.missing and not _is_used(key):
            raise more_than_missing(bill.missing)
    except Invalid as error:
        return _ask_again(presented, key, bill, str(error.sentence))
    try:
        order = RedemptionOrder(
            presented,
            cents,
            key,
            staff_id=g.till_session.staff.id,
            receipt_no=receipt_no,
            basket_cents=bill.total if bill else None,
            client_time=form_input.read_client_time(),
        )
        answer = mode.till_service().redeem(g.till_session.bearer, order)
    except (errors.InProgress, Busy):
        return _show_waiting(presented, key, cents, receipt_no, bill), 503
    except DomainError as error:
        return _show_refusal(error, bill, presented=presented, requested_cents=cents, receipt_no=receipt_no)
    return _show_taken(answer.body, load_split_receipt(bill.receipt_no, bill.total) if bill else None)


@till.get("/schluessel/<key>")
def result(key: str) -> str | tuple[str, int] | Response:
    """Show what became of a key whose answer never arrived: the same screen as it would have shown.

    Only a key that was never used is `not_found`: of what cannot be asked now nobody says that nothing was taken.
    """
    wants_json = request.accept_mimetypes.best == "application/json"
    key = key[: form_input.MAX_KEY_CHARACTERS]
    if mode.was_taken_before_practice(key):
        if wants_json:
            return jsonify(state="found", outcome=Outcome.DONE)
        raise taken_before_practice()
    try:
        found = mode.till_service().find_by_key(g.till_session.bearer, key)
    except NotFound as error:
        return (jsonify(state="not_found"), 404) if wants_json else _show_refusal(error)  # type: ignore[return-value]
    if wants_json:
        return jsonify(state="found", outcome=found["outcome"])
    if found["outcome"] != "done" or "redemption" not in found:
        return render_template("vouchers/till/taking/declined.html")
    return _show_taken(found["redemption"])


def _is_used(key: str) -> bool:
    """Whether this key was used: then its first answer is told again, whatever is missing now."""
    try:
        mode.till_service().find_by_key(g.till_session.bearer, key)
    except NotFound:
        return False
    return True


def _ask_again(presented: str, key: str, bill: SplitReceipt | None, sentence: str) -> tuple[str, int]:
    try:
        return _ask_amount(presented, mode.look(presented), key, bill, sentence), 422
    except DomainError as error:
        return _show_refusal(error, bill)


def _ask_amount(
    presented: str, found: dict[str, Any], key: str, bill: SplitReceipt | None, error: str | None = None
) -> str:
    most = min(found["remaining_cents"], bill.missing) if bill else found["remaining_cents"]
    wanted = request.form.get("amount", "") if error else amount.plain(most) if bill else ""
    return render_template(
        "vouchers/till/taking/look.html",
        presented=sealed_note.seal(presented),
        found=found,
        key=key,
        errors={"amount": error} if error else {},
        wanted=wanted,
        most=most,
        bill=bill,
    )


def _show_taken(answer: dict[str, Any], bill: SplitReceipt | None = None) -> str:
    return render_template(
        "vouchers/till/taking/redeem.html",
        answer=answer,
        when=receipts.read_redeemed_at(answer),
        bill=bill,
        key=str(uuid4()),
    )


def _show_refusal(
    error: DomainError,
    bill: SplitReceipt | None = None,
    *,
    presented: str | None = None,
    requested_cents: int | None = None,
    receipt_no: str | None = None,
) -> tuple[str, int]:
    """The refusal. When too little is left, the rest is offered, and what stays missing becomes a bill."""
    remaining = error.details.get("remaining_cents") if error.code == Outcome.INSUFFICIENT else None
    short = isinstance(remaining, int) and requested_cents is not None and remaining < requested_cents
    return render_template(
        "vouchers/till/taking/refused.html",
        sentence=error.sentence,
        advice=_advise(error),
        remaining=remaining if isinstance(remaining, int) else None,
        missing=requested_cents - remaining if short and requested_cents and isinstance(remaining, int) else None,
        presented=presented,
        bill=bill,
        total=bill.total if bill else requested_cents,
        receipt_no=bill.receipt_no if bill else receipt_no or make_receipt_no(),
        key=str(uuid4()),
    ), status_of(error)


def _advise(error: DomainError) -> str:
    """Say what the refusal means for the drawer, and what to do next."""
    match error.code:
        case Outcome.OUTSIDE_NETWORK:
            nothing = _("Es wurde nichts abgebucht. Wo er gilt, steht auf der Seite des Gutscheins.")
            return ": ".join(filter(None, (str(error.details.get("programme") or ""), nothing)))
        case errors.NOT_REDEEMABLE.code if not g.till_session.practice:
            return _("Es wurde nichts abgebucht. Bitte scannen Sie noch einmal oder vergleichen Sie den Code.")
        case Outcome.KEY_REUSED:
            return _(
                "Unter diesem Vorgang wurde schon ein anderer Betrag angefragt. Bitte sehen Sie unter „Heute“ nach."
            )
    return _("Es wurde nichts abgebucht.")


def _show_waiting(presented: str, key: str, cents: int, receipt_no: str | None, bill: SplitReceipt | None) -> str:
    return render_template(
        "vouchers/till/taking/wait.html",
        presented=presented,
        key=key,
        wanted=amount.plain(cents),
        receipt_no=receipt_no,
        bill=bill,
    )
