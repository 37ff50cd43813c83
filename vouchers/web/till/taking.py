"""Scan, amount, green or red. Works with plain forms; the script adds the camera, the keypad and the patience."""

from typing import Any
from uuid import uuid4

from flask import g, jsonify, render_template, request
from flask.wrappers import Response

from foundation.errors import Busy, DomainError, Invalid
from foundation.http import status_of
from foundation.languages import _
from foundation.security import scanning_page
from money import amount
from vouchers import codes, receipts, redeeming
from vouchers.web.till.blueprint import till


@till.get("/scannen")
def scan(error: str | None = None) -> str:
    """The camera, and a field for the keyboard scanner or the typed code."""
    scanning_page()
    return render_template("vouchers/till/taking/scan.html", error=error)


@till.post("/gutschein")
def look() -> str | tuple[str, int]:
    """What was presented: programme and balance, and the amount to take."""
    presented = _presented()
    if codes.looks_like_code(presented) and codes.read_code(presented) is None:
        return scan(_("Da ist ein Tippfehler im Code. Bitte vergleichen Sie ihn Zeichen für Zeichen.")), 422
    try:
        found = redeeming.look(g.standing.bearer, presented)
    except DomainError as error:
        return _red(error)
    return _amount(presented, found, str(uuid4()))


@till.post("/einloesen")
def redeem() -> str | tuple[str, int]:
    """Take the amount. The form carries its key, so that sending it again takes nothing twice."""
    presented, key = _presented(), request.form.get("key", "")[:64]
    receipt_no = request.form.get("receipt_no", "").strip()[:60] or None
    try:
        cents = amount.parse(request.form.get("amount", ""), most=redeeming.MOST_CENTS)
    except Invalid as error:
        found = redeeming.look(g.standing.bearer, presented)
        return _amount(presented, found, key, str(error.sentence)), 422
    if len(key) < 8 or not key.isascii() or not (receipt_no or "x").isprintable():
        return _red(Invalid(_("Bitte beginnen Sie noch einmal mit dem Scannen.")))
    try:
        answer = redeeming.redeem(
            g.standing.bearer, presented, cents=cents, key=key, staff_id=g.standing.staff.id, receipt_no=receipt_no
        )
    except (redeeming.InProgress, Busy):
        return _wait(presented, key, cents, receipt_no), 503
    except DomainError as error:
        return _red(error, presented=presented, wanted=cents)
    return _green(answer.body)


@till.get("/schluessel/<key>")
def result(key: str) -> str | tuple[str, int] | Response:
    """What became of a key whose answer never arrived: the same screen as it would have shown."""
    wants_json = request.accept_mimetypes.best == "application/json"
    try:
        found = redeeming.by_key(g.standing.bearer, key[:64])
    except DomainError as error:
        return (jsonify(state="not_found"), 404) if wants_json else _red(error)  # type: ignore[return-value]
    if wants_json:
        return jsonify(state="found", outcome=found["outcome"])
    if found["outcome"] != "done" or "redemption" not in found:
        return render_template("vouchers/till/taking/declined.html")
    return _green(found["redemption"])


def _presented() -> str:
    text = request.form.get("presented", "").strip()[: codes.LONGEST + 1]
    return text if text.isprintable() else "?"


def _amount(presented: str, found: dict[str, Any], key: str, error: str | None = None) -> str:
    wanted = request.form.get("amount", "") if error else ""
    return render_template(
        "vouchers/till/taking/look.html", presented=presented, found=found, key=key, error=error, wanted=wanted
    )


def _green(answer: dict[str, Any]) -> str:
    return render_template("vouchers/till/taking/redeem.html", answer=answer, when=receipts.when(answer))


def _red(error: DomainError, presented: str | None = None, wanted: int | None = None) -> tuple[str, int]:
    remaining = error.details.get("remaining")
    return render_template(
        "vouchers/till/taking/refused.html",
        sentence=error.sentence,
        code=error.code,
        programme=error.details.get("programme"),
        remaining=remaining if isinstance(remaining, int) else None,
        missing=wanted - remaining if wanted and isinstance(remaining, int) else None,
        presented=presented,
        key=str(uuid4()),
    ), status_of(error)


def _wait(presented: str, key: str, cents: int, receipt_no: str | None) -> str:
    return render_template(
        "vouchers/till/taking/wait.html",
        presented=presented,
        key=key,
        wanted=amount.plain(cents),
        receipt_no=receipt_no,
    )
