"""The receipt in all its forms: page, 80 columns, JSON, mail, and a link behind a QR code for the customer."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Response, flash, g, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from foundation import links, mail, qr
from foundation.config import settings
from foundation.database import transact
from foundation.errors import DomainError, document_not_here
from foundation.http import status_of
from foundation.languages import _, current_language
from foundation.links import absolute_url
from foundation.security import limit
from foundation.wiring import audience
from people.web.guards import allow_anyone
from vouchers.practice.redemption_log import PRACTICE_LOG
from vouchers.tills import receipts
from vouchers.tills.redemption_log import LIVE_LOG, LoggedRedemption
from vouchers.web.fields import read_refusal
from vouchers.web.till import errors, mode
from vouchers.web.till.blueprint import till

PURPOSE = "receipt"
pages = audience("receipts", __name__, guard=allow_anyone, url_prefix="/beleg")


@dataclass(frozen=True)
class ReceiptView:
    """A stored redemption with its receipt."""

    line: LoggedRedemption
    answer: dict[str, Any]
    sheet: receipts.ReceiptSheet


@till.get("/beleg/<uuid:redemption_id>")
def receipt(redemption_id: UUID) -> str:
    """Show the receipt to print or to take along. Every call after the first screen is a copy and says so."""
    return _show_page(redemption_id, {})


def _show_page(redemption_id: UUID, errors: dict[str, object]) -> str:
    view = _load_view(redemption_id)
    link = absolute_url("receipts.show", signed=_sign(redemption_id))
    return render_template(
        "vouchers/till/receipts/receipt.html",
        view=view,
        link=link,
        picture=qr.draw_svg(link),
        errors=errors,
        values=request.form,
    )


@till.get("/beleg/<uuid:redemption_id>.txt")
def receipt_text(redemption_id: UUID) -> Response:
    """Give the receipt as text in 80 columns, for printers."""
    return Response(receipts.as_text(_load_view(redemption_id).sheet), content_type="text/plain; charset=utf-8")


@till.get("/beleg/<uuid:redemption_id>.json")
def receipt_json(redemption_id: UUID) -> Response:
    """Give the receipt as JSON, for machines."""
    view = _load_view(redemption_id)
    return jsonify(receipts.as_json(view.sheet, view.answer))


@till.post("/beleg/<uuid:redemption_id>/mail")
@limit("5 per minute;60 per day")
def receipt_mail(redemption_id: UUID) -> Answer | tuple[str, int]:
    """The same by mail. The address is used for this letter and kept nowhere: the outbox empties when it is sent."""
    view = _load_view(redemption_id)
    try:
        transact(_write, mail.normalise_address(request.form.get("email", "")), view)
        flash(_("Der Beleg ist unterwegs. Die Adresse wird nicht gespeichert."), "ok")
    except DomainError as error:
        return _show_page(redemption_id, read_refusal(error, {"form": "email"})), status_of(error)
    return redirect(url_for("till.receipt", redemption_id=redemption_id))


@pages.get("/<signed>")
@limit("60 per minute")
def show(signed: str) -> str | Response:
    """Show the receipt for whoever holds the link; it tells no more than the paper."""
    kind, _colon, number = links.unsign(PURPOSE, signed).partition(":")
    books = PRACTICE_LOG if kind == "t" else LIVE_LOG
    outlet_id, _dot, redemption_id = number.partition(".")
    line = books.one(UUID(outlet_id), UUID(redemption_id))
    sheet = _sheet(line, practice=kind == "t") if line else None
    if sheet is None:
        raise errors.receipt_unknown()
    if request.args.get("form") == "text":
        return Response(receipts.as_text(sheet), content_type="text/plain; charset=utf-8")
    return render_template("vouchers/till/receipts/show.html", sheet=sheet, signed=signed)


def _write(address: str, view: ReceiptView) -> None:
    mail.send(
        to=address,
        template="vouchers/receipt",
        subject=_("Ihr Beleg: %(shop)s", shop=view.sheet.shop[0]),
        language=current_language(),
        sheet=view.sheet,
        text=receipts.as_text(view.sheet),
    )


def _sign(redemption_id: UUID) -> str:
    standing = g.till_session
    kind = "t" if standing.practice else "r"
    return links.sign(PURPOSE, f"{kind}:{standing.till.outlet_id}.{redemption_id}")


def _load_view(redemption_id: UUID) -> ReceiptView:
    line = mode.redemption_log().one(g.till_session.till.outlet_id, redemption_id)
    sheet = _sheet(line, practice=g.till_session.practice) if line else None
    if line is None or line.answer is None or sheet is None:
        raise document_not_here()
    return ReceiptView(line, line.answer, sheet)


def _sheet(line: LoggedRedemption, *, practice: bool) -> receipts.ReceiptSheet | None:
    if line.answer is None or "receipt" not in line.answer:
        return None
    return receipts.make_sheet(
        line.answer, hotline=settings().hotline, copy=True, voided=line.voided, practice=practice
    )
